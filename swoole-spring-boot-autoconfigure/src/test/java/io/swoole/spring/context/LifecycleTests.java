package io.swoole.spring.context;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.swoole.server.PortInUseException;
import io.swoole.server.Listener;
import io.swoole.server.ListenerType;
import io.swoole.server.SwooleServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.InOrder;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link SwooleServerStartStopLifecycle} and
 * {@link SwooleServerDrainLifecycle}.
 */
@ExtendWith(OutputCaptureExtension.class)
class LifecycleTests {

	private static final Duration MAX_WAIT_TIME = Duration.ofSeconds(3);

	private final SwooleServer server = mock(SwooleServer.class);

	private final MockEnvironment environment = new MockEnvironment();

	private final GenericApplicationContext context = new GenericApplicationContext();

	private final AtomicReference<SwooleServer> initialized = new AtomicReference<>();

	private SwooleServerStartStopLifecycle startStop = new SwooleServerStartStopLifecycle(this.context, this.server,
			MAX_WAIT_TIME);

	private final SwooleServerDrainLifecycle drain = new SwooleServerDrainLifecycle(this.context, this.server,
			MAX_WAIT_TIME);

	@BeforeEach
	void prepare() throws InterruptedException {
		given(this.server.getListeners())
			.willReturn(List.of(new Listener("main", ListenerType.TCP, "127.0.0.1", 4711, false)));
		given(this.server.awaitTermination(any())).willReturn(true);
		this.context.setEnvironment(this.environment);
		this.context.addApplicationListener((SwooleServerInitializedEvent event) -> {
			then(this.server).should().start();
			assertThat(this.environment.getProperty("local.swoole.server.port")).isEqualTo("4711");
			this.initialized.set(event.getServer());
		});
		this.context.refresh();
	}

	@Test
	void whenPhasesAreComparedThenDrainsAfterWebServerAndStopsLast() {
		assertThat(this.startStop.getPhase()).isEqualTo(SmartLifecycle.DEFAULT_PHASE - 2048);
		assertThat(this.drain.getPhase()).isEqualTo(SmartLifecycle.DEFAULT_PHASE - 1280);
	}

	@Test
	void whenContextIsPausedThenGoesOn() {
		assertThat(this.startStop.isPauseable()).isFalse();
		assertThat(this.drain.isPauseable()).isFalse();
	}

	@Test
	void whenStartedThenStartsServerAndPublishesEvent() {
		assertThat(this.startStop.isRunning()).isFalse();
		this.startStop.start();
		assertThat(this.startStop.isRunning()).isTrue();
		assertThat(this.initialized).hasValue(this.server);
	}

	@Test
	void whenServerDoesNotStartThenIsNotRunning() {
		willThrow(new PortInUseException("main", "127.0.0.1", 9501, new RuntimeException())).given(this.server).start();
		assertThatExceptionOfType(PortInUseException.class).isThrownBy(this.startStop::start);
		assertThat(this.startStop.isRunning()).isFalse();
		assertThat(this.initialized).hasValue(null);
		this.startStop.destroy();
		then(this.server).should(never()).shutdown();
	}

	@Test
	void whenDrainedThenShutsDownAndWaitsInOtherThread() throws InterruptedException {
		AtomicReference<Thread> waiting = new AtomicReference<>();
		CountDownLatch mayTerminate = new CountDownLatch(1);
		given(this.server.awaitTermination(any())).willAnswer((invocation) -> {
			waiting.set(Thread.currentThread());
			return mayTerminate.await(30, TimeUnit.SECONDS);
		});
		this.drain.start();
		assertThat(this.drain.isRunning()).isTrue();
		CountDownLatch called = new CountDownLatch(1);
		this.drain.stop(called::countDown);
		assertThat(called.getCount()).isOne();
		mayTerminate.countDown();
		assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
		assertThat(waiting.get()).isNotSameAs(Thread.currentThread());
		assertThat(this.drain.isRunning()).isFalse();
		InOrder order = inOrder(this.server);
		order.verify(this.server).shutdown();
		order.verify(this.server).awaitTermination(Duration.ofSeconds(5));
	}

