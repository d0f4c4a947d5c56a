package io.swoole.server;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.swoole.testing.SharedServer;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * CONN-05, CONN-22, STATS-04, BUF-10: clients that do not behave have the right events
 * and counters, and nothing is left of them. The tests wait most of the time, so they run
 * at the same time.
 */
@SharedServer
class BadClientsTests {

	private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

	private final TestHandler handler = TestHandler.echo()
		.connect((server, connection, reactorId) -> this.events.add("connect " + connection.fd()))
		.close((server, connection, reactorId) -> this.events.add("close " + connection.fd()
				+ ((reactorId >= 0) ? "" : " by the server") + " " + connection.clientInfo().closeErrno()));

	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenPacketDripsInThenPacketTimeoutEndsIt(ServerMode mode, TransportType transport) throws Exception {
		try (TestServer server = start(mode, transport); TestClient slow = server.connect()) {
			byte[] packet = new byte[104];
			packet[3] = 100;
			String event = null;
			for (int i = 0; i < packet.length && event == null; i++) {
				slow.send(new byte[] { packet[i] });
				event = this.events.poll(100, TimeUnit.MILLISECONDS);
				if ("connect 1".equals(event)) {
					event = null;
				}
			}
			assertThat(event).isEqualTo("close 1 0");
			assertThat(slow.readAll()).isEmpty();
			isClean(server, 1);
		}
	}

	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenClientSaysNothingThenHeartbeatEndsIt(ServerMode mode, TransportType transport) throws Exception {
		try (TestServer server = start(mode, transport); TestClient silent = server.connect()) {
			assertThat(silent.readAll()).isEmpty();
			assertThat(this.events.poll(10, TimeUnit.SECONDS)).isEqualTo("connect 1");
			assertThat(this.events.poll(10, TimeUnit.SECONDS)).isEqualTo("close 1 0");
			isClean(server, 1);
		}
	}

	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenClientResetsInMidPacketThenEndsWithItsError(ServerMode mode, TransportType transport) throws Exception {
		try (TestServer server = start(mode, transport)) {
			TestClient client = server.connect().send(new byte[] { 0, 0, 0, 100, 'b', 'e', 'g', 'i', 'n' });
			assertThat(this.events.poll(10, TimeUnit.SECONDS)).isEqualTo("connect 1");
			Awaitility.await().until(() -> server.server().stats().totalRecvBytes() == 9);
			client.reset();
			assertThat(this.events.poll(10, TimeUnit.SECONDS)).isEqualTo("close 1 104");
			isClean(server, 1);
		}
	}

	/** CONN-22. */
	@ParameterizedTest
	@Execution(ExecutionMode.CONCURRENT)
	@EnumSource(ServerMode.class)
	void whenClientGoesBeforeOnConnectHasRunThenHasBothEventsInOrder(ServerMode mode) throws Exception {
		CountDownLatch block = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(1);
		TestHandler blocking = new TestHandler().connect((server, connection, reactorId) -> {
			if (connection.fd() == 1) {
				blocked.countDown();
				block.await();
			}
			this.events.add("connect " + connection.fd());
		})
			.receive((server, connection, packet) -> this.events.add("receive " + connection.fd()))
			.close((server, connection, reactorId) -> this.events.add("close " + connection.fd()));
		try (TestServer server = TestServer.start(blocking, (options) -> options.mode(mode).workerNum(1))) {
			TestClient first = server.connect();
			assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
			server.connect().close();
			server.connect().send("x").close();
			server.connect().send("x").reset();
			block.countDown();
			first.close();
			Awaitility.await().until(() -> server.server().stats().closeCount() == 4);
			for (int fd = 1; fd <= 4; fd++) {
				int id = fd;
				assertThat(this.events.stream().filter((event) -> event.endsWith(" " + id))).startsWith("connect " + id)
					.endsWith("close " + id)
					.doesNotHaveDuplicates();
			}
			assertThat(this.events.stream().filter((event) -> event.equals("receive 3"))).hasSize(1);
			isClean(server, 4);
		}
		finally {
			block.countDown();
		}
	}

	private TestServer start(ServerMode mode, TransportType transport) {
		return TestServer.start(this.handler,
				(options) -> options.mode(mode)
					.transport(transport)
					.heartbeatCheckInterval(Duration.ofMillis(100))
					.main()
					.openLengthCheck(true)
					.heartbeatIdleTime(Duration.ofMillis(1500))
					.packetTimeout(Duration.ofMillis(600)));
	}

	private void isClean(TestServer server, int connections) {
		Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
		ServerStats stats = server.server().stats();
		assertThat(stats.acceptCount()).isEqualTo(connections);
		assertThat(stats.closeCount()).isEqualTo(connections);
		assertThat(stats.abortCount()).isZero();
		assertThat(server.server().getConnectionCount()).isZero();
		assertThat(server.server().getConnections()).isEmpty();
		assertThat(this.handler.errors).isEmpty();
	}

}
