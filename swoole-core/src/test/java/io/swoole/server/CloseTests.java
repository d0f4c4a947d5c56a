package io.swoole.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.Setup;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the server closing a connection: CONN-07, CONN-08, CONN-10 to CONN-14.
 */
@Timeout(60)
class CloseTests {

	private static final String SETUPS = "io.swoole.testing.Setup#available";

	private static TestServer start(Setup setup, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			setup.accept(options);
			settings.accept(options);
		});
	}

	private static TestServer start(Setup setup, TestHandler handler) {
		return start(setup, handler, (options) -> options.workerNum(1).taskWorkerNum(1));
	}

	private static void awaitNoConnection(TestServer server) {
		Awaitility.await().until(() -> {
			ServerStats stats = server.server().stats();
			return stats.acceptCount() > 0 && stats.connectionNum() == 0;
		});
	}

	/** CONN-07: in a callback of the connection itself. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedInItsOwnCallbackThenCloseEventHasRunBeforeCloseReturns(Setup setup) {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			events.add("before");
			events.add("closed " + server.close(connection.fd()));
			events.add("after");
		}).close((server, connection, reactorId) -> events.add("event " + reactorId));
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			client.send("x");
			assertThat(client.readAll()).isEmpty();
			awaitNoConnection(server);
			Awaitility.await().until(() -> events.size() == 4);
			assertThat(events).containsExactly("before", "event -1", "closed true", "after");
		}
	}

	/** CONN-07: elsewhere in its worker. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClosedInAnotherCallbackOfItsWorkerThenCloseEventIsTheNextEvent(ServerMode mode) throws Exception {
		List<String> events = new CopyOnWriteArrayList<>();
		CountDownLatch queued = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			String text = packet.toString(StandardCharsets.UTF_8);
			events.add("receive " + connection.fd() + " " + text);
			if (text.equals("close")) {
				queued.await(20, TimeUnit.SECONDS);
				events.add("closed " + server.close(1));
				events.add("end of receive");
			}
			connection.send("k");
		}).close((server, connection, reactorId) -> events.add("event " + connection.fd() + " " + reactorId));
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1));
				TestClient one = server.connect();
				TestClient two = server.connect()) {
			one.send("hello").read(1);
			two.send("close");
			Awaitility.await().until(() -> events.contains("receive 2 close"));
			one.send("too late");
			queued.countDown();
			assertThat(one.readAll()).isEmpty();
			two.read(1);
			assertThat(events).containsExactly("receive 1 hello", "receive 2 close", "closed true", "end of receive",
					"event 1 -1");
		}
	}

	/** CONN-08: from a task worker and from a thread the server does not know. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedFromElsewhereThenCloseEventRunsInItsWorker(Setup setup) {
		BlockingQueue<String> events = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection.fd()))
			.task((server, task) -> {
				events.add("task " + server.close((Long) task.data()));
				return null;
			})
			.close((server, connection, reactorId) -> events.add("event " + reactorId + " " + server.getWorkerId()));
		try (TestServer server = start(setup, handler, (options) -> options.workerNum(2).taskWorkerNum(1));
				TestClient one = server.connect();
				TestClient two = server.connect()) {
			one.send("x");
			assertThat(one.readAll()).isEmpty();
			Awaitility.await().until(() -> server.server().exists(2));
			assertThat(server.server().close(2)).isTrue();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.NONE);
			assertThat(two.readAll()).isEmpty();
			awaitNoConnection(server);
			assertThat(events).containsExactlyInAnyOrder("task true", "event -1 1", "event -1 0");
		}
	}

	/** CONN-10: a second close while the output of the first is written. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedAgainWhileOutputIsWrittenThenIsRefused(Setup setup) {
		BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			server.send(connection.fd(), new byte[6_000_000]);
			seen.add(server.close(connection.fd()));
			seen.add(server.close(connection.fd()));
			seen.add(server.getLastError());
			seen.add(server.send(connection.fd(), "x"));
			seen.add(server.getLastError());
		});
		try (TestServer server = start(setup, handler); TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			Awaitility.await().until(() -> seen.size() == 5);
			assertThat(seen).containsExactly(true, false, SwooleError.SESSION_CLOSED, false,
					SwooleError.SESSION_NOT_EXIST);
			assertThat(server.server().close(1)).isFalse();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.SESSION_CLOSED);
			assertThat(server.server().getClientInfo(1)).isEmpty();
			assertThat(client.readAll().length).isEqualTo(6_000_000);
			awaitNoConnection(server);
		}
	}

	/** CONN-11: what was sent before arrives, and then the end. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedWithPendingOutputThenClientGetsAllOfIt(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			for (int i = 0; i < 40; i++) {
				assertThat(connection.send(new byte[100_000])).isTrue();
			}
			connection.close();
		});
		try (TestServer server = start(setup, handler); TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			assertThat(client.readAll().length).isEqualTo(4_000_000);
			awaitNoConnection(server);
		}
	}

	/** CONN-11, CONN-13: also to a client that goes on sending and reads slowly. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientStillSendsWhileItIsClosedThenNoResetDestroysPendingOutput(Setup setup) throws Exception {
		List<String> received = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			received.add("x");
			connection.send(new byte[5_000_000]);
			connection.close();
		});
		try (TestServer server = start(setup, handler); TestClient client = TestClient.connect(server.port(), 8192)) {
			AtomicBoolean done = new AtomicBoolean();
			Thread chatter = new Thread(() -> {
				byte[] data = new byte[10_000];
				try {
					while (!done.get()) {
						client.socket().getOutputStream().write(data);
						LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
					}
				}
				catch (IOException ex) {
					// the connection has ended
				}
			});
			chatter.start();
			try {
				int count = 0;
				InputStream in = client.socket().getInputStream();
				byte[] buffer = new byte[50_000];
				for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
					count += length;
					Thread.yield();
				}
				assertThat(count).isEqualTo(5_000_000);
				assertThat(received).hasSize(1);
			}
			finally {
				done.set(true);
				client.socket().close();
				chatter.join();
			}
			awaitNoConnection(server);
		}
	}

	/** CONN-11, CONN-18: also when it is closed because it sends what is no packet. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPacketIsMalformedAndClientGoesOnThenEarlierAnswersArrive(Setup setup) throws Exception {
		TestHandler handler = new TestHandler()
			.receive((server, connection, packet) -> connection.send(new byte[3_000_000]));
		try (TestServer server = start(setup, handler,
				(options) -> options.workerNum(1)
					.main((main) -> main.openLengthCheck(true).packageMaxLength(1000).halfClose(true)));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send(new byte[] { 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b', 0, 100, 0, 0 });
			Thread chatter = new Thread(() -> {
				try {
					while (true) {
						client.socket().getOutputStream().write(new byte[10_000]);
					}
				}
				catch (IOException ex) {
					// the connection has ended
				}
			});
			chatter.start();
			assertThat(client.readAll().length).isEqualTo(6_000_000);
			client.socket().close();
			chatter.join();
			awaitNoConnection(server);
		}
	}

	/** CONN-11: whoever takes a little now and then is not cut. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientReadsSlowlyWhileItIsClosedThenItGetsAll(Setup setup) {
		int length = 6_000_000;
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(new byte[length]);
			connection.close();
		});
		Duration patience = Duration.ofMillis(700);
		try (TestServer server = start(setup, handler,
				(options) -> options.workerNum(1)
					.socketSendTimeout(patience)
					.main((main) -> main.kernelSocketSendBufferSize(65536)));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			int read = 0;
			long begin = System.nanoTime();
			while (System.nanoTime() - begin < 2 * patience.toNanos()) {
				read += client.read(20_000).length;
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
			}
			assertThat(client.readAll().length).isEqualTo(length - read);
			awaitNoConnection(server);
		}
	}

	/** CONN-12: with a reset the rest of the output is lost, and there is one event. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenResetAfterCloseThenOutputIsCutAndEventComesOnce(Setup setup) {
		List<Integer> events = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(new byte[30_000_000]);
			connection.close();
		}).close((server, connection, reactorId) -> events.add(reactorId));
		try (TestServer server = start(setup, handler); TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x").read(1000);
			assertThat(server.server().close(1)).isFalse();
			assertThat(server.server().close(1, true)).isTrue();
			awaitNoConnection(server);
			assertThat(client.readAll().length).isLessThan(30_000_000 - 1000);
			assertThat(events).containsExactly(-1);
			assertThat(server.server().close(1, true)).isFalse();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
		}
	}

	/** CONN-12: with a reset right away. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedWithResetThenOutputIsDiscarded(Setup setup) {
		List<Integer> events = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(new byte[30_000_000]);
			connection.close(true);
		}).close((server, connection, reactorId) -> events.add(reactorId));
		try (TestServer server = start(setup, handler); TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			assertThat(client.readAll().length).isLessThan(30_000_000);
			awaitNoConnection(server);
			assertThat(events).containsExactly(-1);
		}
	}

	/** CONN-13: packets that have been received but not handled are dropped. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedThenBufferedPacketsAreDropped(Setup setup) {
		List<String> received = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			received.add(packet.toString(StandardCharsets.UTF_8));
			connection.send(packet.retain());
			if (received.size() == 3) {
				connection.close();
			}
		});
		try (TestServer server = start(setup, handler,
				(options) -> options.workerNum(1).main((main) -> main.openEofSplit(true).packageEof(";")));
				TestClient client = server.connect()) {
			client.send("1;2;3;4;5;6;7;8;");
			assertThat(client.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("1;2;3;");
			awaitNoConnection(server);
			assertThat(received).containsExactly("1;", "2;", "3;");
		}
	}

	/** CONN-14: nothing of what the client sends is delivered. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedInConnectEventThenDataAreNeverDelivered(Setup setup) {
		List<Object> events = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			events.add(server.close(connection.fd()));
			events.add(server.close(connection.fd()));
			events.add(server.getLastError());
		})
			.receive((server, connection, packet) -> events.add("receive"))
			.close((server, connection, reactorId) -> events.add("close " + reactorId));
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			try {
				client.socket().getOutputStream().write('x');
			}
			catch (IOException ex) {
				// closed already
			}
			assertThat(client.readAll()).isEmpty();
			awaitNoConnection(server);
			Awaitility.await().until(() -> events.size() == 4);
			assertThat(events).containsExactly("close -1", true, false, SwooleError.SESSION_NOT_EXIST);
		}
	}

	/** CONN-06, CONN-08: the facts are gone when the client has been closed. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenServerHasClosedThenClientThatStaysDoesNotKeepTheConnection(Setup setup) {
		try (TestServer server = start(setup, TestHandler.echo()); TestClient client = server.connect()) {
			client.send("x").read(1);
			assertThat(server.server().close(1)).isTrue();
			assertThat(client.readAll()).isEmpty();
			awaitNoConnection(server);
			assertThat(server.server().stats().closeCount()).isEqualTo(1);
			assertThat(client.socket().isClosed()).isFalse();
		}
	}

	/** The socket of a closed connection does not wait for its client without end. */
	@ParameterizedTest
	@EnumSource(names = "BASE")
	void whenClientNeverEndsItsSideThenSocketIsClosedAfterAWhile(ServerMode mode) {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode).socketSendTimeout(Duration.ofMillis(500)));
				TestClient client = server.connect()) {
			client.send("x").read(1);
			server.server().close(1);
			assertThat(client.readAll()).isEmpty();
			Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
				try {
					client.socket().getOutputStream().write('x');
					return false;
				}
				catch (IOException ex) {
					return true; // reset: nobody reads any more
				}
			});
		}
	}

	/** CONN-11: a client that reads nothing is not waited for without end. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientReadsNothingWhileItIsClosedThenItIsCut(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(new byte[30_000_000]);
			connection.close();
		});
		try (LogCapture log = LogCapture.of("io.swoole.server.connection", Level.INFO);
				TestServer server = start(setup, handler,
						(options) -> options.workerNum(1).socketSendTimeout(Duration.ofMillis(300)));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			awaitNoConnection(server);
			assertThat(log.messages(Level.INFO)).singleElement()
				.asString()
				.contains("fd=1", "has taken nothing for 300 ms", "bytes are lost");
			assertThat(client.readAll().length).isLessThan(30_000_000);
		}
	}

	/** The reason of a refusal is in the log too. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenOperationIsRefusedThenLogHasTheReason(Setup setup) {
		try (TestServer server = start(setup, TestHandler.echo());
				LogCapture log = LogCapture.of("io.swoole.server.connection", Level.DEBUG)) {
			assertThat(server.server().close(4711)).isFalse();
			assertThat(log.messages(Level.DEBUG)).contains("close refused: SESSION_NOT_EXIST (1005) [fd=4711]");
		}
	}

	/** A close that comes while the connect event runs waits for it. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClosedFromElsewhereDuringConnectEventThenEventsKeepTheirOrder(Setup setup) throws Exception {
		List<String> events = new CopyOnWriteArrayList<>();
		AtomicReference<Boolean> closed = new AtomicReference<>();
		CountDownLatch inConnect = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			inConnect.countDown();
			go.await(20, TimeUnit.SECONDS);
			events.add("connect");
		})
			.receive((server, connection, packet) -> events.add("receive"))
			.close((server, connection, reactorId) -> events.add("close " + reactorId));
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			client.send("x");
			assertThat(inConnect.await(20, TimeUnit.SECONDS)).isTrue();
			closed.set(server.server().close(1));
			go.countDown();
			assertThat(client.readAll()).isEmpty();
			awaitNoConnection(server);
			assertThat(closed.get()).isTrue();
			assertThat(events).containsExactly("connect", "close -1");
		}
	}

}
