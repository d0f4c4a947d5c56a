package io.swoole.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import io.swoole.testing.Transports;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * LIMIT: how many may connect, and from where.
 */
class LimitTests {

	/** LIMIT-02, LIMIT-03, STATS-04. */
	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenLimitIsReachedThenMoreAreClosedAtOnceAndPlacesComeBack(ServerMode mode, TransportType transport) {
		AtomicInteger connects = new AtomicInteger();
		AtomicInteger closes = new AtomicInteger();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> connects.incrementAndGet())
			.close((server, connection, reactorId) -> closes.incrementAndGet());
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(mode).transport(transport).maxConnection(3))) {
			List<TestClient> clients = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				clients.add(echoing(server.connect()));
			}
			for (int i = 0; i < 20; i++) {
				try (TestClient refused = server.connect()) {
					assertThat(refused.readAll()).isEmpty();
				}
			}
			clients.forEach(LimitTests::echoing);
			assertThat(connects).hasValue(3);
			assertThat(closes).hasValue(0);
			ServerStats stats = server.server().stats();
			assertThat(stats.abortCount()).isEqualTo(20);
			assertThat(stats.acceptCount()).isEqualTo(3);
			assertThat(stats.connectionNum()).isEqualTo(3);
			assertThat(log.messages(Level.WARN)).hasSizeBetween(1, 3)
				.first()
				.asString()
				.contains("'main'", "max-connection of 3", "9002");
			clients.remove(0).close();
			Awaitility.await().until(() -> closes.get() == 1 && server.server().stats().connectionNum() == 2);
			clients.add(echoing(server.connect()));
			clients.forEach(TestClient::close);
			Awaitility.await().until(() -> closes.get() == 4);
			assertThat(connects).hasValue(4);
		}
	}

	@Test
	void whenCloseCallbackHasToWaitThenPlaceStaysTaken() throws Exception {
		CountDownLatch block = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> block.await());
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(ServerMode.PROCESS).workerNum(1).maxConnection(2))) {
			TestClient first = server.connect().send("block");
			TestClient second = server.connect();
			Awaitility.await().until(() -> server.server().stats().acceptCount() == 2);
			second.close();
			Awaitility.await().until(() -> {
				try (TestClient refused = server.connect()) {
					return refused.readAll().length == 0 && server.server().stats().abortCount() > 0;
				}
			});
			assertThat(server.server().stats().acceptCount()).isEqualTo(2);
			block.countDown();
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 1);
			first.close();
		}
		finally {
			block.countDown();
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenAddressHasItsFillThenOtherAddressesStillGetIn(TransportType transport) throws Exception {
		Transports.assumeAddress("127.0.0.2");
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.transport(transport).maxConnectionPerIp(2));
				Socket second = connect(server, "127.0.0.1")) {
			Socket first = connect(server, "127.0.0.1");
			assertThat(isServed(first)).isTrue();
			assertThat(isServed(second)).isTrue();
			try (Socket third = connect(server, "127.0.0.1"); Socket other = connect(server, "127.0.0.2")) {
				assertThat(isServed(third)).isFalse();
				assertThat(isServed(other)).isTrue();
			}
			first.close();
			Awaitility.await().until(() -> {
				try (Socket next = connect(server, "127.0.0.1")) {
					return isServed(next);
				}
			});
			assertThat(server.server().stats().abortCount()).isPositive();
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenAddressIsDeniedThenIsRefusedWithoutEvents(TransportType transport) throws Exception {
		Transports.assumeAddress("127.0.0.2");
		BlockingQueue<Long> connects = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> connects.add(connection.fd()));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.transport(transport)
					.main()
					.allowFrom(List.of("127.0.0.0/24", "::1"))
					.denyFrom(List.of("127.0.0.3")));
				Socket allowed = connect(server, "127.0.0.2");
				Socket denied = connect(server, "127.0.0.3");
				Socket outside = connect(server, "127.0.1.1")) {
			assertThat(isServed(allowed)).isTrue();
			assertThat(isServed(denied)).isFalse();
			assertThat(isServed(outside)).isFalse();
			assertThat(connects.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
			assertThat(connects).isEmpty();
			assertThat(server.server().stats().abortCount()).isEqualTo(2);
		}
	}

	@Test
	void whenListIsNoListOfNetworksThenFailsNamingTheSetting() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptions.builder().main((main) -> main.denyFrom(List.of("10.0.0.0/99"))).build())
			.withMessageContaining("deny-from")
			.withMessageContaining("0 to 32");
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ListenerOptions.builder("admin").allowFrom(List.of("localhost")).build())
			.withMessageContaining("allow-from of listener 'admin'")
			.withMessageContaining("10.0.0.0/8");
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptions.builder().maxConnection(1_048_577).build())
			.withMessageContaining("max-connection");
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptions.builder().maxConnection(-1).build())
			.withMessageContaining("1 to 1048576");
	}

	private static TestClient echoing(TestClient client) {
		assertThat(client.send("hello").readText(5)).isEqualTo("hello");
		return client;
	}

	private static Socket connect(TestServer server, String from) throws IOException {
		Socket socket = new Socket();
		socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
		socket.setSoTimeout(20_000);
		socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), server.port()), 10_000);
		return socket;
	}

	/** Whether the server echoes, or else has closed the connection. */
	private static boolean isServed(Socket socket) {
		try {
			socket.getOutputStream().write('x');
			return socket.getInputStream().read() == 'x';
		}
		catch (IOException ex) {
			return false;
		}
	}

}
