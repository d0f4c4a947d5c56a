package io.swoole.server;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.swoole.testing.SharedServer;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestDatagrams;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * HEART: silent clients, and packets that do not end. The tests wait most of the time, so
 * they run at the same time.
 */
@SharedServer
class HeartbeatTests {

	private static final Duration IDLE = Duration.ofMillis(1200);

	private final BlockingQueue<Closed> closes = new LinkedBlockingQueue<>();

	/** HEART-01, HEART-06, CONN-18. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenClientIsSilentThenIsClosedWithoutABytesAndOthersStay(ServerMode mode) throws Exception {
		try (TestServer server = start(mode,
				(options) -> options.heartbeatCheckInterval(Duration.ofMillis(300)).main().heartbeatIdleTime(IDLE));
				TestClient silent = server.connect();
				TestClient talking = server.connect()) {
			echo(silent);
			Closed closed = talkUntilClosed(() -> echo(talking));
			assertThat(closed.fd()).isEqualTo(1);
			assertThat(closed.reactorId()).isNotNegative();
			assertThat(silent.readAll()).isEmpty();
			echo(talking);
			assertThat(this.closes).isEmpty();
		}
	}

	/**
	 * HEART-02: what the server sends does not count. HEART-04: the interval is derived.
	 */
	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenServerOnlySendsThenClientIsClosed() throws Exception {
		try (TestServer server = start(ServerMode.BASE, (options) -> options.main().heartbeatIdleTime(IDLE));
				TestClient silent = server.connect()) {
			echo(silent);
			while (this.closes.poll(50, TimeUnit.MILLISECONDS) == null) {
				server.server().send(1, "push");
			}
			assertThat(new String(silent.readAll())).startsWith("pushpush");
		}
	}

	/** HEART-03: every byte counts, not only whole packets. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenPacketComesSlowlyThenClientIsNotSilent(ServerMode mode) throws Exception {
		try (TestServer server = start(mode,
				(options) -> options.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.heartbeatIdleTime(IDLE)
					.openEofSplit(true)
					.packageEof("\n"));
				TestClient slow = server.connect()) {
			for (int i = 0; i < 20; i++) {
				slow.send("x");
				staysOpen(100);
			}
			slow.send("\n");
			assertThat(slow.readUntil("\n")).hasSize(21);
			assertThat(this.closes).isEmpty();
		}
	}

	/** HEART-05. */
	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenListenersDifferThenEachHasItsOwnIdleTime() throws Exception {
		try (TestServer server = start(ServerMode.BASE,
				(options) -> options.heartbeatCheckInterval(Duration.ofMillis(100))
					.listener(ListenerOptions.builder("patient").heartbeatIdleTime(Duration.ofHours(1)).build())
					.main()
					.heartbeatIdleTime(Duration.ofMillis(400)));
				TestClient patient = TestClient.connect(server.port("patient"))) {
			echo(patient);
			try (TestClient impatient = server.connect()) {
				assertThat(impatient.readAll()).isEmpty();
			}
			echo(patient);
			assertThat(this.closes.poll(10, TimeUnit.SECONDS)).isNotNull();
			assertThat(this.closes).isEmpty();
		}
	}

	/** HEART-01: a connection is closed by its event loop, whatever its worker does. */
	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenWorkerBlocksThenSilentClientIsClosedNevertheless() throws Exception {
		CountDownLatch block = new CountDownLatch(1);
		TestHandler blocking = new TestHandler().receive((server, connection, packet) -> block.await());
		try (TestServer server = start(blocking, ServerMode.PROCESS,
				(options) -> options.workerNum(1)
					.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.heartbeatIdleTime(Duration.ofMillis(500)));
				TestClient client = server.connect()) {
			client.send("block");
			assertThat(client.readAll()).isEmpty();
			assertThat(this.closes).isEmpty();
			block.countDown();
			assertThat(this.closes.poll(10, TimeUnit.SECONDS)).isNotNull();
		}
		finally {
			block.countDown();
		}
	}

