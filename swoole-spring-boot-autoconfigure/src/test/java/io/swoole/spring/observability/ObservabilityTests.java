package io.swoole.spring.observability;

import java.lang.reflect.RecordComponent;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.swoole.server.ServerStats;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.spring.autoconfigure.SwooleServerHealthContributorAutoConfiguration;
import io.swoole.spring.autoconfigure.SwooleServerMetricsAutoConfiguration;
import io.swoole.testing.TestClient;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link SwooleServerMetrics} and {@link SwooleServerHealthIndicator}.
 */
class ObservabilityTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class,
				SwooleServerHealthContributorAutoConfiguration.class, SwooleServerMetricsAutoConfiguration.class,
				HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
				MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
				SimpleMetricsExportAutoConfiguration.class))
		.withUserConfiguration(Handlers.class)
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=2", "swoole.server.task-worker-num=3");

	@Test
	void whenMicrometerIsThereThenMetersAreBound() {
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			SwooleServer server = context.getBean(SwooleServer.class);
			try (TestClient client = TestClient.connect(server.getAddress().getPort())) {
				client.send("ping");
				assertThat(client.readText(4)).isEqualTo("ping");
				assertThat(registry.get("swoole.server.connections").gauge().value()).isOne();
				assertThat(registry.get("swoole.server.connections.accepted").functionCounter().count()).isOne();
				assertThat(registry.get("swoole.server.packets.dispatched").functionCounter().count()).isOne();
				assertThat(registry.get("swoole.server.connections.buffer.full").functionCounter().count()).isZero();
				assertThat(registry.get("swoole.server.bytes.received").functionCounter().count()).isEqualTo(4);
			}
			assertThat(registry.get("swoole.server.workers").tag("type", "event").gauge().value()).isEqualTo(2);
			assertThat(registry.get("swoole.server.workers").tag("type", "task").gauge().value()).isEqualTo(3);
			assertThat(registry.getMeters()).extracting(Meter::getId)
				.filteredOn((id) -> id.getName().startsWith("swoole."))
				.hasSizeGreaterThan(30)
				.allSatisfy((id) -> assertThat(id.getDescription()).isNotBlank());
		});
	}

	@Test
	void whenServerHasStoppedThenCountersStayAndGaugesAreUnknown() {
		this.runner.run((context) -> {
			SimpleMeterRegistry registry = new SimpleMeterRegistry();
			SwooleServer server = context.getBean(SwooleServer.class);
			new SwooleServerMetrics(server).bindTo(registry);
			TestClient.connect(server.getAddress().getPort()).close();
			await().until(() -> registry.get("swoole.server.connections.accepted").functionCounter().count() == 1);
			context.getSourceApplicationContext().stop();
			assertThat(registry.get("swoole.server.connections").gauge().value()).isNaN();
			assertThat(registry.get("swoole.server.connections.accepted").functionCounter().count()).isOne();
		});
	}

	@Test
	void whenServerRunsThenHealthIsUpAndAfterwardsDown() {
		this.runner.run((context) -> {
			assertThat(context.getBean(HealthContributorRegistry.class).getContributor("swoole")).isNotNull();
			SwooleServerHealthIndicator indicator = context.getBean(SwooleServerHealthIndicator.class);
			Health health = indicator.health();
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).containsEntry("connections", 0).containsEntry("abandonedThreads", 0);
			context.getSourceApplicationContext().stop();
			assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
		});
	}

	@Test
	void whenTooManyThreadsAreAbandonedThenHealthIsDown() {
		this.runner.run((context) -> {
			SwooleServer server = context.getBean(SwooleServer.class);
			SwooleServer stuck = mock(SwooleServer.class);
			given(stuck.isRunning()).willReturn(true);
			given(stuck.stats()).willReturn(withAbandonedThreads(server, 2));
			assertThat(new SwooleServerHealthIndicator(stuck, 3).health().getStatus()).isEqualTo(Status.UP);
			assertThat(new SwooleServerHealthIndicator(stuck, 0).health().getStatus()).isEqualTo(Status.UP);
			Health health = new SwooleServerHealthIndicator(stuck, 2).health();
			assertThat(health.getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.getDetails().get("reason")).asString().contains("task-max-abandoned-threads");
			MeterRegistry registry = new SimpleMeterRegistry();
			new SwooleServerMetrics(stuck).bindTo(registry);
			assertThat(registry.get("swoole.server.workers.abandoned.threads").gauge().value()).isEqualTo(2);
		});
	}

	@Test
	void whenHealthIsSwitchedOffThenThereIsNoIndicator() {
		this.runner.withPropertyValues("management.health.swoole.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(SwooleServerHealthIndicator.class));
	}

	@Test
	void whenServerIsSwitchedOffThenNeitherIsThere() {
		this.runner.withPropertyValues("swoole.server.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(SwooleServerHealthIndicator.class)
				.doesNotHaveBean(SwooleServerMetrics.class));
	}

	@Test
	void whenLibrariesAreNotThereThenServerStarts() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class,
					SwooleServerHealthContributorAutoConfiguration.class, SwooleServerMetricsAutoConfiguration.class))
			.withUserConfiguration(Handlers.class)
			.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1")
			.withClassLoader(new FilteredClassLoader(MeterBinder.class, HealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(SwooleServer.class));
	}

	/** The counters of a server, with one of them changed. */
	private static ServerStats withAbandonedThreads(SwooleServer server, int threads) throws Exception {
		ServerStats stats = server.stats();
		RecordComponent[] components = stats.getClass().getRecordComponents();
		Object[] values = new Object[components.length];
		Class<?>[] types = new Class<?>[components.length];
		for (int i = 0; i < components.length; i++) {
			types[i] = components[i].getType();
			values[i] = components[i].getName().equals("abandonedThreadNum") ? (Object) threads
					: components[i].getAccessor().invoke(stats);
		}
		return ServerStats.class.getDeclaredConstructor(types).newInstance(values);
	}

	static class Handlers {

		@OnReceive
		byte[] receive(byte[] packet) {
			return packet;
		}

		@OnTask
		void task() {
		}

	}

}
