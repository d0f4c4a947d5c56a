package io.swoole.spring.autoconfigure;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * The row of a property in {@code docs/configuration.md}, made of its metadata.
 */
final class PropertyRow {

	private static final String PREFIX = "swoole.server.";

	private static final Map<String, String> TYPES = Map.of("java.lang.Integer", "number", "java.lang.Long", "number",
			"java.lang.Boolean", "boolean", "java.lang.String", "text", "java.lang.Character", "letter",
			"java.time.Duration", "duration", "org.springframework.util.unit.DataSize", "size");

	/** Sentences of descriptions that have columns of their own. */
	private static final Pattern UNIT = Pattern
		.compile(" If a (?:duration|unit) suffix is not specified, (\\w+) are used\\.");

	private static final Pattern DEFAULT = Pattern.compile(" By default (.+?)\\.(?= |$)");

	/** All settings of Swoole that are about the same. */
	private static final Set<String> SWOOLE = Set.of("reactor_num", "worker_num", "task_worker_num", "task_ipc_mode",
			"task_max_request", "task_max_request_grace", "task_enable_coroutine", "message_queue_key", "max_request",
			"max_request_grace", "max_wait_time", "reload_async", "max_connection", "start_session_id", "dispatch_mode",
			"enable_unsafe_event", "discard_timeout_request", "enable_delay_receive", "enable_reuse_port",
			"enable_coroutine", "max_coroutine", "send_yield", "send_timeout", "output_buffer_size", "max_queued_bytes",
			"heartbeat_check_interval", "backlog", "socket_buffer_size", "buffer_high_watermark",
			"buffer_low_watermark", "kernel_socket_recv_buffer_size", "kernel_socket_send_buffer_size",
			"heartbeat_idle_time", "max_idle_time", "open_tcp_nodelay", "tcp_defer_accept", "tcp_fastopen",
			"open_tcp_keepalive", "tcp_keepidle", "tcp_keepinterval", "tcp_keepcount", "tcp_user_timeout",
			"open_eof_check", "open_eof_split", "package_eof", "open_length_check", "package_length_type",
			"package_length_offset", "package_body_offset", "package_length_func", "package_max_length",
			"open_mqtt_protocol", "ssl_allow_self_signed");

	/** What else of Swoole corresponds to a property. */
	private static final Map<String, String> SWOOLE_OTHERWISE = Map.of("host", "`$host`", "port", "`$port`", "mode",
			"`$mode`", "type", "`$sockType`", "listeners", "`listen()`", "socket-send-timeout",
			"`socket_send_timeout`, `socket_write_timeout`", "ssl.bundle", "`ssl_cert_file`, `ssl_key_file`",
			"ssl.client-auth", "`ssl_verify_peer`", "ssl.sni", "`ssl_sni_certs`");

	private final Map<String, Object> metadata;

	PropertyRow(Map<String, Object> metadata) {
		this.metadata = metadata;
	}

	/** The properties that have a setting of Swoole in their rows. */
	static Stream<String> named() {
		return Stream.concat(SWOOLE.stream().map((name) -> name.replace('_', '-')), SWOOLE_OTHERWISE.keySet().stream());
	}

	/** The name below {@code swoole.server}. */
	String name() {
		return ((String) this.metadata.get("name")).substring(PREFIX.length());
	}

	private String typeName() {
		return (String) this.metadata.getOrDefault("type", "");
	}

	private String description() {
		return (String) this.metadata.getOrDefault("description", "");
	}

	private String type() {
		String name = typeName();
		if (name.startsWith("java.util.Map")) {
			return "map";
		}
		if (name.startsWith("java.util.List")) {
			return "list";
		}
		String type = TYPES.get(name);
		if (type != null) {
			return type;
		}
		Object[] constants = ClassUtils.resolveClassName(name, null).getEnumConstants();
		return Arrays.stream((constants != null) ? constants : new Object[] { name })
			.map((constant) -> "`" + constant.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
			.collect(Collectors.joining(", "));
	}

	private String defaultValue() {
		Object value = this.metadata.get("defaultValue");
		if (value != null) {
			String text = (value instanceof Double number) ? String.valueOf(number.longValue()) : value.toString();
			return "`" + text.replace("\r", "\\r").replace("\n", "\\n") + "`";
		}
		String words = find(DEFAULT);
		return (words != null) ? words : "none";
	}

	private String unit() {
		String unit = find(UNIT);
		return (unit != null) ? unit : "";
	}

	private String swoole() {
		String name = name().replace('-', '_');
		return SWOOLE.contains(name) ? "`" + name + "`" : SWOOLE_OTHERWISE.getOrDefault(name(), "–");
	}

	private @Nullable String find(Pattern pattern) {
		Matcher matcher = pattern.matcher(description());
		return matcher.find() ? matcher.group(1) : null;
	}

	private String meaning() {
		String meaning = UNIT.matcher(description()).replaceAll("");
		return (this.metadata.get("defaultValue") != null) ? meaning : DEFAULT.matcher(meaning).replaceAll("");
	}

	@Override
	public String toString() {
		return "| " + String
			.join(" | ", "`" + name() + "`", type(), defaultValue(), unit(), swoole(),
					meaning().replace("\\", "\\\\").replace("|", "\\|"))
			.replace("  ", " ") + " |";
	}

}