	/** A handler that holds its event loop must not cost clients that have spoken. */
	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenEventLoopWasHeldThenClientsThatSpokeMeanwhileStay() throws Exception {
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		TestHandler holding = new TestHandler().receive((server, connection, packet) -> {
			if (connection.fd() == 1) {
				held.countDown();
				go.await();
			}
			connection.send(packet.retain());
		});
		try (TestServer server = start(holding, ServerMode.BASE,
				(options) -> options.workerNum(1)
					.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.heartbeatIdleTime(IDLE));
				TestClient holder = server.connect();
				TestClient other = server.connect()) {
			echo(other);
			long silentSince = System.nanoTime();
			holder.send("hold");
			held.await();
			while (System.nanoTime() - silentSince < IDLE.toNanos() * 3 / 2) {
				staysOpen(100);
			}
			other.send("hello");
			go.countDown();
			assertThat(other.readText(5)).isEqualTo("hello");
			assertThat(holder.readText(4)).isEqualTo("hold");
			echo(other);
			assertThat(this.closes).noneMatch((closed) -> closed.fd() == 2);
		}
		finally {
			go.countDown();
		}
	}

	/** HEART-08. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenConnectionIsProtectedThenIsNeverClosedForBeingSilent(ServerMode mode) throws Exception {
		try (TestServer server = start(mode,
				(options) -> options.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.heartbeatIdleTime(Duration.ofMillis(500))
					.maxIdleTime(Duration.ofMillis(600)));
				TestClient silent = server.connect()) {
			Awaitility.await().until(() -> server.server().protect(1, true));
			try (TestClient other = server.connect()) {
				assertThat(other.readAll()).isEmpty();
			}
			assertThat(this.closes.poll(10, TimeUnit.SECONDS)).extracting(Closed::fd).isEqualTo(2L);
			staysOpen(600);
			assertThat(server.server().heartbeat(true)).isEmpty();
			assertThat(server.server().protect(1, false)).isTrue();
			assertThat(silent.readAll()).isEmpty();
			assertThat(this.closes.poll(10, TimeUnit.SECONDS)).extracting(Closed::fd).isEqualTo(1L);
			assertThat(server.server().protect(2, true)).isFalse();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
		}
	}

	/** TASK-42, HEART-08: who waits for a task is silent, unless it is protected. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenTaskTakesLongerThanTheIdleTimeThenOnlyAProtectedClientGetsItsResult(ServerMode mode) throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		TestHandler working = new TestHandler().receive((server, connection, packet) -> {
			server.protect(connection.fd(), packet.getByte(0) == 'p');
			server.task(connection.fd());
		}).task((server, task) -> {
			go.await();
			return task.data();
		}).finish((server, result) -> server.send((Long) result.data(), "done"));
		try (TestServer server = start(working, mode,
				(options) -> options.taskWorkerNum(2)
					.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.heartbeatIdleTime(Duration.ofMillis(500)));
				TestClient patient = server.connect().send("protected");
				TestClient other = server.connect().send("not")) {
			assertThat(other.readAll()).isEmpty();
			assertThat(this.closes.poll(10, TimeUnit.SECONDS)).isNotNull();
			go.countDown();
			assertThat(patient.readText(4)).isEqualTo("done");
			assertThat(this.closes).isEmpty();
		}
		finally {
			go.countDown();
		}
	}

	/**
	 * CONN-06: a client that has ended its side waits for its tasks, however long it is
	 * silent.
	 */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenClientHasEndedItsSideAndWaitsForTasksThenIsNotSilent(ServerMode mode) throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		TestHandler working = new TestHandler().receive((server, connection, packet) -> server.task(connection.fd()))
			.task((server, task) -> {
				go.await();
				return task.data();
			})
			.finish((server, result) -> server.send((Long) result.data(), "done"));
		try (TestServer server = start(working, mode,
				(options) -> options.taskWorkerNum(1)
					.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.halfClose(true)
					.heartbeatIdleTime(Duration.ofMillis(400))
					.maxIdleTime(Duration.ofMillis(400)));
				TestClient client = server.connect()) {
			client.send("work").shutdownOutput();
			staysOpen(1200);
			go.countDown();
			assertThat(new String(client.readAll())).isEqualTo("done");
		}
		finally {
			go.countDown();
		}
	}

	/** HEART-12: datagrams have no connection that could be silent. */
	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenListenerReceivesDatagramsThenIsExempt() throws Exception {
		TestHandler answering = new TestHandler()
			.packet((server, packet) -> server.sendTo(packet.address(), packet.data()));
		try (TestServer server = TestServer.start(answering,
				(options) -> options.heartbeatCheckInterval(Duration.ofMillis(50))
					.listener(ListenerOptions.builder("udp")
						.type(ListenerType.UDP)
						.heartbeatIdleTime(Duration.ofMillis(100))
						.build()));
				TestDatagrams client = new TestDatagrams()) {
			client.send("one", server.port("udp"));
			assertThat(client.receiveText()).isEqualTo("one");
			staysOpen(300);
			client.send("two", server.port("udp"));
			assertThat(client.receiveText()).isEqualTo("two");
			assertThat(server.server().heartbeat(true)).isEmpty();
		}
	}

	/** HEART-09. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenHeartbeatIsCalledThenListsOrClosesTheSilent(ServerMode mode) throws Exception {
		try (TestServer server = start(mode,
				(options) -> options.heartbeatCheckInterval(Duration.ofHours(1))
					.main()
					.heartbeatIdleTime(Duration.ofHours(2)));
				TestClient client = server.connect()) {
			echo(client);
			assertThat(server.server().heartbeat(false)).isEmpty();
			assertThat(server.server().heartbeat(true)).isEmpty();
		}
		this.closes.clear();
		try (TestServer server = start(mode,
				(options) -> options.heartbeatCheckInterval(Duration.ofSeconds(20))
					.main()
					.heartbeatIdleTime(Duration.ofMillis(1)));
				TestClient first = server.connect();
				TestClient second = server.connect()) {
			echo(first);
			echo(second);
			staysOpen(10);
			assertThat(server.server().heartbeat(false)).containsExactly(1L, 2L);
			assertThat(server.server().heartbeat(true)).containsExactly(1L, 2L);
			assertThat(first.readAll()).isEmpty();
			assertThat(second.readAll()).isEmpty();
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(this.closes.stream().filter((closed) -> closed.reactorId() == -1)).hasSize(2);
			assertThat(server.server().heartbeat(false)).isEmpty();
		}
	}

	/** HEART-09, API: nothing is listed without a heartbeat. */
	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenNoHeartbeatIsConfiguredThenListsNothing() throws Exception {
		try (TestServer server = start(ServerMode.BASE, (options) -> {
		}); TestClient client = server.connect()) {
			echo(client);
			staysOpen(10);
			assertThat(server.server().heartbeat(true)).isEmpty();
			echo(client);
		}
	}

	/** HEART-10, CONN-11. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenClientDoesNotReadThenIsClosedThoughOutputIsPending(ServerMode mode) throws Exception {
		byte[] much = new byte[16 * 1024 * 1024];
		TestHandler sending = new TestHandler().receive((server, connection, packet) -> {
			connection.send(much);
			connection.close();
		});
		try (TestServer server = start(sending, mode,
				(options) -> options.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.heartbeatIdleTime(Duration.ofMillis(500)));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("go");
			assertThat(this.closes.poll(10, TimeUnit.SECONDS)).isEqualTo(new Closed(1, -1));
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(client.readAll()).hasSizeLessThan(much.length);
			assertThat(this.closes).isEmpty();
		}
	}

	/** HEART-11: both directions count. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenNeitherSideSpeaksThenMaxIdleTimeCloses(ServerMode mode) throws Exception {
		try (TestServer server = start(mode, (options) -> options.main().maxIdleTime(IDLE));
				TestClient silent = server.connect();
				TestClient listening = server.connect();
				TestClient talking = server.connect()) {
			Stream.of(silent, listening, talking).forEach(HeartbeatTests::echo);
			Closed closed = talkUntilClosed(() -> {
				server.server().send(2, "push");
				echo(talking);
			});
			assertThat(closed.fd()).isEqualTo(1);
			assertThat(silent.readAll()).isEmpty();
			assertThat(listening.readText(4)).isEqualTo("push");
			echo(talking);
			assertThat(this.closes).isEmpty();
		}
	}

	/** HEART-11: a client that reads slowly what was sent long ago is not idle. */
	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenClientReadsSlowlyThenMaxIdleTimeDoesNotClose() throws Exception {
		byte[] much = new byte[12 * 1024 * 1024];
		TestHandler sending = new TestHandler().receive((server, connection, packet) -> connection.send(much));
		try (TestServer server = start(sending, ServerMode.BASE,
				(options) -> options.main().maxIdleTime(IDLE).kernelSocketSendBufferSize(65536));
				TestClient slow = TestClient.connect(server.port(), 65536)) {
			slow.send("go");
			for (int i = 0; i < 12; i++) {
				staysOpen(200);
				assertThat(slow.read(1024 * 1024)).hasSize(1024 * 1024);
			}
			assertThat(this.closes).isEmpty();
		}
	}

	/** A packet that has begun must end. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenPacketDoesNotEndThenConnectionIsClosed(ServerMode mode) throws Exception {
		try (TestServer server = start(mode,
				(options) -> options.main().packetTimeout(Duration.ofMillis(800)).openEofSplit(true).packageEof("\n"));
				TestClient slow = server.connect();
				TestClient fine = server.connect();
				TestClient silent = server.connect()) {
			Closed closed = null;
			while (closed == null) {
				slow.send("x");
				assertThat(fine.send("hello\nhel").readUntil("\n")).isEqualTo("hello\n");
				assertThat(fine.send("lo\n").readUntil("\n")).isEqualTo("hello\n");
				closed = this.closes.poll(20, TimeUnit.MILLISECONDS);
			}
			assertThat(closed.fd()).isEqualTo(1);
			assertThat(closed.reactorId()).isNotNegative();
			assertThat(fine.send("bye\n").readUntil("\n")).isEqualTo("bye\n");
			assertThat(silent.send("late\n").readUntil("\n")).isEqualTo("late\n");
		}
	}

	@Test
	@Execution(ExecutionMode.CONCURRENT)
	void whenServerIsBehindThenPacketMayTakeLonger() throws Exception {
		CountDownLatch block = new CountDownLatch(1);
		TestHandler blocking = new TestHandler().receive((server, connection, packet) -> {
			block.await();
			connection.send(packet.retain());
		});
		try (TestServer server = start(blocking, ServerMode.PROCESS,
				(options) -> options.workerNum(1)
					.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.heartbeatIdleTime(Duration.ofMillis(500))
					.packetTimeout(Duration.ofMillis(500))
					.openEofSplit(true)
					.packageEof("\n"));
				TestClient client = server.connect()) {
			client.send("x\n".repeat(1000) + "y");
			staysOpen(1500);
			block.countDown();
			client.send("\n");
			for (int i = 0; i < 1000; i++) {
				assertThat(client.readUntil("\n")).isEqualTo("x\n");
			}
			assertThat(client.readUntil("\n")).isEqualTo("y\n");
		}
		finally {
			block.countDown();
		}
	}

	private TestServer start(ServerMode mode, Consumer<ServerOptions.Builder> settings) {
		return start(TestHandler.echo(), mode, settings);
	}

	private TestServer start(TestHandler handler, ServerMode mode, Consumer<ServerOptions.Builder> settings) {
		handler.close((server, connection, reactorId) -> this.closes.add(new Closed(connection.fd(), reactorId)));
		return TestServer.start(handler, (options) -> settings.accept(options.mode(mode)));
	}

	/** No connection is closed for some time. */
	private void staysOpen(int millis) throws InterruptedException {
		assertThat(this.closes.poll(millis, TimeUnit.MILLISECONDS)).isNull();
	}

	private Closed talkUntilClosed(Runnable talk) throws InterruptedException {
		Closed closed;
		do {
			talk.run();
			closed = this.closes.poll(50, TimeUnit.MILLISECONDS);
		}
		while (closed == null);
		return closed;
	}

	private static void echo(TestClient client) {
		assertThat(client.send("hello").readText(5)).isEqualTo("hello");
	}

	/** The end of a connection. */
	record Closed(long fd, int reactorId) {

	}

}
