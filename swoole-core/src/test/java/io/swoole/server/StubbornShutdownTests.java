package io.swoole.server;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
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
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the stop when callbacks hang or throw, in every phase: LIFE-05, LIFE-06,
 * LIFE-07, API §4.15.
 */
class StubbornShutdownTests {

	private static final int SECONDS = 20;

	private static final Duration PATIENCE = Duration.ofMillis(300);

	private final List<String> events = new CopyOnWriteArrayList<>();

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch release = new CountDownLatch(1);

	static Stream<Arguments> phases() {
		return EnumSet.allOf(Phase.class)
			.stream()
			.flatMap((phase) -> Stream.of(ServerMode.values()).map((mode) -> Arguments.of(phase, mode)));
	}

	/** API §4.15: max-wait-time and one second more, whoever hangs. */
	@ParameterizedTest
	@MethodSource("phases")
	void whenCallbackHangsThenTheStopGoesOnWithoutIt(Phase phase, ServerMode mode) throws Exception {
		PhaseAction action = (now) -> {
			if (now == phase) {
				this.entered.countDown();
				awaitStubbornly();
			}
		};
		SwooleServer server = server(phase, mode, handler(phase, action), action);
		server.start();
		try (TestClient first = TestClient.connect(server.getAddress().getPort());
				TestClient second = TestClient.connect(server.getAddress().getPort())) {
			provoke(server, phase, second, action);
			long begin = System.nanoTime();
			server.shutdown();
			assertThat(server.awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
			assertThat(this.events).contains("shutdown");
			// the workers that nothing holds have stopped in an orderly way
			assertThat(first.readAll()).isEmpty();
			assertThat(this.events).contains("workerStop 1", "workerStop 3");
			if (phase != Phase.CLOSE) {
				assertThat(this.events).contains("close 1 -1");
				assertThat(this.events.indexOf("close 1 -1")).isLessThan(this.events.indexOf("workerStop 1"));
			}
		}
		finally {
			this.release.countDown();
		}
	}

	/** LIFE-05: an exception in one phase does not keep the others from happening. */
	@ParameterizedTest
	@MethodSource("phases")
	void whenCallbackThrowsThenTheStopGoesOn(Phase phase, ServerMode mode) throws Exception {
		PhaseAction action = (now) -> {
			if (now == phase) {
				this.entered.countDown();
				throw new IllegalStateException(phase.name());
			}
		};
		TestHandler handler = handler(phase, action);
		SwooleServer server = server(phase, mode, handler, action);
		server.start();
		try (TestClient first = TestClient.connect(server.getAddress().getPort());
				TestClient second = TestClient.connect(server.getAddress().getPort())) {
			provoke(server, phase, second, action);
			server.shutdown();
			assertThat(server.awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
			assertThat(first.readAll()).isEmpty();
		}
		assertThat(this.events).startsWith("beforeShutdown").endsWith("shutdown");
		assertThat(this.events.subList(1, 3)).containsExactlyInAnyOrder("close 1 -1", "close 2 -1");
		assertThat(this.events.subList(3, 5)).containsExactlyInAnyOrder("workerStop 0", "workerStop 1");
		assertThat(this.events.subList(5, 7)).containsExactlyInAnyOrder("workerStop 2", "workerStop 3");
		assertThat(handler.errors).isNotEmpty().allMatch((error) -> phase.name().equals(error.cause().getMessage()));
	}

	/** Connection 1 belongs to worker 1, connection 2 to worker 0, where things happen. */
	private TestHandler handler(Phase phase, PhaseAction action) {
		TestHandler handler = new TestHandler().beforeShutdown((server) -> {
			this.events.add("beforeShutdown");
			action.run(Phase.BEFORE_SHUTDOWN);
		}).receive((server, connection, packet) -> {
			if (packet.readableBytes() == 4) {
				server.task("task", 0);
			}
			else {
				action.run(Phase.RECEIVE);
			}
		}).task((server, task) -> {
			action.run(Phase.TASK);
			return task.data();
		})
			.finish((server, result) -> action.run(Phase.FINISH))
			.pipeMessage((server, message) -> action.run(Phase.PIPE_MESSAGE))
			.close((server, connection, reactorId) -> {
				this.events.add("close " + connection.fd() + " " + reactorId);
				if (connection.fd() == 2) {
					action.run(Phase.CLOSE);
				}
			})
			.workerStop((server, workerId) -> {
				this.events.add("workerStop " + workerId);
				if (workerId % 2 == 0) {
					action.run((workerId == 0) ? Phase.WORKER_STOP : Phase.TASK_WORKER_STOP);
				}
			})
			.shutdown((server) -> {
				this.events.add("shutdown");
				action.run(Phase.SHUTDOWN);
			});
		return (phase == Phase.WORKER_EXIT) ? withTimer(handler, action) : handler;
	}

	private static TestHandler withTimer(TestHandler handler, PhaseAction action) {
		AtomicLong timer = new AtomicLong();
		return handler.workerStart((server, workerId) -> {
			if (workerId == 0) {
				timer.set(server.tick(Duration.ofHours(1), () -> {
				}));
			}
		}).workerExit((server, workerId) -> {
			server.clearTimer(timer.get());
			action.run(Phase.WORKER_EXIT);
		});
	}

	private SwooleServer server(Phase phase, ServerMode mode, TestHandler handler, PhaseAction action) {
		ServerOptions.Builder options = ServerOptions.builder()
			.port(0)
			.mode(mode)
			.workerNum(2)
			.taskWorkerNum(2)
			.maxWaitTime(PATIENCE);
		if (phase == Phase.PROCESS) {
			options.process("process", (server) -> {
				try {
					Thread.sleep(Long.MAX_VALUE);
				}
				catch (InterruptedException ex) {
					action.run(Phase.PROCESS);
				}
			});
		}
		return SwooleServers.create(options.build(), handler);
	}

	/** Does what a phase needs to be entered before the stop. */
	private void provoke(SwooleServer server, Phase phase, TestClient second, PhaseAction action) throws Exception {
		Awaitility.await().until(() -> server.stats().connectionNum() == 2);
		switch (phase) {
			case RECEIVE -> second.send("packet");
			case TASK, FINISH -> second.send("task");
			case TIMER -> server.after(Duration.ofMillis(1), () -> action.run(Phase.TIMER));
			case PIPE_MESSAGE -> server.sendMessage("message", 0);
			default -> {
				return;
			}
		}
		assertThat(this.entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	private void awaitStubbornly() {
		boolean released = false;
		while (!released) {
			try {
				this.release.await();
				released = true;
			}
			catch (InterruptedException ex) {
				// stubborn
			}
		}
	}

	/** Where a callback misbehaves. */
	enum Phase {

		BEFORE_SHUTDOWN, RECEIVE, TASK, FINISH, TIMER, PIPE_MESSAGE, WORKER_EXIT, PROCESS, CLOSE, WORKER_STOP,
		TASK_WORKER_STOP, SHUTDOWN

	}

	/** What a callback does in a phase. */
	interface PhaseAction {

		void run(Phase phase);

	}

}
