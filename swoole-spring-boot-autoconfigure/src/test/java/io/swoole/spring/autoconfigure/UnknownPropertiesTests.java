package io.swoole.spring.autoconfigure;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UnknownProperties}: LIFE-17, LIFE-18, LIFE-20.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnknownPropertiesTests {

	private final MockEnvironment environment = new MockEnvironment();

	@Test
	void whenPropertiesAreKnownThenDoesNotWarn(CapturedOutput output) {
		warn("swoole.server.enabled", "swoole.server.task-worker-num", "swoole.server.package_eof",
				"swoole.server.workerNum", "swoole.client.foo", "swoole.server", "other");
		assertThat(output.getOut()).doesNotContain("unknown");
	}

	@ParameterizedTest
	@CsvSource({ "task-worker-nums, task-worker-num", "worker_nun, worker-num", "ports, port",
			"package-max-len, package-max-length", "maxWaitTimes, max-wait-time", "backlogs, backlog" })
	void whenNameIsMisspeltThenNamesNearest(String name, String nearest, CapturedOutput output) {
		warn("swoole.server." + name);
		assertThat(output.getOut())
			.contains("is unknown and has no effect. Did you mean 'swoole.server." + nearest + "'?");
	}

	@Test
	void whenPropertiesOfListenersAndTlsAreKnownThenDoesNotWarn(CapturedOutput output) {
		warn("swoole.server.listeners[0].name", "swoole.server.listeners[0].packageEof",
				"swoole.server.listeners[1].allow-from[0]", "swoole.server.listeners[1].ssl.client_auth",
				"swoole.server.ssl.bundle", "swoole.server.ssl.sni[a.test]", "swoole.server.ssl.sni.bundel",
				"swoole.server.listeners[0].ssl.sni[*.b.test]");
		assertThat(output.getOut()).doesNotContain("unknown");
	}

	/** Below TLS: a server that is not encrypted must not start without a word. */
	@ParameterizedTest
	@CsvSource({ "ssl.bundel, ssl.bundle", "ssl.clientauht, ssl.client-auth",
			"listeners[0].ssl.bundel, listeners[0].ssl.bundle", "listeners[0].package-eoff, listeners[0].package-eof",
			"listeners[12].nam, listeners[12].name" })
	void whenNameBelowAListenerOrTlsIsMisspeltThenNamesNearest(String name, String nearest, CapturedOutput output) {
		warn("swoole.server." + name);
		assertThat(output.getOut()).contains("Property 'swoole.server." + name
				+ "' is unknown and has no effect. Did you mean 'swoole.server." + nearest + "'?");
	}

	@Test
	void whenListenerHasAPropertyOfTheServerThenSaysWhereItBelongs(CapturedOutput output) {
		warn("swoole.server.listeners[0].worker-num");
		assertThat(output.getOut()).contains("Property 'swoole.server.listeners[0].worker-num' is unknown")
			.contains("It belongs to the whole server: use 'swoole.server.worker-num'.");
	}

	@Test
	void whenSeveralListenersHaveUnknownPropertiesThenWarnsOfEach(CapturedOutput output) {
		warn("swoole.server.listeners[0].colour", "swoole.server.listeners[1].colour", "swoole.server.ssl.colour");
		assertThat(output.getOut().split("is unknown")).hasSize(4);
	}

	@Test
	void whenNothingIsNearThenOnlyWarns(CapturedOutput output) {
		warn("swoole.server.colour");
		assertThat(output.getOut()).contains("Property 'swoole.server.colour' is unknown and has no effect.")
			.doesNotContain("Did you mean");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "daemonize | systemd", "user | operating system",
			"pid_file | spring.pid.file", "pid-file | spring.pid.file", "log_file | logging.file.name",
			"log-level | logging.level.io.swoole", "log_date_with_microseconds | logging.pattern.dateformat",
			"stats_file | Actuator", "request_slowlog_timeout | swoole.server.slow-handler-threshold",
			"request_slowlog_file | swoole.server.slow-task-threshold",
			"ssl_verify_peer | swoole.server.ssl.client-auth", "ssl_sni_certs | swoole.server.ssl.sni",
			"ssl_prefer_server_ciphers | always holds", "ssl_verify_depth | trust store",
			"ssl_dhparam | encrypts chooses", "http_compression_level | Spring MVC",
			"package_body_start | swoole.server.package-body-offset",
			"buffer_output_size | swoole.server.output-buffer-size",
			"socket_write_timeout | swoole.server.socket-send-timeout", "group | operating system",
			"chroot | operating system", "stats_timer_interval | Actuator", "admin_server | Actuator",
			"task_tmpdir | in memory", "task_use_object | parameters of a handler",
			"task_object | parameters of a handler", "event_object | parameters of a handler",
			"single_thread | swoole.server.reactor-num", "max_conn | swoole.server.max-connection",
			"max_coro_num | swoole.server.max-coroutine", "input_buffer_size | swoole.server.package-max-length",
			"open_cpu_affinity | taskset", "max_concurrency | Spring MVC", "worker_max_concurrency | Spring MVC",
			"bootstrap | runtime of PHP", "init_arguments | runtime of PHP" })
	void whenSettingOfSwooleHasReplacementThenNamesIt(String name, String advice, CapturedOutput output) {
		warn("swoole.server." + name);
		assertThat(output.getOut()).contains("is unknown and has no effect.").contains(advice);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ssl_cert_file", "ssl-key-file", "ssl_verify_peer", "listeners[0].ssl_cert_file" })
	void whenSettingOfSwooleIsAboutTlsThenNamesBundles(String name, CapturedOutput output) {
		warn("swoole.server." + name);
		assertThat(output.getOut()).contains("is unknown and has no effect. Use 'swoole.server.ssl.")
			.contains("'swoole.server.ssl.bundle' and 'spring.ssl.bundle.*'.");
	}

	@Test
	void whenPropertyIsIndexedOrNestedThenWarnsOnce(CapturedOutput output) {
		warn("swoole.server.colours[0].red", "swoole.server.colours[1].blue");
		assertThat(output.getOut().split("is unknown")).hasSize(2);
	}

	@Test
	void whenVariableOfOperatingSystemIsUnknownThenDoesNotWarn(CapturedOutput output) {
		this.environment.getPropertySources()
			.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
					Map.of("SWOOLE_SERVER_TASK_WORKER_NUM", "1")));
		UnknownProperties.warn(this.environment);
		assertThat(output.getOut()).doesNotContain("unknown");
	}

	private void warn(String... names) {
		for (String name : names) {
			this.environment.setProperty(name, "1");
		}
		UnknownProperties.warn(this.environment);
	}

}
