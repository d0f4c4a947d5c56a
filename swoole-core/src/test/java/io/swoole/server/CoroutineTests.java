package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of callbacks on virtual threads (CONN-03, WORK-16, ERR-04).
 */
@EnabledForJreRange(min = JRE.JAVA_21)
class CoroutineTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final CountDownLatch blocked = new CountDownLatch(1);

	private final Queue<String> events = new ConcurrentLinkedQueue<>();

	/**
	 * CONN-03: a handler that sleeps holds up nobody but its own connection.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThousandHandlersSleepThenOneWorkerServesThemSideBySide(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			Thread.sleep(100);
			connection.send(packet.retain());
		});
		try (TestServer server = start(mode, handler, (options) -> options.workerNum(1))) {
			List<TestClient> clients = new ArrayList<>();
			try {
				for (int i = 0; i < 1000; i++) {
					clients.add(server.connect());
				}
				long begin = System.nanoTime();
				clients.forEach((client) -> client.send("ping\n"));
				clients.forEach((client) -> assertThat(client.readText(5)).isEqualTo("ping\n"));
				// one after another they would take 100 seconds
				assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
			}
			finally {
				clients.forEach(TestClient::close);
			}
			awaitQuiet(server);
		}
	}

	/** The events of one connection never overlap and come in order. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlersWaitThenEventsOfAConnectionStayInOrder(ServerMode mode) {
		Map<Long, List<String>> seen = new ConcurrentHashMap<>();
		Map<Long, AtomicBoolean> running = new ConcurrentHashMap<>();
		AtomicInteger overlaps = new AtomicInteger();
		AtomicInteger closes = new AtomicInteger();
		Step step = (connection, event) -> {
			AtomicBoolean own = running.computeIfAbsent(connection.fd(), (fd) -> new AtomicBoolean());
			if (!own.compareAndSet(false, true)) {
				overlaps.incrementAndGet();
			}
			TimeUnit.MICROSECONDS.sleep(connection.fd() * 37 % 100);
			seen.computeIfAbsent(connection.fd(), (fd) -> new ArrayList<>()).add(event);
			own.set(false);
		};
		TestHandler handler = new TestHandler()
			.connect((server, connection, reactorId) -> step.run(connection, "connect"))
			.receive((server, connection, packet) -> step.run(connection,
					packet.toString(StandardCharsets.UTF_8).strip()))
			.close((server, connection, reactorId) -> {
				step.run(connection, "close");
				closes.incrementAndGet();
			});
		try (TestServer server = start(mode, handler, (options) -> {
		})) {
			StringBuilder lines = new StringBuilder();
			List<String> expected = new ArrayList<>(List.of("connect"));
			for (int i = 0; i < 400; i++) {
				lines.append(i).append('\n');
				expected.add(Integer.toString(i));
			}
			expected.add("close");
			for (int i = 0; i < 20; i++) {
				try (TestClient client = server.connect()) {
					client.send(lines.toString());
				}
			}
			Awaitility.await().atMost(PATIENCE).until(() -> closes.get() == 20);
			assertThat(overlaps).hasValue(0);
			assertThat(seen).hasSize(20);
			assertThat(seen.values()).allSatisfy((list) -> assertThat(list).isEqualTo(expected));
			assertThat(handler.errors).isEmpty();
			awaitQuiet(server);
		}
	}

	/** Results of tasks come back into the lane of their connection. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTasksFinishThenResultsRunOneAfterAnotherWithTheEventsOfTheirConnection(ServerMode mode) {
		Map<String, AtomicBoolean> running = new ConcurrentHashMap<>();
		AtomicInteger overlaps = new AtomicInteger();
		AtomicInteger results = new AtomicInteger();
		Consumer<String> alone = (key) -> {
			AtomicBoolean own = running.computeIfAbsent(key, (any) -> new AtomicBoolean());
			if (!own.compareAndSet(false, true)) {
				overlaps.incrementAndGet();
			}
			sleep(1);
			own.set(false);
		};
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			alone.accept("connection " + connection.fd());
			server.task(connection.fd() + "/" + server.getWorkerId());
		}).task((server, task) -> {
			if (!(task.data() + "").endsWith("/" + task.sourceWorkerId())) {
				overlaps.incrementAndGet();
			}
			return task.data();
		}).finish((server, result) -> {
			String[] origin = result.data().toString().split("/");
			if (server.getWorkerId() != Integer.parseInt(origin[1])) {
				overlaps.incrementAndGet();
			}
			alone.accept("connection " + origin[0]);
			server.send(Long.parseLong(origin[0]), "x");
			results.incrementAndGet();
		});
		try (TestServer server = start(mode, handler, (options) -> options.taskWorkerNum(4))) {
			List<TestClient> clients = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				clients.add(server.connect().send("go\n".repeat(50)));
			}
			clients.forEach((client) -> assertThat(client.readText(50)).isEqualTo("x".repeat(50)));
			clients.forEach(TestClient::close);
			Awaitility.await().atMost(PATIENCE).until(() -> results.get() == 400);
			assertThat(overlaps).hasValue(0);
			assertThat(handler.errors).isEmpty();
			awaitQuiet(server);
		}
	}

	/** Results without a connection run one after another in their worker. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTasksHaveNoConnectionThenTheirResultsRunOneAfterAnotherInTheirWorker(ServerMode mode) {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger overlaps = new AtomicInteger();
		AtomicInteger results = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
		}).task((server, task) -> task.data()).finish((server, result) -> {
			if (running.incrementAndGet() > 1 || server.getWorkerId() != 0) {
				overlaps.incrementAndGet();
			}
			sleep(1);
			running.decrementAndGet();
			results.incrementAndGet();
		});
		try (TestServer server = start(mode, handler, (options) -> options.workerNum(1).taskWorkerNum(4))) {
			for (int i = 0; i < 200; i++) {
				server.server().task(i);
			}
			Awaitility.await().atMost(PATIENCE).until(() -> results.get() == 200);
			assertThat(overlaps).hasValue(0);
			awaitQuiet(server);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenCallbackRunsThenItsThreadIsVirtualAndKnowsItsWorker(ServerMode mode) {
		Queue<String> threads = new ConcurrentLinkedQueue<>();
		TestHandler handler = new TestHandler()
			.workerStart((server, workerId) -> threads.add(describe(server) + " start"))
			.connect((server, connection, reactorId) -> threads.add(describe(server) + " connect"))
			.receive((server, connection, packet) -> {
				threads.add(describe(server) + " receive");
				server.send(99, "nobody");
				threads.add(server.getLastError() + "");
				connection.send(packet.retain());
				threads.add(server.getLastError() + "");
			});
		try (TestServer server = start(mode, handler, (options) -> options.workerNum(2));
				TestClient client = server.connect()) {
			client.send("hello\n").readUntil("\n");
			awaitQuiet(server);
			assertThat(threads).containsExactlyInAnyOrder("VirtualThread swoole-worker-0 0 start",
					"VirtualThread swoole-worker-1 1 start", "VirtualThread swoole-worker-1 1 connect",
					"VirtualThread swoole-worker-1 1 receive", "SESSION_NOT_EXIST", "NONE");
			assertThat(server.server().getWorkerId()).isEqualTo(-1);
		}
	}

	/** WORK-16, ERR-04: beyond the limit connections are closed, logged and counted. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenMaxCoroutineIsReachedThenConnectionIsClosed(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			this.blocked.await();
			connection.send(packet.retain());
		}).close((server, connection, reactorId) -> this.events.add("close " + connection.fd() + " " + reactorId));
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = start(mode, handler, (options) -> options.workerNum(1).maxCoroutine(2));
				TestClient first = connect(server, 1);
				TestClient second = connect(server, 2);
				TestClient third = connect(server, 3)) {
			first.send("a\n");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().coroutineNum() == 1);
			second.send("b\n");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().coroutineNum() == 2);
			third.send("c\nc\nc\n");
			assertThat(third.readAll()).isEmpty();
			Awaitility.await().atMost(PATIENCE).until(() -> this.events.size() == 1);
			assertThat(this.events).containsExactly("close 3 -1");
			// a new connection needs a virtual thread too, and has no events without one
			try (TestClient fourth = server.connect()) {
				assertThat(fourth.readAll()).isEmpty();
			}
			assertThat(this.events).containsExactly("close 3 -1");
			assertThat(server.server().stats().coroutineRefusalCount()).isEqualTo(2);
			assertThat(log.messages(Level.WARN)).filteredOn((message) -> message.contains("max-coroutine=2"))
				.hasSizeBetween(1, 2);
			// those that run go on, with what comes for them
			first.send("a\n");
			this.blocked.countDown();
			assertThat(first.readText(4)).isEqualTo("a\na\n");
			assertThat(second.readText(2)).isEqualTo("b\n");
			awaitQuiet(server);
			try (TestClient fifth = server.connect()) {
				assertThat(fifth.send("e\n").readText(2)).isEqualTo("e\n");
			}
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** CONN-07: inside a callback of the connection the close callback runs at once. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenConnectionIsClosedInItsOwnCallbackThenCloseCallbackRunsInside(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			this.events.add("receive");
			assertThat(server.close(connection.fd())).isTrue();
			this.events.add("closed " + server.exists(connection.fd()));
		}).close((server, connection, reactorId) -> this.events.add("close " + reactorId));
		try (TestServer server = start(mode, handler, (options) -> {
		}); TestClient client = server.connect()) {
			client.send("a\nb\n");
			assertThat(client.readAll()).isEmpty();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			assertThat(this.events).containsExactly("receive", "close -1", "closed false");
		}
	}

	/**
	 * CONN-07: from the same worker it comes before the next event of that connection,
	 * from elsewhere in turn.
	 */
	@ParameterizedTest
	@CsvSource({ "BASE, true", "PROCESS, true", "BASE, false", "PROCESS, false" })
	void whenConnectionIsClosedElsewhereThenCloseCallbackComesBeforeItsNextPacket(ServerMode mode, boolean inWorker) {
		CountDownLatch closed = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (connection.fd() == 2) {
				assertThat(server.close(1)).isTrue();
				closed.countDown();
				return;
			}
			this.events.add("receive");
			closed.await();
		}).close((server, connection, reactorId) -> {
			if (connection.fd() == 1) {
				this.events.add("close " + reactorId);
			}
		});
		try (TestServer server = start(mode, handler, (options) -> options.workerNum(inWorker ? 1 : 2));
				TestClient client = server.connect();
				TestClient other = server.connect()) {
			client.send("a\nb\nc\n");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() == 3);
			other.send("close\n");
			assertThat(client.readAll()).isEmpty();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 1);
			assertThat(this.events).containsExactly("receive", "close -1");
		}
	}

	/** Dispatch per packet chooses the worker, the order of a connection stays. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenPacketsAreDispatchedOneByOneThenEachRunsInTheNameOfItsWorkerInOrder(ServerMode mode) {
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			this.events.add("connect " + server.getWorkerId());
		}).receive((server, connection, packet) -> {
			sleep(1);
			connection.send(server.getWorkerId() + "");
			server.task(server.getWorkerId());
		}).task((server, task) -> {
			return (task.sourceWorkerId() == (int) task.data()) ? null : "wrong worker";
		}).finish((server, result) -> this.events.add(result.data() + "")).close((server, connection, reactorId) -> {
			this.events.add("close " + server.getWorkerId());
		});
		try (TestServer server = start(mode, handler,
				(options) -> options.workerNum(3)
					.dispatchMode(DispatchMode.ROUND_ROBIN)
					.enableUnsafeEvent(true)
					.taskWorkerNum(1))) {
			try (TestClient client = server.connect()) {
				client.send("x\n".repeat(9)).shutdownOutput();
				assertThat(new String(client.readAll(), StandardCharsets.UTF_8)).isEqualTo("012012012");
			}
			Awaitility.await().atMost(PATIENCE).until(() -> this.events.size() == 2);
			assertThat(this.events).containsExactly("connect 1", "close 1");
		}
	}

	/** TIMER-06: and what a handler defers runs in the name of the same worker. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenPacketOfAnotherWorkerComesBetweenThenDeferredWorkRunsInTheNameOfItsOwn(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.getByte(packet.readerIndex()) == 'b') {
				this.blocked.await();
				server.defer(() -> this.events.add("deferred " + server.getWorkerId()));
			}
			this.events.add("received " + server.getWorkerId());
		});
		try (TestServer server = start(mode, handler, (options) -> options.dispatchMode(DispatchMode.ROUND_ROBIN));
				TestClient client = server.connect()) {
			client.send("b\na\n");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() == 2);
			this.blocked.countDown();
			Awaitility.await().atMost(PATIENCE).until(() -> this.events.size() == 3);
			assertThat(this.events).containsExactly("received 0", "received 1", "deferred 0");
			awaitQuiet(server);
		}
	}

	/** The orderly stop waits for handlers on virtual threads. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenServerStopsThenHandlersOnVirtualThreadsFinish(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			entered.countDown();
			this.blocked.await();
			this.events.add("handled " + connection.send("bye"));
		})
			.close((server, connection, reactorId) -> this.events.add("close"))
			.workerStop((server, workerId) -> this.events.add("workerStop " + workerId))
			.shutdown((server) -> this.events.add("shutdown"));
		try (TestServer server = start(mode, handler, (options) -> options.workerNum(1));
				TestClient client = server.connect()) {
			client.send("go\n");
			assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
			server.server().shutdown();
			assertThat(server.server().awaitTermination(Duration.ofMillis(200))).isFalse();
			this.blocked.countDown();
			assertThat(server.server().awaitTermination(PATIENCE)).isTrue();
			assertThat(client.readText(3)).isEqualTo("bye");
			assertThat(this.events).containsExactly("handled true", "close", "workerStop 0", "shutdown");
		}
	}

	/** A handler that outlasts the stop is interrupted. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerOutlastsTheStopThenItIsInterrupted(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(3);
		CountDownLatch interrupted = new CountDownLatch(3);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			entered.countDown();
			try {
				this.blocked.await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
		});
		try (TestServer server = start(mode, handler,
				(options) -> options.workerNum(2).maxWaitTime(Duration.ofMillis(100)))) {
			List<TestClient> clients = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				clients.add(server.connect().send("go\n"));
			}
			assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
			server.server().shutdown();
			assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(server.server().awaitTermination(PATIENCE)).isTrue();
			clients.forEach(TestClient::close);
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** What waits behind a handler that never ends is let go, and never runs. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerIgnoresTheInterruptThenNothingRunsAfterTheStop(ServerMode mode) throws Exception {
		AtomicInteger handled = new AtomicInteger();
		CountDownLatch ended = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			handled.incrementAndGet();
			while (this.blocked.getCount() > 0) {
				try {
					this.blocked.await();
				}
				catch (InterruptedException ex) {
					// on purpose
				}
			}
			this.events.add("send " + connection.send("late") + " worker " + server.getWorkerId());
			ended.countDown();
		});
		try (TestServer server = start(mode, handler,
				(options) -> options.workerNum(1).maxWaitTime(Duration.ofMillis(50)));
				TestClient client = server.connect()) {
			client.send("go\n".repeat(20));
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() == 20);
			server.server().shutdown();
			assertThat(server.server().awaitTermination(PATIENCE)).isTrue();
			this.blocked.countDown();
			assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(this.events).containsExactly("send false worker -1");
			assertThat(handled).hasValue(1);
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** ERR-02: an exception ends neither the lane nor the connection. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerFailsThenItsConnectionGoesOn(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.getByte(packet.readerIndex()) == 'x') {
				throw new StackOverflowError("as if");
			}
			connection.send(packet.retain());
		});
		try (LogCapture log = LogCapture.of("io.swoole"); TestServer server = start(mode, handler, (options) -> {
		}); TestClient client = server.connect()) {
			assertThat(client.send("a\nx\nb\n").readText(4)).isEqualTo("a\nb\n");
			assertThat(handler.errors).hasSize(1);
			assertThat(log.messages(Level.ERROR)).hasSize(1);
			awaitQuiet(server);
		}
	}

	/**
	 * A lane goes on when not even the failure of an event can be logged, as may happen
	 * without memory: its next event runs in another virtual thread.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenFailureCannotBeLoggedThenTheLaneGoesOn(ServerMode mode) throws Exception {
		Queue<Thread> dying = new ConcurrentLinkedQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.getByte(packet.readerIndex()) != 'x') {
				connection.send(packet.retain());
				return;
			}
			Lane lane = ((NettyConnection) connection).lane();
			lane.post(Event.of(() -> {
				dying.add(Thread.currentThread());
				throw new UnspeakableError();
			}));
			lane.post(Event.of(() -> connection.send("next\n")));
		});
		try (TestServer server = start(mode, handler, (options) -> {
		}); TestClient client = server.connect()) {
			for (int i = 0; i < 3; i++) {
				assertThat(client.send("x\n").readUntil("\n")).isEqualTo("next\n");
				assertThat(client.send("a\n").readUntil("\n")).isEqualTo("a\n");
			}
			assertThat(dying).hasSize(3);
			for (Thread thread : dying) {
				// Awaitility would take what the thread has not caught for a failure
				thread.join(PATIENCE.toMillis());
				assertThat(thread.isAlive()).isFalse();
			}
			awaitQuiet(server);
		}
	}

	private static TestServer start(ServerMode mode, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			options.mode(mode).enableCoroutine(true).workerNum(2);
			options.main((main) -> main.openEofSplit(true).packageEof("\n"));
			settings.accept(options);
		});
	}

	/** Connects, and waits until the connect callback is over. */
	private static TestClient connect(TestServer server, int count) {
		TestClient client = server.connect();
		Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().acceptCount() == count);
		awaitQuiet(server);
		return client;
	}

	/** No virtual thread is left when nothing is to be done. */
	private static void awaitQuiet(TestServer server) {
		Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().coroutineNum() == 0);
	}

	private static String describe(SwooleServer server) {
		Thread thread = Thread.currentThread();
		return thread.getClass().getSimpleName() + " " + thread.getName() + " " + server.getWorkerId();
	}

	private static void sleep(long millis) {
		try {
			Thread.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** Whoever wants to log it fails, too. */
	private static final class UnspeakableError extends Error {

		private static final long serialVersionUID = 1;

		@Override
		public String getMessage() {
			throw new StackOverflowError("as if");
		}

	}

	private interface Step {

		void run(Connection connection, String event) throws InterruptedException;

	}

}
