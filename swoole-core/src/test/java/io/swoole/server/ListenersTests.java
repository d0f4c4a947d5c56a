package io.swoole.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestDatagrams;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import io.swoole.testing.Transports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of several listeners: PORT-01, PORT-03, PORT-04, PORT-05, PORT-06, UDP-06,
 * SSL-09, LIFE-14, LIFE-15.
 */
class ListenersTests {

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenListenersHaveFramingOfTheirOwnThenEachCutsItsWay(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> connection
			.send(connection.clientInfo().listener() + ":" + packet.readableBytes() + ";"));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode)
					.main((main) -> main.openEofSplit(true).packageEof("\\n"))
					.listener(ListenerOptions.builder("binary")
						.openLengthCheck(true)
						.packageLengthType('n')
						.packageBodyOffset(2)
						.build())
					.listener(ListenerOptions.builder("raw").build()));
				TestClient lines = server.connect();
				TestClient binary = TestClient.connect(server.port("binary"));
				TestClient raw = TestClient.connect(server.port("raw"))) {
			assertThat(lines.send("one\ntwo\n").readText(14)).isEqualTo("main:4;main:4;");
			assertThat(binary.send(new byte[] { 0, 1, 'x', 0, 2, 'y', 'z' }).readText(18))
				.isEqualTo("binary:3;binary:4;");
			assertThat(raw.send("one\ntwo\n").readText(6)).isEqualTo("raw:8;");
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenListenerHasCallbacksOfItsOwnThenOnlyThoseAreCalled(ServerMode mode) throws Exception {
		BlockingQueue<String> events = new LinkedBlockingQueue<>();
		TestHandler handler = recording("main", events).listener("admin", recording("admin", events))
			.listener("events", recording("events", events));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode)
					.listener(ListenerOptions.builder("admin").build())
					.listener(ListenerOptions.builder("other").build())
					.listener(ListenerOptions.builder("events").type(ListenerType.UDP).build()));
				TestDatagrams datagrams = new TestDatagrams()) {
			for (String name : new String[] { "main", "admin", "other" }) {
				String expected = "other".equals(name) ? "main" : name;
				try (TestClient client = TestClient.connect(server.port(name))) {
					client.send("x");
					assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(expected + " connect");
					assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(expected + " receive");
				}
				assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(expected + " close");
			}
			datagrams.send("x", server.port("events"));
			assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("events packet");
		}
	}

	private static TestHandler recording(String name, BlockingQueue<String> events) {
		return new TestHandler().connect((server, connection, reactorId) -> events.add(name + " connect"))
			.receive((server, connection, packet) -> events.add(name + " receive"))
			.packet((server, packet) -> events.add(name + " packet"))
			.close((server, connection, reactorId) -> events.add(name + " close"));
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenListenersAreSeveralThenTheyShareTheWorkers(ServerMode mode) {
		Set<Integer> workers = ConcurrentHashMap.newKeySet();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> workers.add(server.getWorkerId()));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).listener(ListenerOptions.builder("second").build()))) {
			for (int i = 0; i < 8; i++) {
				try (TestClient client = TestClient.connect(server.port((i % 4 < 2) ? "main" : "second"))) {
					assertThat(client.send("hello").readText(5)).isEqualTo("hello");
				}
			}
			assertThat(workers).containsExactlyInAnyOrder(0, 1);
			assertThat(server.server().stats().sessionRound()).isEqualTo(8);
		}
	}

	@Test
	void whenServerAcceptsThenPortsAreKnownBefore() throws Exception {
		BlockingQueue<Integer> ports = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.start((server) -> server.getListeners().forEach((listener) -> ports.add(listener.port())));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.listener(ListenerOptions.builder("second").build()))) {
			assertThat(ports).containsExactly(server.port(), server.port("second")).doesNotContain(0);
		}
	}

	/** LIFE-15: others may ask for them while they are bound. */
	@Test
	void whenListenersAreAskedForDuringTheStartThenTheyAreThoseBoundSoFar() throws Exception {
		for (int round = 0; round < 5; round++) {
			ServerOptions.Builder options = TestServer.options();
			for (int i = 0; i < 20; i++) {
				options.listener(ListenerOptions.builder("udp" + i).type(ListenerType.UDP).build());
			}
			SwooleServer server = SwooleServers.create(options.build(), TestHandler.echo());
			CompletableFuture<Void> asking = new CompletableFuture<>();
			Thread asker = new Thread(() -> {
				try {
					while (!server.isRunning()) {
						ask(server);
					}
					asking.complete(null);
				}
				catch (Throwable ex) {
					asking.completeExceptionally(ex);
				}
			});
			asker.start();
			server.start();
			try {
				assertThat(asking).succeedsWithin(Duration.ofSeconds(20));
				assertThat(server.getListeners()).hasSize(21);
			}
			finally {
				server.shutdown();
				assertThat(server.awaitTermination(Duration.ofSeconds(20))).isTrue();
			}
		}
	}

	private static void ask(SwooleServer server) {
		List<Listener> listeners = server.getListeners();
		assertThat(listeners.size()).isLessThanOrEqualTo(21);
		try {
			assertThat(server.getAddress().getPort()).isPositive();
			server.sendTo(UnixDomainSocketAddress.of("/nowhere"), new byte[1]);
			throw new AssertionError("there is no listener to send from");
		}
		catch (IllegalStateException | IllegalArgumentException ex) {
			// before the start, and before the listener
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenListenerIsIpv6ThenServesIt(TransportType transport) throws Exception {
		Transports.assumeAddress("::1");
		BlockingQueue<String> addresses = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> addresses
				.add(connection.clientInfo().remoteAddress().toString()));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.transport(transport)
					.listener(ListenerOptions.builder("six").type(ListenerType.TCP6).build()));
				TestClient client = TestClient.of(new Socket(InetAddress.getByName("::1"), server.port("six")))) {
			assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			assertThat(addresses.poll(20, TimeUnit.SECONDS)).contains("0:0:0:0:0:0:0:1");
		}
	}

	@ParameterizedTest
	@CsvSource({ "TCP, ::1, host", "UDP, ::1, host", "TCP6, 127.0.0.1, host", "UDP6, 127.0.0.1, host", "TCP, '', host",
			"TCP, a host without a name, host" })
	void whenHostDoesNotFitTheTypeThenStartFails(ListenerType type, String host, String option) {
		if (host.contains("without")) {
			assertThatExceptionOfType(ServerException.class)
				.isThrownBy(() -> TestServer.start(TestHandler.echo(), (options) -> options.host(host)))
				.withMessageContaining(host)
				.withMessageContaining("Check host and port");
		}
		else {
			assertThatExceptionOfType(InvalidOptionException.class)
				.isThrownBy(() -> ListenerOptions.builder("main").type(type).host(host).build())
				.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo(option));
		}
	}

	@Test
	void whenPortNumberIsInvalidThenStartFails() {
		for (int port : new int[] { -1, 65536 }) {
			assertThatExceptionOfType(InvalidOptionException.class)
				.isThrownBy(() -> ListenerOptions.builder("second").port(port).build())
				.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("port"))
				.satisfies((ex) -> assertThat(ex.getListener()).isEqualTo("second"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "*", "a.*.test", "*a.test", "*.*.test", ".a.test", "a.test.", "a..test", "a test",
			"a.test:443" })
	void whenNameForACertificateCouldMatchNobodyThenStartFails(String name) {
		ListenerOptions.Builder options = ListenerOptions.builder("second").ssl(SslOptions.builder(() -> {
			throw new IllegalStateException();
		}).sni("good.test", () -> {
			throw new IllegalStateException();
		}).sni(name, () -> {
			throw new IllegalStateException();
		}).build());
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(options::build)
			.withMessageContaining("ssl.sni[" + name + "] of listener 'second'")
			.withMessageContaining("allowed are names such as a.test and *.b.test");
	}

	@Test
	void whenLaterListenerCannotBeBoundThenEarlierOnesAreFree() throws IOException {
		int free;
		try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			free = first.getLocalPort();
		}
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			assertThatExceptionOfType(PortInUseException.class)
				.isThrownBy(() -> TestServer.start(TestHandler.echo(),
						(options) -> options.port(free)
							.listener(ListenerOptions.builder("udp").type(ListenerType.UDP).port(free).build())
							.listener(ListenerOptions.builder("taken").port(taken.getLocalPort()).build())))
				.satisfies((ex) -> assertThat(ex.getListener()).isEqualTo("taken"));
		}
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.port(free)
			.listener(ListenerOptions.builder("udp").type(ListenerType.UDP).port(free).build()))) {
			assertThat(server.port()).isEqualTo(server.port("udp")).isEqualTo(free);
		}
	}

	/** UDP-06. */
	@ParameterizedTest
	@EnumSource(names = { "UDP", "UDP6", "UNIX_DGRAM" })
	void whenListenerTakesDatagramsThenSettingsOfConnectionsAreRefused(ListenerType type) {
		ListenerOptions.Builder options = ListenerOptions.builder("datagrams").type(type);
		if (type.isUnix()) {
			options.host("target/datagrams");
		}
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> options.openEofSplit(true).build())
			.withMessageContaining("open-eof-split");
		options.openEofSplit(false).openLengthCheck(true);
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(options::build)
			.withMessageContaining("open-length-check");
		options.openLengthCheck(false).proxyProtocol(true);
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(options::build)
			.withMessageContaining("proxy-protocol");
		options.proxyProtocol(false).ssl(SslOptions.builder(() -> {
			throw new IllegalStateException();
		}).build());
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(options::build)
			.withMessageContaining("there is no DTLS");
	}

}