	@Test
	void whenStoppedThenTheApplicationIsNotReadyBefore() {
		List<ReadinessState> states = readiness((state) -> then(this.server).should(never()).shutdown());
		this.startStop.start();
		this.drain.start();
		assertThat(states).isEmpty();
		this.drain.stop();
		assertThat(states).containsExactly(ReadinessState.REFUSING_TRAFFIC);
		then(this.server).should().shutdown();
	}

	@Test
	void whenListenerOfReadinessThrowsThenStopsNevertheless(CapturedOutput output) throws InterruptedException {
		readiness((state) -> {
			throw new IllegalStateException("listener");
		});
		CountDownLatch called = new CountDownLatch(1);
		this.drain.stop(called::countDown);
		assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
		then(this.server).should().shutdown();
		assertThat(output.getOut()).contains("could not be told that the server stops");
	}

	@Test
	void whenStartedAgainThenTheApplicationIsReadyAgain() {
		this.startStop.start();
		this.startStop.stop();
		List<ReadinessState> states = readiness((state) -> then(this.server).should().restart());
		this.startStop.start();
		assertThat(states).containsExactly(ReadinessState.ACCEPTING_TRAFFIC);
	}

	private List<ReadinessState> readiness(Consumer<ReadinessState> listener) {
		List<ReadinessState> states = new ArrayList<>();
		this.context.addApplicationListener(new ApplicationListener<AvailabilityChangeEvent<ReadinessState>>() {

			@Override
			public void onApplicationEvent(AvailabilityChangeEvent<ReadinessState> event) {
				listener.accept(event.getState());
				states.add(event.getState());
			}

		});
		return states;
	}

	@Test
	void whenShutdownFailsThenCallsBack() throws InterruptedException {
		given(this.server.awaitTermination(any())).willThrow(new IllegalStateException());
		CountDownLatch called = new CountDownLatch(1);
		this.drain.stop(called::countDown);
		assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenServerDoesNotTerminateThenWarns(CapturedOutput output) throws InterruptedException {
		given(this.server.awaitTermination(any())).willReturn(false);
		this.drain.stop();
		assertThat(output.getOut()).contains("The server has not stopped within 5000 ms");
	}

	@Test
	void whenStoppedAndStartedAgainThenRestarts() throws InterruptedException {
		this.startStop.start();
		CountDownLatch called = new CountDownLatch(1);
		this.startStop.stop(called::countDown);
		assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
		assertThat(this.startStop.isRunning()).isFalse();
		this.startStop.start();
		then(this.server).should().start();
		then(this.server).should().restart();
		assertThat(this.startStop.isRunning()).isTrue();
	}

	@Test
	void whenDestroyedWhileRunningThenStops() {
		this.startStop.start();
		this.startStop.destroy();
		then(this.server).should().shutdown();
		assertThat(this.startStop.isRunning()).isFalse();
	}

	@Test
	void whenShutdownPhaseIsTooShortThenWarnsNamingBothProperties(CapturedOutput output) {
		this.environment.setProperty("spring.lifecycle.timeout-per-shutdown-phase", "3500ms");
		this.startStop.start();
		assertThat(output.getOut()).contains("may need 4000 ms")
			.contains("swoole.server.max-wait-time")
			.contains("spring.lifecycle.timeout-per-shutdown-phase ends every phase of the shutdown after 3500 ms");
	}

	@Test
	void whenShutdownPhaseIsLongEnoughThenDoesNotWarn(CapturedOutput output) {
		this.environment.setProperty("spring.lifecycle.timeout-per-shutdown-phase", "4s");
		this.startStop.start();
		assertThat(output.getOut()).doesNotContain("max-wait-time");
	}

	@Test
	void whenDefaultShutdownPhaseIsTooShortThenWarns(CapturedOutput output) {
		this.startStop = new SwooleServerStartStopLifecycle(this.context, this.server, Duration.ofSeconds(30));
		this.startStop.start();
		assertThat(output.getOut()).contains("may need 31000 ms");
	}

	@Test
	void whenContextHasParentThenParentHasPort() {
		GenericApplicationContext child = new GenericApplicationContext(this.context);
		child.refresh();
		new SwooleServerStartStopLifecycle(child, this.server, MAX_WAIT_TIME).start();
		assertThat(child.getEnvironment().getProperty("local.swoole.server.port")).isEqualTo("4711");
		assertThat(this.environment.getProperty("local.swoole.server.port")).isEqualTo("4711");
	}

}
