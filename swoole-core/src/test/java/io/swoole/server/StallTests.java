package io.swoole.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.List;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the search for callbacks that hold a worker or an event loop for too long, the
 * successor of {@code request_slowlog}.
 */
class StallTests {

	private static final Duration THRESHOLD = Duration.ofMillis(100);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final CountDownLatch blocked = new CountDownLatch(1);

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerBlocksThenItIsLoggedWithItsStackAndAgainWhenItsAgeDoubles(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			this.blocked.await();
			connection.send("done");
		});
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(mode).workerNum(2).slowHandlerThreshold(THRESHOLD));
				TestClient client = server.connect()) {
			client.send("block");
			Awaitility.await().atMost(PATIENCE).until(() -> stalls(log).size() >= 3);
			assertThat(stalls(log)).allMatch((message) -> message.startsWith("Event worker 1 has been held up")
					&& message.contains("[fd=1, task=-1]") && message.contains("into a task"));
			assertThat(log.stackTraces()).anyMatch((stack) -> stack.contains("StallTests"));
			assertThat(ages(log)).isSorted();
			assertThat(ages(log).get(2)).isGreaterThanOrEqualTo(400);
			assertThat(server.server().stats().slowHandlerCount()).isEqualTo(1);
			this.blocked.countDown();
			assertThat(client.readText(4)).isEqualTo("done");
		}
		finally {
			this.blocked.countDown();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenResultHandlerBlocksThenItsTaskIsNamed(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task("work"))
			.task((server, task) -> "result")
			.finish((server, result) -> this.blocked.await());
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(mode).taskWorkerNum(1).slowHandlerThreshold(THRESHOLD));
				TestClient client = server.connect()) {
			client.send("go");
			Awaitility.await().atMost(PATIENCE).until(() -> !stalls(log).isEmpty());
			assertThat(stalls(log).get(0)).contains("[fd=-1, task=0]");
			this.blocked.countDown();
		}
		finally {
			this.blocked.countDown();
		}
	}

	@Test
	void whenTaskTakesLongerThanItsThresholdThenItIsLoggedWithItsId() {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			server.task("quick");
			server.task("slow");
		}).task((server, task) -> {
			if (task.data().equals("slow")) {
				this.blocked.await();
			}
			return null;
		});
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler,
						(options) -> options.workerNum(1).taskWorkerNum(1).slowTaskThreshold(THRESHOLD));
				TestClient client = server.connect()) {
			client.send("go");
			Awaitility.await().atMost(PATIENCE).until(() -> !log.messages(Level.WARN).isEmpty());
			assertThat(log.messages(Level.WARN)).first()
				.asString()
				.startsWith("Task worker 1 has been busy with task 1");
			assertThat(server.server().stats().slowTaskCount()).isEqualTo(1);
			assertThat(server.server().stats().slowHandlerCount()).isZero();
			this.blocked.countDown();
		}
		finally {
			this.blocked.countDown();
		}
	}

	/**
	 * Tasks on virtual threads are watched one by one, and so is what runs between them.
	 */
	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenTasksHaveVirtualThreadsThenEachSlowOneIsLogged() {
		TestHandler handler = new TestHandler().task((server, task) -> {
			if (task.data().equals("slow")) {
				this.blocked.await();
			}
			if (task.data().equals("timer")) {
				server.after(Duration.ofMillis(1), this::awaitUninterruptibly);
			}
			return null;
		});
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler,
						(options) -> options.workerNum(1)
							.taskWorkerNum(1)
							.taskEnableCoroutine(true)
							.slowTaskThreshold(THRESHOLD))) {
			server.server().task("slow");
			server.server().task("quick");
			server.server().task("slow");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().slowTaskCount() == 2);
			assertThat(server.server().stats().coroutineNum()).isEqualTo(2);
			Awaitility.await()
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(log.messages(Level.WARN))
					.anyMatch((message) -> message.startsWith("Task worker 1 has been busy with task 0"))
					.anyMatch((message) -> message.startsWith("Task worker 1 has been busy with task 2"))
					.noneMatch((message) -> message.contains("task 1 ")));
			assertThat(log.stackTraces()).anyMatch((stack) -> stack.contains("StallTests"));
			server.server().task("timer");
			Awaitility.await()
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(log.messages(Level.WARN))
					.anyMatch((message) -> message.startsWith("Task worker 1 has been held up by a callback")));
			this.blocked.countDown();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().coroutineNum() == 0);
		}
		finally {
			this.blocked.countDown();
		}
	}

	@Test
	void whenTasksHaveNoThresholdThenLongOnesAreNotLogged() {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.readableBytes() == 4) {
				server.task("slow");
			}
			else {
				this.blocked.await();
			}
		}).task((server, task) -> {
			this.blocked.await();
			return null;
		});
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler,
						(options) -> options.workerNum(1).taskWorkerNum(1).slowHandlerThreshold(THRESHOLD));
				TestClient client = server.connect()) {
			client.send("task");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().taskIdleWorkerNum() == 0);
			// the handler stalls later than the task, and is logged nevertheless
			client.send("block");
			Awaitility.await().atMost(PATIENCE).until(() -> !log.messages(Level.WARN).isEmpty());
			assertThat(log.messages(Level.WARN)).allMatch((message) -> message.startsWith("Event worker 0"));
			assertThat(server.server().stats().slowTaskCount()).isZero();
			this.blocked.countDown();
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** An event loop that only reads and writes is watched too. */
	@Test
	void whenEventLoopIsHeldUpThenItIsLoggedWithItsStack() {
		DispatchStrategy strategy = (server, connection, event, data) -> {
			if (event == DispatchEvent.DATA) {
				awaitUninterruptibly();
			}
			return DispatchStrategy.DEFAULT;
		};
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(TestHandler.echo(),
						(options) -> options.mode(ServerMode.PROCESS)
							.workerNum(1)
							.dispatchStrategy(strategy)
							.slowHandlerThreshold(THRESHOLD));
				TestClient client = server.connect()) {
			client.send("block");
			Awaitility.await().atMost(PATIENCE).until(() -> !stalls(log).isEmpty());
			assertThat(stalls(log)).first().asString().startsWith("Event loop 0 has been held up");
			assertThat(log.stackTraces()).anyMatch((stack) -> stack.contains("StallTests"));
			assertThat(server.server().stats().slowHandlerCount()).isEqualTo(1);
			this.blocked.countDown();
			assertThat(client.readText(5)).isEqualTo("block");
		}
		finally {
			this.blocked.countDown();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenVirtualThreadBlocksThenThatIsFine(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			this.blocked.await();
			connection.send("done");
		});
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(mode)
							.enableCoroutine(true)
							.slowHandlerThreshold(Duration.ofMillis(20)));
				TestClient client = server.connect()) {
			client.send("block");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().coroutineNum() == 1);
			long begin = System.nanoTime();
			Awaitility.await().atMost(PATIENCE).until(() -> System.nanoTime() - begin > 200_000_000);
			assertThat(log.messages(Level.WARN)).isEmpty();
			this.blocked.countDown();
			assertThat(client.readText(4)).isEqualTo("done");
		}
		finally {
			this.blocked.countDown();
		}
	}

	@Test
	void whenThresholdsAreZeroThenNobodyWatches() {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.slowHandlerThreshold(Duration.ZERO).slowTaskThreshold(Duration.ZERO))) {
			assertThat(server.server().isRunning()).isTrue();
			assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.doesNotContain("swoole-watchdog");
		}
	}

	private void awaitUninterruptibly() {
		try {
			this.blocked.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static List<String> stalls(LogCapture log) {
		return log.messages(Level.WARN).stream().filter((message) -> message.contains("has been held up")).toList();
	}

	private static List<Integer> ages(LogCapture log) {
		return stalls(log).stream()
			.map((message) -> Integer.valueOf(message.replaceAll(".* for (\\d+) ms.*", "$1")))
			.toList();
	}

}
