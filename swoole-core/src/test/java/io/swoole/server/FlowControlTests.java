package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

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
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests of pause, resume, confirm and bind: FLOW-01 to FLOW-05.
 */
@Timeout(60)
class FlowControlTests {

	private static final String SETUPS = "io.swoole.testing.Setup#available";

	private final List<String> events = new CopyOnWriteArrayList<>();

	private static TestServer start(Setup setup, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			setup.accept(options);
			settings.accept(options.workerNum(1));
		});
	}

	private TestHandler recording() {
		return new TestHandler().connect((server, connection, reactorId) -> this.events.add("connect"))
			.receive((server, connection, packet) -> {
				this.events.add(packet.toString(StandardCharsets.UTF_8));
				connection.send(packet.retain());
			})
			.close((server, connection, reactorId) -> this.events.add("close " + (reactorId >= 0)));
	}

	/** FLOW-01, FLOW-02: nothing is read, sending goes on. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPausedThenNothingIsReadUntilResumed(Setup setup) {
		try (TestServer running = start(setup, recording(), (options) -> {
		}); TestClient client = running.connect(); TestClient other = running.connect()) {
			SwooleServer server = running.server();
			client.send("a").read(1);
			assertThat(server.pause(1)).isTrue();
			assertThat(server.pause(1)).isTrue();
			assertThat(server.getLastError()).isEqualTo(SwooleError.NONE);
			assertThat(server.send(1, "sent")).isTrue();
			assertThat(client.readText(4)).isEqualTo("sent");
			long received = server.stats().totalRecvBytes();
			client.send("b");
			other.send("o").read(1);
			assertThat(server.stats().totalRecvBytes()).isEqualTo(received + 1);
			assertThat(this.events).doesNotContain("b");
			assertThat(server.resume(1)).isTrue();
			assertThat(server.resume(1)).isTrue();
			assertThat(client.readText(1)).isEqualTo("b");
			client.send("c").read(1);
		}
	}

	/** FLOW-01: packets that have been dispatched still arrive, others wait. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPausedInHandlerThenBufferedPacketsWait(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			String text = packet.toString(StandardCharsets.UTF_8);
			this.events.add(text);
			if (text.equals("1;")) {
				server.pause(connection.fd());
			}
			connection.send(packet.retain());
		});
		int packets = 2000;
		StringBuilder all = new StringBuilder();
		for (int i = 1; i <= packets; i++) {
			all.append(i).append(';');
		}
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.openEofSplit(true).packageEof(";")));
				TestClient client = server.connect()) {
			client.send(all.toString());
			assertThat(client.readText(2)).isEqualTo("1;");
			int before = -1;
			while (before != this.events.size()) {
				before = this.events.size();
				try (TestClient pacer = server.connect()) {
					pacer.send("x;").read(2);
				}
				this.events.remove("x;");
			}
			assertThat(before).isLessThan(packets);
			if (setup == Setup.BASE) {
				assertThat(before).isEqualTo(1);
			}
			assertThat(server.server().resume(1)).isTrue();
			assertThat(client.readText(all.length() - 2)).isEqualTo(all.substring(2));
		}
	}

	/** FLOW-02: a handler that resumes is not entered again before it has returned. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenResumedInCallbackThenPacketsComeAfterIt(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			String text = packet.toString(StandardCharsets.UTF_8);
			this.events.add("begin " + text);
			if (text.equals("pause;")) {
				server.pause(connection.fd());
			}
			else if (text.equals("resume;")) {
				server.resume(1);
			}
			this.events.add("end " + text);
			connection.send(packet.retain());
		});
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.openEofSplit(true).packageEof(";")));
				TestClient client = server.connect();
				TestClient other = server.connect()) {
			client.send("pause;").read(6);
			client.send("waits;");
			other.send("resume;").read(7);
			assertThat(client.readText(6)).isEqualTo("waits;");
			assertThat(this.events).containsExactly("begin pause;", "end pause;", "begin resume;", "end resume;",
					"begin waits;", "end waits;");
		}
	}

	/** FLOW-01, FLOW-02: the last call decides. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPausedAndResumedInTurnThenLastCallDecides(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			long fd = connection.fd();
			String text = packet.toString(StandardCharsets.UTF_8);
			for (char step : text.toCharArray()) {
				assertThat((step == 'p') ? server.pause(fd) : server.resume(fd)).isTrue();
			}
			connection.send("k");
		});
		try (TestServer server = start(setup, handler, (options) -> {
		}); TestClient client = server.connect(); TestClient other = server.connect()) {
			client.send("prpr").read(1);
			client.send("prprp").read(1);
			long received = server.server().stats().totalRecvBytes();
			client.send("r");
			other.send("r").read(1);
			assertThat(server.server().stats().totalRecvBytes()).isEqualTo(received + 1);
			server.server().resume(1);
			client.read(1);
		}
	}

	/** FLOW-03: the end of a paused client is noticed when it is resumed. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPausedClientEndsThenCloseEventComesAfterResume(Setup setup) {
		try (TestServer running = start(setup, recording(), (options) -> {
		})) {
			SwooleServer server = running.server();
			try (TestClient client = running.connect()) {
				client.send("a").read(1);
				server.pause(1);
				// what is sent after the pause comes after it
				server.send(1, "p");
				client.read(1);
				client.send("b");
			}
			try (TestClient other = running.connect()) {
				other.send("o").read(1);
			}
			Awaitility.await().until(() -> server.stats().closeCount() == 1);
			assertThat(this.events).containsExactly("connect", "a", "connect", "o", "close true");
			assertThat(server.exists(1)).isTrue();
			assertThat(server.resume(1)).isTrue();
			Awaitility.await().until(() -> server.stats().connectionNum() == 0);
			assertThat(this.events).endsWith("b", "close true");
		}
	}

	/** FLOW-01: a paused connection can be closed, and its client may still send. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPausedConnectionIsClosedThenClientGetsItsOutput(Setup setup) {
		try (TestServer running = start(setup, recording(), (options) -> {
		}); TestClient client = TestClient.connect(running.port(), 8192)) {
			SwooleServer server = running.server();
			client.send("a").read(1);
			server.pause(1);
			// what is sent after the pause comes after it
			server.send(1, "p");
			client.read(1);
			client.send("never handled");
			server.send(1, new byte[3_000_000]);
			assertThat(server.close(1)).isTrue();
			assertThat(client.readAll().length).isEqualTo(3_000_000);
			Awaitility.await().until(() -> server.stats().connectionNum() == 0);
			assertThat(this.events).containsExactly("connect", "a", "close false");
		}
	}

	/** FLOW-04: early bytes wait in the operating system. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenReceivingIsDelayedThenNothingIsReadBeforeConfirm(Setup setup) {
		try (TestServer running = start(setup, recording(), (options) -> options.enableDelayReceive(true));
				TestClient client = running.connect();
				TestClient rejected = running.connect()) {
			SwooleServer server = running.server();
			client.send("early");
			rejected.send("early");
			Awaitility.await().until(() -> server.exists(1) && server.exists(2));
			assertThat(server.send(1, "hello")).isTrue();
			assertThat(client.readText(5)).isEqualTo("hello");
			assertThat(server.stats().totalRecvBytes()).isZero();
			assertThat(server.confirm(1)).isTrue();
			assertThat(client.readText(5)).isEqualTo("early");
			assertThat(server.confirm(1)).isTrue();
			assertThat(server.close(2)).isTrue();
			assertThat(rejected.readAll()).isEmpty();
			Awaitility.await().until(() -> server.stats().connectionNum() == 1);
			assertThat(server.confirm(2)).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			assertThat(this.events).containsExactlyInAnyOrder("connect", "connect", "early", "close false");
		}
	}

	/** FLOW-04: confirmed in the connect event, or later by a task. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenConfirmedInConnectEventThenPacketsComeAfterIt(Setup setup) throws Exception {
		CountDownLatch inConnect = new CountDownLatch(1);
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			assertThat(server.confirm(connection.fd())).isTrue();
			this.events.add("confirmed");
			inConnect.await(1, TimeUnit.SECONDS);
			this.events.add("connected");
		}).receive((server, connection, packet) -> {
			this.events.add("receive");
			connection.send(packet.retain());
		});
		try (TestServer server = start(setup, handler, (options) -> options.enableDelayReceive(true));
				TestClient client = server.connect()) {
			client.send("x").read(1);
			assertThat(this.events).containsExactly("confirmed", "connected", "receive");
		}
	}

	/** FLOW-05. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenConnectionIsBoundThenOnceAndForAll(Setup setup) {
		BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			seen.add(connection.bind(5_000_000_000L));
			seen.add(connection.bind(5_000_000_000L));
			seen.add(server.getLastError());
			seen.add(server.bind(connection.fd(), 7));
			seen.add(connection.clientInfo().uid());
			connection.send("k");
		}).close((server, connection, reactorId) -> {
			seen.add(server.getClientInfo(connection.fd()).orElseThrow().uid());
			seen.add(connection.bind(9));
		});
		try (TestServer running = start(setup, handler, (options) -> {
		})) {
			SwooleServer server = running.server();
			try (TestClient client = running.connect()) {
				client.send("x").read(1);
			}
			Awaitility.await().until(() -> server.stats().connectionNum() == 0);
			assertThat(seen).containsExactly(true, false, SwooleError.WRONG_OPERATION, false, 5_000_000_000L,
					5_000_000_000L, false);
			assertThat(server.bind(1, 1)).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
		}
	}

	/** FLOW-05: a uid is greater than 0. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenUidIsNotPositiveThenThrows(ServerMode mode) {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			client.send("x").read(1);
			for (long uid : new long[] { 0, -1, Long.MIN_VALUE }) {
				assertThatIllegalArgumentException().isThrownBy(() -> server.server().bind(1, uid))
					.withMessageContaining(String.valueOf(uid));
				assertThatIllegalArgumentException().isThrownBy(() -> server.server().bind(4711, uid));
			}
			assertThat(server.server().getClientInfo(1).orElseThrow().uid()).isZero();
			assertThat(server.server().bind(1, Long.MAX_VALUE)).isTrue();
		}
	}

	/** Protection is a flag; the heartbeat looks at it. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenConnectionIsProtectedThenSaysSo(ServerMode mode) {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			client.send("x").read(1);
			assertThat(server.server().protect(1, true)).isTrue();
			assertThat(server.server().protect(1, true)).isTrue();
			assertThat(server.server().protect(1, false)).isTrue();
			assertThat(server.server().protect(4711, true)).isFalse();
		}
	}

}
