package io.swoole.spring.autoconfigure;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.TaskSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Properties of tasks.
 */
class TaskPropertiesTests {

	@Test
	void whenPropertiesAreSetThenReachTheOptions() {
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put("task_ipc_mode", "3");
		properties.put("message_queue_key", "0");
		properties.put("task_max_request", "100");
		properties.put("task_max_request_grace", "7");
		properties.put("task-max-coroutine", "50");
		properties.put("task-timeout", "90");
		properties.put("task-retries", "4");
		properties.put("task-backoff", "500ms");
		properties.put("task-max-backoff", "1h");
		properties.put("task-retry-on", "java.io.IOException,java.lang.IllegalStateException");
		properties.put("task-no-retry-on[0]", "java.io.FileNotFoundException");
		properties.put("task-dead-letter-capacity", "10");
		properties.put("task-result-timeout", "5");
		properties.put("task-result-capacity", "20");
		TaskSettings settings = bind(properties);
		assertThat(settings.taskIpcMode()).isEqualTo(3);
		assertThat(settings.taskMaxRequest()).isEqualTo(100);
		assertThat(settings.taskMaxRequestGrace()).isEqualTo(7);
		assertThat(settings.taskEnableCoroutine()).isFalse();
		assertThat(settings.taskMaxCoroutine()).isEqualTo(50);
		assertThat(settings.taskTimeout()).isEqualTo(Duration.ofSeconds(90));
		assertThat(settings.taskRetries()).isEqualTo(4);
		assertThat(settings.taskBackoff()).isEqualTo(Duration.ofMillis(500));
		assertThat(settings.taskMaxBackoff()).isEqualTo(Duration.ofHours(1));
		assertThat(settings.taskRetryOn()).containsExactly(IOException.class, IllegalStateException.class);
		assertThat(settings.taskNoRetryOn()).containsExactly(FileNotFoundException.class);
		assertThat(settings.taskDeadLetterCapacity()).isEqualTo(10);
		assertThat(settings.taskResultTimeout()).isEqualTo(Duration.ofSeconds(5));
		assertThat(settings.taskResultCapacity()).isEqualTo(20);
	}

	/** WORK-10 for task workers: TASK-29. */
	@ParameterizedTest
	@CsvSource({ "0, 0", "10, 0", "11, 5", "100, 50" })
	void whenOnlyMaxRequestIsSetThenGraceFollows(String limit, int grace) {
		assertThat(bind(Map.of("task-max-request", limit)).taskMaxRequestGrace()).isEqualTo(grace);
	}

	/** TASK-34, TASK-35: no durable queue yet. */
	@ParameterizedTest
	@CsvSource({ "task-ipc-mode, 2, durable queue", "task-ipc-mode, 0, allowed are 1", "message-queue-key, 5, durable",
			"task-max-request, -1, negative", "task-max-request-grace, -2, negative",
			"task-max-coroutine, 0, at least 1", "task-timeout, -1, negative", "task-retries, -1, negative",
			"task-backoff, -1, negative", "task-max-backoff, 500ms, shorter than task-backoff",
			"task-dead-letter-capacity, -1, negative", "task-result-timeout, 0, more than zero",
			"task-result-capacity, 0, at least 1" })
	void whenPropertyIsInvalidThenIsRefusedByName(String property, String value, String reason) {
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> bind(Map.of(property, value)))
			.withMessageContaining(reason)
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo(property));
	}

	@Test
	@EnabledForJreRange(max = JRE.JAVA_20)
	void whenVirtualThreadsAreMissingThenCoroutinesAreRefused() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> bind(Map.of("task-enable-coroutine", "true")))
			.withMessageContaining("task-enable-coroutine")
			.withMessageContaining("Java 21");
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenVirtualThreadsExistThenCoroutinesAreAllowed() {
		assertThat(bind(Map.of("task_enable_coroutine", "true")).taskEnableCoroutine()).isTrue();
	}

	private static TaskSettings bind(Map<String, String> properties) {
		Map<String, String> named = new LinkedHashMap<>();
		properties.forEach((name, value) -> named.put("swoole.server." + name, value));
		SwooleServerProperties bound = new Binder(new MapConfigurationPropertySource(named))
			.bindOrCreate("swoole.server", SwooleServerProperties.class);
		return ServerOptionsFactory.create(bound, Stream.empty()).tasks();
	}

}
