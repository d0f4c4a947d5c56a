package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.swoole.testing.Setup;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the life of a connection. Closing is in {@link CloseTests}.
 */
@Timeout(60)
class ConnectionLifecycleTests {

	private static final String SETUPS = "io.swoole.testing.Setup#available";

	private final List<String> events = new CopyOnWriteArrayList<>();

	private static TestServer start(Setup setup, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			setup.accept(options);
			settings.accept(options);
		});
	}

	private static TestServer start(Setup setup, TestHandler handler) {
		return start(setup, handler, (options) -> options.workerNum(2).taskWorkerNum(1));
	}

	/** A handler that remembers every event and sends packets back. */
	private TestHandler recording() {
		return new TestHandler()
			.connect((server, connection, reactorId) -> this.events
				.add("connect " + connection.fd() + " " + (reactorId >= 0)))
			.receive((server, connection, packet) -> {
				this.events.add("receive " + connection.fd() + " " + packet.toString(StandardCharsets.UTF_8).strip());
				connection.send(packet.retain());
			})
			.close((server, connection, reactorId) -> this.events
				.add("close " + connection.fd() + " " + (reactorId >= 0)));
	}

	private static void awaitNoConnection(TestServer server) {
		Awaitility.await().until(() -> {
			ServerStats stats = server.server().stats();
			return stats.acceptCount() > 0 && stats.connectionNum() == 0;
		});
	}

	/** CONN-01: ids count up from 1 and are never used again. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientsConnectThenFdsCountUp(Setup setup) {
		BlockingQueue<Long> fds = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo().connect((server, connection, reactorId) -> fds.add(connection.fd()));
		try (TestServer server = start(setup, handler)) {
			for (long expected = 1; expected <= 5; expected++) {
				try (TestClient client = server.connect()) {
					client.send("x").read(1);
					assertThat(fds.poll()).isEqualTo(expected);
				}
				awaitNoConnection(server);
			}
		}
	}

	/** CONN-01: they may begin anywhere, also beyond 32 bits. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenStartSessionIdIsSetThenFdsFollowIt(Setup setup) {
		long start = 5_000_000_000L;
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			server.send(connection.fd(), "fd " + connection.fd());
			server.close(connection.fd());
		});
		try (TestServer server = start(setup, handler, (options) -> options.workerNum(2).startSessionId(start));
				TestClient client = server.connect()) {
			client.send("x");
			assertThat(client.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("fd 5000000001");
			assertThat(server.server().stats().sessionRound()).isEqualTo(start + 1);
		}
	}

	/** CONN-02, CONN-04, CONN-05. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientComesAndGoesThenEventsComeInOrderOnOneWorker(Setup setup) {
		List<Integer> workers = new CopyOnWriteArrayList<>();
		TestHandler handler = recording();
		TestHandler checking = new TestHandler().connect((server, connection, reactorId) -> {
			workers.add(server.getWorkerId());
			handler.onConnect(server, connection, reactorId);
		}).receive((server, connection, packet) -> {
			workers.add(server.getWorkerId());
			handler.onReceive(server, connection, packet);
		}).close((server, connection, reactorId) -> {
			workers.add(server.getWorkerId());
			handler.onClose(server, connection, reactorId);
		});
		try (TestServer server = start(setup, checking)) {
			try (TestClient client = server.connect()) {
				client.send("a").read(1);
				client.send("b").read(1);
			}
			awaitNoConnection(server);
			assertThat(this.events).containsExactly("connect 1 true", "receive 1 a", "receive 1 b", "close 1 true");
			assertThat(workers).containsOnly(1);
		}
	}

	/** CONN-22: also when it closes before the worker has come to its connect event. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientClosesBeforeConnectEventRanThenAllEventsComeInOrder(Setup setup) throws Exception {
		CountDownLatch busy = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		TestHandler recording = recording();
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			if (connection.fd() == 1) {
				busy.countDown();
				release.await(20, TimeUnit.SECONDS);
			}
			else {
				recording.onConnect(server, connection, reactorId);
			}
		}).receive(recording::onReceive).close((server, connection, reactorId) -> {
			if (connection.fd() != 1) {
				recording.onClose(server, connection, reactorId);
			}
		});
		try (TestServer server = start(setup, handler, (options) -> options.workerNum(1));
				TestClient blocker = server.connect()) {
			assertThat(blocker.socket().isConnected()).isTrue();
			assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();
			try (TestClient quick = server.connect()) {
				quick.send("x");
			}
			server.connect().close();
			release.countDown();
			Awaitility.await().until(() -> this.events.stream().filter((e) -> e.startsWith("close")).count() == 2);
			assertThat(this.events).filteredOn((event) -> event.contains(" 2"))
				.containsExactly("connect 2 true", "receive 2 x", "close 2 true");
			assertThat(this.events).filteredOn((event) -> event.contains(" 3"))
				.containsExactly("connect 3 true", "close 3 true");
		}
	}

	/** CONN-02, CONN-22: also when its worker closes it before it has heard of it. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenWorkerClosesConnectionItHasNotHeardOfThenConnectComesFirst(Setup setup) {
		TestHandler recording = recording();
		// an event loop cannot wait for a connection it has to accept itself
		boolean inCallback = setup != Setup.BASE;
		CountDownLatch busy = new CountDownLatch(1);
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			if (connection.fd() != 1) {
				recording.onConnect(server, connection, reactorId);
			}
		}).receive((server, connection, packet) -> {
			busy.countDown();
			if (inCallback) {
				awaitAndClose(server);
			}
		}).close(recording::onClose);
		try (TestServer server = start(setup, handler, (options) -> options.workerNum(1));
				TestClient first = server.connect()) {
			first.send("x");
			await(busy);
			try (TestClient second = server.connect()) {
				if (!inCallback) {
					awaitAndClose(server.server());
				}
				assertThat(second.readAll()).isEmpty();
			}
			assertThat(this.events).containsExactly("connect 2 true", "close 2 false");
		}
	}

	private static void awaitAndClose(SwooleServer server) {
		Awaitility.await().pollInterval(5, TimeUnit.MILLISECONDS).until(() -> server.exists(2));
		assertThat(server.close(2)).isTrue();
	}

	/** CONN-05: a reset is told from an orderly end. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientResetsThenCloseEventComesOnceWithErrno(Setup setup) {
		AtomicReference<ClientInfo> info = new AtomicReference<>();
		TestHandler recording = recording();
		TestHandler handler = new TestHandler().receive(recording::onReceive).close((server, connection, reactorId) -> {
			info.set(server.getClientInfo(connection.fd()).orElseThrow());
			recording.onClose(server, connection, reactorId);
		});
		try (TestServer server = start(setup, handler)) {
			TestClient client = server.connect();
			client.send("a").read(1);
			client.reset();
			awaitNoConnection(server);
			assertThat(this.events).containsExactly("receive 1 a", "close 1 true");
			assertThat(info.get().closeErrno()).isEqualTo(SwooleError.ECONNRESET.code());
			try (TestClient orderly = server.connect()) {
				orderly.send("a").read(1);
			}
			awaitNoConnection(server);
			assertThat(info.get().closeErrno()).isZero();
		}
	}

	/** CONN-24: also when the reset meets output that is being written. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientResetsWhileOutputIsWrittenThenCloseEventComesOnce(Setup setup) {
		AtomicInteger errno = new AtomicInteger(-1);
		TestHandler handler = new TestHandler()
			.receive((server, connection, packet) -> connection.send(new byte[32 * 1024 * 1024]))
			.close((server, connection, reactorId) -> {
				errno.set(connection.clientInfo().closeErrno());
				this.events.add("close " + (reactorId >= 0));
			});
		try (TestServer server = start(setup, handler)) {
			TestClient client = TestClient.connect(server.port(), 8192);
			client.send("x").read(100);
			client.reset();
			awaitNoConnection(server);
			assertThat(this.events).containsExactly("close true");
			assertThat(errno).hasValue(104);
		}
	}

	/** A packet that is not complete is dropped, and nothing leaks. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientResetsInMidPacketThenNothingIsLeft(Setup setup) {
		TestHandler handler = recording();
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.openLengthCheck(true).packageMaxLength(100_000)))) {
			TestClient client = server.connect();
			client.send(new byte[] { 0, 0, 0, 1, 'a', 0, 0, 100, 0, 'b' });
			client.read(5);
			client.reset();
			awaitNoConnection(server);
			assertThat(this.events).containsExactly("connect 1 true", "receive 1 \u0000\u0000\u0000\u0001a",
					"close 1 true");
			ServerStats stats = server.server().stats();
			assertThat(stats.acceptCount()).isEqualTo(1);
			assertThat(stats.closeCount()).isEqualTo(1);
		}
	}

	/** CONN-06: what was received before is handled and answered. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientEndsItsSideThenPacketsBeforeAreAnsweredAndOutputIsWritten(Setup setup) {
		TestHandler handler = new TestHandler()
			.receive((server, connection, packet) -> connection.send("x".repeat(10_000)));
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("p\n".repeat(400)).shutdownOutput();
			assertThat(client.readAll().length).isEqualTo(4_000_000);
		}
	}

	/** CONN-06: a result that comes after the end finds nobody. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenTaskOutlastsClientThenItsResultIsRefused(Setup setup) {
		CountDownLatch closed = new CountDownLatch(1);
		BlockingQueue<SwooleError> refusals = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection.fd()))
			.task((server, task) -> {
				closed.await(20, TimeUnit.SECONDS);
				return task.data();
			})
			.finish((server, result) -> {
				assertThat(server.send((Long) result.data(), "late")).isFalse();
				refusals.add(server.getLastError());
			})
			.close((server, connection, reactorId) -> closed.countDown());
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			client.send("x").shutdownOutput();
			assertThat(client.readAll()).isEmpty();
			Awaitility.await().untilAsserted(() -> assertThat(refusals).hasSize(1));
			assertThat(refusals.poll()).isIn(SwooleError.SESSION_CLOSED, SwooleError.SESSION_NOT_EXIST);
		}
	}

	/** CONN-09, CONN-16, CONN-23, SEND-04, SEND-05: an fd that is no connection. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenFdIsUnknownThenEveryOperationSaysSo(Setup setup) {
		AtomicReference<Connection> past = new AtomicReference<>();
		TestHandler handler = TestHandler.echo().connect((server, connection, reactorId) -> past.set(connection));
		try (TestServer running = start(setup, handler)) {
			try (TestClient client = running.connect()) {
				client.send("x").read(1);
				assertThat(running.server().exists(4711)).isFalse();
				assertThat(running.server().getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
				assertThat(running.server().exists(1)).isTrue();
				assertThat(running.server().getLastError()).isEqualTo(SwooleError.NONE);
			}
			awaitNoConnection(running);
			SwooleServer server = running.server();
			for (long fd : new long[] { 1, 0, -1, 4711, Long.MIN_VALUE, Long.MAX_VALUE }) {
				List<BooleanSupplier> operations = List.of(() -> server.exists(fd), () -> server.send(fd, new byte[1]),
						() -> server.send(fd, "x"), () -> server.close(fd), () -> server.close(fd, true),
						() -> server.pause(fd), () -> server.resume(fd), () -> server.confirm(fd),
						() -> server.protect(fd, true), () -> server.bind(fd, 1),
						() -> server.sendWait(fd, new byte[1]), () -> server.getClientInfo(fd).isPresent());
				for (BooleanSupplier operation : operations) {
					assertThat(operation.getAsBoolean()).isFalse();
					assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
				}
			}
			Connection connection = past.get();
			assertThat(connection.isOpen()).isFalse();
			assertThat(connection.send("x")).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			assertThat(connection.close()).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			assertThat(connection.clientInfo().fd()).isEqualTo(1);
		}
	}

	/** CONN-15: the facts can be asked for inside the close callback, nothing else. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenInsideCloseCallbackThenOnlyFactsAreLeft(Setup setup) {
		List<Object> seen = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo().close((server, connection, reactorId) -> {
			long fd = connection.fd();
			seen.add(server.getClientInfo(fd).isPresent());
			seen.add(server.getLastError());
			seen.add(server.exists(fd));
			seen.add(server.getLastError());
			seen.add(server.send(fd, "x"));
			seen.add(server.getLastError());
			seen.add(server.close(fd));
			seen.add(server.getLastError());
			seen.add(server.close(fd, true));
			seen.add(server.getLastError());
			seen.add(server.pause(fd));
			seen.add(server.getLastError());
		});
		try (TestServer server = start(setup, handler)) {
			try (TestClient client = server.connect()) {
				client.send("x").read(1);
				server.server().close(1);
				assertThat(client.readAll()).isEmpty();
			}
			awaitNoConnection(server);
			assertThat(seen).containsExactly(true, SwooleError.NONE, false, SwooleError.SESSION_CLOSED, false,
					SwooleError.SESSION_CLOSED, false, SwooleError.SESSION_CLOSING, false, SwooleError.SESSION_CLOSING,
					false, SwooleError.SESSION_CLOSED);
		}
	}

	/** CONN-17: whatever the close callback throws, the connection is released. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenCloseCallbackThrowsThenConnectionIsReleased(Setup setup) {
		TestHandler handler = TestHandler.echo().close((server, connection, reactorId) -> {
			throw new IllegalStateException("expected by the test");
		});
		try (TestServer server = start(setup, handler)) {
			try (TestClient client = server.connect(); TestClient closed = server.connect()) {
				client.send("x").read(1);
				closed.send("x").read(1);
				server.server().close(2);
				assertThat(closed.readAll()).isEmpty();
			}
			awaitNoConnection(server);
			assertThat(handler.errors).hasSize(2);
			assertThat(server.server().stats().closeCount()).isEqualTo(2);
		}
	}

	/** CONN-18: a violation of the framing is no request to close. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPacketIsMalformedThenCloseEventNamesTheReactor(Setup setup) {
		TestHandler handler = recording();
		try (TestServer server = start(setup, handler,
				(options) -> options.workerNum(1).main((main) -> main.openLengthCheck(true).packageMaxLength(1000)));
				TestClient client = server.connect()) {
			client.send(new byte[] { 0, 0, 0, 1, 'a', 0, 0, 100, 0, 'b' });
			assertThat(client.readAll()).containsExactly(0, 0, 0, 1, 'a');
			awaitNoConnection(server);
			assertThat(this.events).last().isEqualTo("close 1 true");
		}
	}

	/** CONN-19, CONN-20. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientInfoIsAskedForThenItHasTheFacts(Setup setup) {
		BlockingQueue<ClientInfo> infos = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			infos.add(server.getClientInfo(connection.fd()).orElseThrow());
			connection.send(packet.retain());
		});
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			long before = System.currentTimeMillis() - 1;
			client.send("abc").read(3);
			ClientInfo first = infos.remove();
			assertThat(first.fd()).isEqualTo(1);
			assertThat(first.workerId()).isEqualTo(1);
			assertThat(first.reactorId()).isNotNegative();
			assertThat(first.listener()).isEqualTo("main");
			assertThat(first.serverPort()).isEqualTo(server.port());
			assertThat(first.remoteAddress()).isEqualTo(client.socket().getLocalSocketAddress());
			assertThat(first.uid()).isZero();
			assertThat(first.closeErrno()).isZero();
			assertThat(first.clientCertificate()).isNull();
			assertThat(first.lastReceiveTime().toEpochMilli()).isGreaterThanOrEqualTo(before);
			assertThat(first.lastDispatchTime()).isEqualTo(first.lastReceiveTime());
			assertThat(first.connectTime()).isBeforeOrEqualTo(first.lastReceiveTime());
			assertThat(server.server().bind(1, 77)).isTrue();
			client.send("d").read(1);
			ClientInfo second = infos.remove();
			assertThat(second.uid()).isEqualTo(77);
			assertThat(second.lastSendTime()).isAfterOrEqualTo(first.lastReceiveTime());
			assertThat(second.lastReceiveTime()).isAfterOrEqualTo(first.lastReceiveTime());
		}
	}

	/** CONN-20: a backlog shows in the dispatch time. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPacketHasWaitedThenDispatchTimeIsThatOfItsArrival(Setup setup) {
		BlockingQueue<Long> waited = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			waited.add(System.currentTimeMillis() - connection.clientInfo().lastDispatchTime().toEpochMilli());
			TimeUnit.MILLISECONDS.sleep(300);
			connection.send("k");
		});
		try (TestServer server = start(setup, handler,
				(options) -> options.workerNum(1).main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = server.connect()) {
			client.send("1\n2\n").read(2);
			waited.remove();
			assertThat(waited.remove()).isGreaterThanOrEqualTo(250);
		}
	}

	/** CONN-10, CONN-12, CONN-24: many reasons to close at once, one close event. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenManyCloseAtOnceThenOneSucceedsAndEventComesOnce(Setup setup) throws Exception {
		AtomicInteger closes = new AtomicInteger();
		TestHandler handler = TestHandler.echo().close((server, connection, reactorId) -> closes.incrementAndGet());
		int rounds = 30;
		try (TestServer server = start(setup, handler)) {
			for (int round = 0; round < rounds; round++) {
				AtomicInteger accepted = new AtomicInteger();
				long fd = round + 1;
				TestClient client = server.connect();
				client.send("x").read(1);
				CountDownLatch go = new CountDownLatch(1);
				List<Thread> threads = new ArrayList<>();
				for (int i = 0; i < 4; i++) {
					threads.add(new Thread(() -> {
						await(go);
						if (server.server().close(fd)) {
							accepted.incrementAndGet();
						}
					}));
				}
				int kind = round % 3;
				threads.add(new Thread(() -> {
					await(go);
					if (kind == 0) {
						client.shutdownOutput();
					}
					else if (kind == 1) {
						client.reset();
					}
				}));
				threads.forEach(Thread::start);
				go.countDown();
				for (Thread thread : threads) {
					thread.join();
				}
				awaitNoConnection(server);
				client.close();
				assertThat(accepted.get()).isLessThanOrEqualTo(1);
				assertThat(closes).hasValue(round + 1);
			}
			assertThat(server.server().stats().closeCount()).isEqualTo(rounds);
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** Attributes live and die with the connection. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenAttributeIsSetThenLaterEventsSeeIt(Setup setup) {
		TestHandler handler = new TestHandler()
			.connect((server, connection, reactorId) -> connection.attributes().put("name", "n"))
			.receive((server, connection, packet) -> connection.send((String) connection.attributes().get("name")));
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			assertThat(client.send("x").readText(1)).isEqualTo("n");
		}
	}

}
