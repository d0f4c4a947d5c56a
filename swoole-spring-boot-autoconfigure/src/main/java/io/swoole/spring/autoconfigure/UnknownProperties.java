package io.swoole.spring.autoconfigure;

import java.beans.PropertyDescriptor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Warns of properties that nothing reads, and says what to use in their stead.
 */
final class UnknownProperties {

	private static final Logger logger = LoggerFactory.getLogger(UnknownProperties.class);

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("swoole.server");

	private static final String LISTENERS = "listeners";

	private static final String SSL = "ssl";

	private static final Map<String, String> SERVER = ofServer();

	private UnknownProperties() {
	}

	/**
	 * Logs a warning for every unknown property below {@code swoole.server}.
	 * @param environment has the properties
	 */
	static void warn(Environment environment) {
		Map<String, Unknown> unknown = new TreeMap<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source instanceof IterableConfigurationPropertySource iterable
					&& !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)) {
				for (ConfigurationPropertyName name : iterable) {
					Unknown found = PREFIX.isAncestorOf(name) ? find(name) : null;
					if (found != null) {
						unknown.putIfAbsent(found.path(), found);
					}
				}
			}
		}
		unknown.values()
			.forEach((found) -> logger.warn("Property '{}' is unknown and has no effect.{}", found.name(),
					advice(found)));
	}

	/**
	 * Looks for the first element of a name that means nothing where it stands. What
	 * follows a property, such as the index of a list or the key of a map, is not looked
	 * at.
	 */
	private static @Nullable Unknown find(ConfigurationPropertyName name) {
		Map<String, String> known = SERVER;
		int position = PREFIX.getNumberOfElements();
		while (position < name.getNumberOfElements()) {
			String setting = name.getElement(position, Form.UNIFORM);
			if (!known.containsKey(setting)) {
				return new Unknown(name, position, known);
			}
			if (setting.equals(SSL)) {
				known = Listeners.SSL;
				position++;
			}
			else if (setting.equals(LISTENERS) && position + 1 < name.getNumberOfElements()
					&& name.isNumericIndex(position + 1)) {
				known = Listeners.ALL;
				position += 2;
			}
			else {
				return null;
			}
		}
		return null;
	}

	private static Map<String, String> ofServer() {
		Map<String, String> known = of(SwooleServerProperties.class);
		known.put("enabled", "enabled");
		known.put("taskcontextpropagation", "task-context-propagation");
		return known;
	}

	/**
	 * The names of properties, by what is left of them without dashes and underscores.
	 */
	private static Map<String, String> of(Class<?> type) {
		Map<String, String> known = new LinkedHashMap<>();
		for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(type)) {
			if (property.getWriteMethod() != null) {
				String name = DataObjectPropertyName.toDashedForm(property.getName());
				known.put(name.replace("-", ""), name);
			}
		}
		return known;
	}

	private static String advice(Unknown unknown) {
		String setting = unknown.setting();
		if (unknown.known() == Listeners.ALL && SERVER.containsKey(setting)) {
			return " It belongs to the whole server: use '" + PREFIX + "." + SERVER.get(setting) + "'.";
		}
		String advice = advice().entrySet()
			.stream()
			.filter((entry) -> matches(entry.getKey(), setting))
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(null);
		if (advice != null) {
			return " " + advice;
		}
		String nearest = nearest(setting, unknown.known());
		return (nearest != null) ? " Did you mean '" + unknown.parent() + "." + nearest + "'?" : "";
	}

	private static boolean matches(String pattern, String setting) {
		String uniform = pattern.replace("_", "");
		return uniform.endsWith("*") ? setting.startsWith(uniform.substring(0, uniform.length() - 1))
				: setting.equals(uniform);
	}

	private static @Nullable String nearest(String setting, Map<String, String> known) {
		return known.entrySet()
			.stream()
			.filter((entry) -> distance(setting, entry.getKey()) <= Math.max(1, setting.length() / 3))
			.min(Comparator.comparingInt((entry) -> distance(setting, entry.getKey())))
			.map(Map.Entry::getValue)
			.orElse(null);
	}

	/**
	 * How many characters must be inserted, removed or replaced to turn one text into the
	 * other.
	 */
	private static int distance(String from, String to) {
		int[] row = new int[to.length() + 1];
		Arrays.setAll(row, (i) -> i);
		for (int i = 1; i <= from.length(); i++) {
			int diagonal = row[0];
			row[0] = i;
			for (int j = 1; j <= to.length(); j++) {
				int replaced = diagonal + ((from.charAt(i - 1) != to.charAt(j - 1)) ? 1 : 0);
				diagonal = row[j];
				row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
			}
		}
		return row[to.length()];
	}

	/**
	 * Settings of Swoole that are no properties here, by their names there, and what to
	 * use in their stead.
	 */
	private static Map<String, String> advice() {
		Map<String, String> advice = new LinkedHashMap<>();
		put(advice, "Run the application as a service of systemd or in a container.", "daemonize");
		put(advice, "Let systemd, the container or the operating system do that.", "user", "group", "chroot");
		put(advice, "Use 'spring.pid.file' and Spring Boot's ApplicationPidFileWriter.", "pid_file");
		put(advice, "Use 'logging.file.name'.", "log_file");
		put(advice, "Use 'logging.level.io.swoole'.", "log_level", "trace_flags", "debug_mode", "display_errors",
				"print_backtrace_on_error");
		put(advice, "Use 'logging.pattern.dateformat'.", "log_date_*");
		put(advice, "Use 'logging.logback.rollingpolicy.*'.", "log_rotation");
		put(advice, "Use Spring Boot's Actuator and Micrometer.", "stats_*", "admin_server");
		put(advice, "Use 'swoole.server.slow-handler-threshold' and 'swoole.server.slow-task-threshold'.",
				"request_slowlog_*");
		put(advice, "Tasks are handed over in memory.", "task_tmpdir");
		put(advice, "The parameters of a handler decide what it is given.", "task_use_object", "task_object",
				"event_object");
		put(advice, "Use 'swoole.server.package-max-length' to limit what is kept of a packet.", "input_buffer_size",
				"buffer_input_size");
		put(advice, "Use 'swoole.server.output-buffer-size'.", "buffer_output_size");
		put(advice, "Use 'swoole.server.socket-send-timeout'.", "socket_write_timeout");
		put(advice, "Use 'swoole.server.ssl.bundle' and 'spring.ssl.bundle.*'.", "ssl_cert_file", "ssl_key_file",
				"ssl_passphrase", "ssl_client_cert_file", "ssl_cafile", "ssl_capath", "ssl_protocols", "ssl_ciphers");
		put(advice, "Use 'swoole.server.ssl.client-auth', with 'swoole.server.ssl.bundle' and 'spring.ssl.bundle.*'.",
				"ssl_verify_peer");
		put(advice, "Use 'swoole.server.ssl.sni', with 'swoole.server.ssl.bundle' and 'spring.ssl.bundle.*'.",
				"ssl_sni_certs");
		put(advice, "The server's order of ciphers always holds.", "ssl_prefer_server_ciphers");
		put(advice, "The trust store of the SSL bundle decides which certificates are good.", "ssl_verify_depth");
		put(advice, "The library that encrypts chooses it.", "ssl_dhparam", "ssl_ecdh_curve", "ssl_compress",
				"ssl_method");
		put(advice, "Use 'swoole.server.package-body-offset'.", "package_body_start");
		put(advice, "Use 'swoole.server.max-connection'.", "max_conn");
		put(advice, "Use 'swoole.server.max-coroutine'.", "max_coro_num");
		put(advice, "Use 'swoole.server.reactor-num' with the value 1.", "single_thread");
		put(advice, "Use taskset, the container's limits or the JVM's option -XX:ActiveProcessorCount.",
				"open_cpu_affinity", "cpu_affinity_ignore");
		put(advice,
				"Use Spring MVC or WebFlux, with the properties 'server.*', 'spring.web.*' and "
						+ "'spring.servlet.multipart.*', next to this server.",
				"open_http_protocol", "open_http2_protocol", "http_*", "http2_*", "upload_*", "enable_static_handler",
				"document_root", "static_handler_locations", "url_rewrite_rules", "max_concurrency",
				"worker_max_concurrency");
		put(advice, "Use Spring's WebSocket support.", "open_websocket_*", "websocket_*");
		put(advice, "There is nothing like it here.", "open_redis_protocol");
		put(advice, "It tunes the runtime of PHP; the JVM needs nothing like it.", "hook_flags",
				"enable_preemptive_scheduler", "enable_deadlock_check", "c_stack_size", "stack_size", "name_resolver",
				"dns_*", "socket_dns_timeout", "socket_connect_timeout", "socket_read_timeout", "socket_recv_timeout",
				"socket_timeout", "socket_dontwait", "aio_*", "thread_num", "min_thread_num", "max_thread_num",
				"iouring_*", "enable_signalfd", "enable_kqueue", "wait_signal", "use_async_resolver", "bootstrap",
				"init_arguments");
		return advice;
	}

	private static void put(Map<String, String> advice, String text, String... settings) {
		for (String setting : settings) {
			advice.put(setting, text);
		}
	}

	/**
	 * The properties of listeners, which few applications set.
	 */
	private static final class Listeners {

		private static final Map<String, String> ALL = of(AdditionalListenerProperties.class);

		private static final Map<String, String> SSL = of(ListenerProperties.Ssl.class);

	}

	/**
	 * A property that nothing reads.
	 *
	 * @param name its name
	 * @param position which element of the name is the unknown one
	 * @param known what could stand there
	 */
	private record Unknown(ConfigurationPropertyName name, int position, Map<String, String> known) {

		/** The unknown element, without dashes and underscores. */
		String setting() {
			return this.name.getElement(this.position, Form.UNIFORM);
		}

		ConfigurationPropertyName parent() {
			return this.name.chop(this.position);
		}

		/** The same for every property with the same unknown element. */
		String path() {
			StringBuilder path = new StringBuilder();
			for (int i = 0; i <= this.position; i++) {
				path.append(this.name.getElement(i, Form.UNIFORM)).append('.');
			}
			return path.toString();
		}

	}

}
