package io.swoole.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.WorkerSettings;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Properties of the life of workers: WORK-06, WORK-09, WORK-10.
 */
class WorkerPropertiesTests {

	@Test
	void whenPropertiesAreSetThenReachTheOptions() {
		WorkerSettings settings = bind(Map.of("max_request", "1000", "max_request_grace", "7", "reload_async", "false",
				"task-max-abandoned-threads", "3"));
		assertThat(settings.maxRequest()).isEqualTo(1000);
		assertThat(settings.maxRequestGrace()).isEqualTo(7);
		assertThat(settings.reloadAsync()).isFalse();
		assertThat(settings.taskMaxAbandonedThreads()).isEqualTo(3);
	}

	@Test
	void whenNothingIsSetThenDefaultsAreThoseOfTheOptions() {
		WorkerSettings settings = bind(Map.of());
		assertThat(settings.maxRequest()).isZero();
		assertThat(settings.reloadAsync()).isTrue();
		assertThat(settings.taskMaxAbandonedThreads()).isEqualTo(16);
		assertThat(bind(Map.of("max-request", "100")).maxRequestGrace()).isEqualTo(50);
		assertThat(bind(Map.of("max-request", "100", "max-request-grace", "0")).maxRequestGrace()).isZero();
	}

	@Test
	void whenValueIsInvalidThenRefused() {
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> bind(Map.of("max-request", "-1")))
			.withMessageContaining("max-request");
	}

	private static WorkerSettings bind(Map<String, String> properties) {
		Map<String, String> named = new LinkedHashMap<>();
		properties.forEach((name, value) -> named.put("swoole.server." + name, value));
		SwooleServerProperties bound = new Binder(new MapConfigurationPropertySource(named))
			.bindOrCreate("swoole.server", SwooleServerProperties.class);
		return ServerOptionsFactory.create(bound, Stream.empty()).workers();
	}

}
