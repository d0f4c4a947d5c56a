package io.swoole.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the stop when callbacks hang or throw, in every phase: LIFE-05, LIFE-06,
 * LIFE-07.
 */
class StubbornShutdownTests {

	private static final int SECONDS = 20;

	private static final Duration PATIENCE = Duration.ofMillis(300);

	static Stream<Arguments> phases() {
		return EnumSet.allOf(Phase.class)
			.stream()
			.flatMap((phase) -> Stream.of(ServerMode.values()).map((mode) -> Arguments.of(phase, mode)));
	}

	/**
	 * LIFE-07: max-wait-time and one second more, whoever hangs. Each server has a phase
	 * of its own in which a callback hangs; all of them stop at the same time.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenCallbackHangsThenTheStopGoesOnWithoutIt(ServerMode mode) throws Exception {
		StubbornCallback hang = new StubbornCallback();
		List<Scenario> scenarios = new ArrayList<>();
		try {
			for (Phase phase : Phase.values()) {
				scenarios.add(new Scenario(phase, mode, hang::run));
			}
			for (Scenario scenario : scenarios) {
				scenario.start();
			}
			long begin = System.nanoTime();
			scenarios.forEach((scenario) -> scenario.server.shutdown());
			for (Scenario scenario : scenarios) {
				assertThat(scenario.server.awaitTermination(Duration.ofSeconds(SECONDS))).as(scenario.toString())
					.isTrue();
			}
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
			scenarios.forEach(StubbornShutdownTests::assertOthersStopped);
		}
		finally {
			hang.release();
			scenarios.forEach(Scenario::close);
		}
	}

	/** The workers that nothing holds have stopped in an orderly way. */
	private static void assertOthersStopped(Scenario scenario) {
		List<String> events = scenario.events;
		assertThat(scenario.first.readAll()).as(scenario.toString()).isEmpty();
		assertThat(events).as(scenario.toString()).contains("shutdown", "workerStop 1", "workerStop 3");
		if (scenario.phase != Phase.CLOSE) {
			assertThat(events).as(scenario.toString()).containsSubsequence("close 1 -1", "workerStop 1");
		}
	}

	/** LIFE-05: an exception in one phase does not keep the others from happening. */
	@ParameterizedTest
	@MethodSource("phases")
	void whenCallbackThrowsThenTheStopGoesOn(Phase phase, ServerMode mode) throws Exception {
		try (Scenario scenario = new Scenario(phase, mode, () -> {
			throw new IllegalStateException(phase.name());
		})) {
			scenario.start();
			scenario.server.shutdown();
			assertThat(scenario.server.awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
			assertThat(scenario.first.readAll()).isEmpty();
			List<String> events = scenario.events;
			assertThat(events).startsWith("beforeShutdown").endsWith("shutdown");
			assertThat(events.subList(1, 3)).containsExactlyInAnyOrder("close 1 -1", "close 2 -1");
			assertThat(events.subList(3, 5)).containsExactlyInAnyOrder("workerStop 0", "workerStop 1");
			assertThat(events.subList(5, 7)).containsExactlyInAnyOrder("workerStop 2", "workerStop 3");
			assertThat(scenario.handler.errors).isNotEmpty()
				.allMatch((error) -> phase.name().equals(error.cause().getMessage()));
		}
	}

	/** Where a callback misbehaves. */
	enum Phase {

		BEFORE_SHUTDOWN, RECEIVE, TASK, FINISH, TIMER, PIPE_MESSAGE, WORKER_EXIT, PROCESS, CLOSE, WORKER_STOP,
		TASK_WORKER_STOP, SHUTDOWN

	}

	/**
	 * A server in which one callback misbehaves. Connection 1 belongs to worker 1,
	 * connection 2 to worker 0, where things happen.
	 */
	private static final class Scenario implements AutoCloseable {

		final Phase phase;

		final List<String> events = new CopyOnWriteArrayList<>();

		final TestHandler handler;

		final SwooleServer server;

		TestClient first;

		private TestClient second;

		private final ServerMode mode;

		private final Runnable misbehaviour;

		private final CountDownLatch entered = new CountDownLatch(1);

		Scenario(Phase phase, ServerMode mode, Runnable misbehaviour) {
			this.phase = phase;
			this.mode = mode;
			this.misbehaviour = misbehaviour;
			this.handler = (phase == Phase.WORKER_EXIT) ? withTimer(handler()) : handler();
			this.server = SwooleServers.create(options(), this.handler);
		}

		/**
		 * Starts the server and does what its phase needs to be entered before the stop.
		 */
		void start() throws InterruptedException {
			this.server.start();
			this.first = TestClient.connect(this.server.getAddress().getPort());
			this.second = TestClient.connect(this.server.getAddress().getPort());
			Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> this.server.stats().connectionNum() == 2);
			switch (this.phase) {
				case RECEIVE -> this.second.send("packet");
				case TASK, FINISH -> this.second.send("task");
				case TIMER -> this.server.after(Duration.ofMillis(1), () -> enter(Phase.TIMER));
				case PIPE_MESSAGE -> this.server.sendMessage("message", 0);
				default -> {
					return;
				}
			}
			assertThat(this.entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		}

		private void enter(Phase now) {
			if (now == this.phase) {
				this.entered.countDown();
				this.misbehaviour.run();
			}
		}

		private TestHandler handler() {
			return new TestHandler().beforeShutdown((server) -> {
				this.events.add("beforeShutdown");
				enter(Phase.BEFORE_SHUTDOWN);
			}).receive((server, connection, packet) -> {
				if (packet.readableBytes() == 4) {
					server.task("task", 0);
				}
				else {
					enter(Phase.RECEIVE);
				}
			}).task((server, task) -> {
				enter(Phase.TASK);
				return task.data();
			})
				.finish((server, result) -> enter(Phase.FINISH))
				.pipeMessage((server, message) -> enter(Phase.PIPE_MESSAGE))
				.close((server, connection, reactorId) -> {
					this.events.add("close " + connection.fd() + " " + reactorId);
					if (connection.fd() == 2) {
						enter(Phase.CLOSE);
					}
				})
				.workerStop((server, workerId) -> {
					this.events.add("workerStop " + workerId);
					if (workerId % 2 == 0) {
						enter((workerId == 0) ? Phase.WORKER_STOP : Phase.TASK_WORKER_STOP);
					}
				})
				.shutdown((server) -> {
					this.events.add("shutdown");
					enter(Phase.SHUTDOWN);
				});
		}

		private TestHandler withTimer(TestHandler handler) {
			AtomicLong timer = new AtomicLong();
			return handler.workerStart((server, workerId) -> {
				if (workerId == 0) {
					timer.set(server.tick(Duration.ofHours(1), () -> {
					}));
				}
			}).workerExit((server, workerId) -> {
				server.clearTimer(timer.get());
				enter(Phase.WORKER_EXIT);
			});
		}

		private ServerOptions options() {
			ServerOptions.Builder options = TestServer.options()
				.mode(this.mode)
				.workerNum(2)
				.taskWorkerNum(2)
				.maxWaitTime(PATIENCE);
			if (this.phase == Phase.PROCESS) {
				options.process("process", (server) -> {
					try {
						Thread.sleep(Long.MAX_VALUE);
					}
					catch (InterruptedException ex) {
						enter(Phase.PROCESS);
					}
				});
			}
			return options.build();
		}

		@Override
		public void close() {
			Stream.of(this.first, this.second).filter(Objects::nonNull).forEach(TestClient::close);
			this.server.shutdown();
		}

		@Override
		public String toString() {
			return this.phase + " in mode " + this.mode;
		}

	}

}
