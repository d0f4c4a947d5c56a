package io.swoole.server.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

import ch.qos.logback.classic.Level;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.swoole.server.Connection;
import io.swoole.server.PipelineNames;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerStats;
import io.swoole.server.SslOptions;
import io.swoole.server.SwooleError;
import io.swoole.server.SwooleServer;
import io.swoole.server.TransportType;
import io.swoole.server.connection.NettyConnection;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestCertificates;
import io.swoole.testing.TestCertificates.Identity;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import io.swoole.testing.Transports;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of connections with TLS: SSL-02, SSL-03, SSL-08, SSL-11, HEART-07, TASK-41,
 * CONN-04, CONN-11, STATS-04.
 */
class TlsConnectionTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static TestCertificates authority;

	private static Identity identity;

	@BeforeAll
	static void issueCertificates() {
		authority = new TestCertificates("Test Authority");
		identity = authority.issue("localhost");
	}

	static Stream<Arguments> modesTransportsAndProtocols() {
		return Stream.of(ServerMode.values())
			.flatMap((mode) -> Transports.available()
				.flatMap((transport) -> Stream.of("TLSv1.2", "TLSv1.3")
					.map((protocol) -> Arguments.of(mode, transport, protocol))));
	}

	private static TestClient connect(TestServer server, String... protocols) {
		return TlsServers.connect(server.port(), authority.clientContext(), protocols);
	}

	@ParameterizedTest
	@MethodSource("modesTransportsAndProtocols")
	void whenClientSpeaksTlsThenPacketsPassBothWays(ServerMode mode, TransportType transport, String protocol) {
		SslContext context = TlsServers.context(identity);
		try (TestServer server = TestServer.start(TestHandler.echo(),
				TlsServers.tls(context).andThen((options) -> options.mode(mode).transport(transport)));
				TestClient client = connect(server, protocol)) {
			assertThat(((SSLSocket) client.socket()).getSession().getProtocol()).isEqualTo(protocol);
			Random random = new Random(1);
			for (int length : List.of(1, 100, 16384, 16385, 100_000, 1_000_000)) {
				byte[] data = new byte[length];
				random.nextBytes(data);
				// a client that does not read while it writes needs somebody who does
				Thread writer = new Thread(() -> client.send(data));
				writer.start();
				assertThat(client.read(length)).isEqualTo(data);
			}
			assertThat(server.server().getListeners()).singleElement()
				.satisfies((listener) -> assertThat(listener.ssl()).isTrue());
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenProviderIsOpensslThenItServes(ServerMode mode) {
		Assumptions.assumeTrue(OpenSsl.isAvailable(), "netty-tcnative does not work here");
		SslContext context = TlsServers.context(identity, (builder) -> builder.sslProvider(SslProvider.OPENSSL_REFCNT));
		byte[] data = new byte[1_000_000];
		new Random(1).nextBytes(data);
		try (TestServer server = TestServer.start(TestHandler.echo(),
				TlsServers.tls(context).andThen((options) -> options.mode(mode)));
				TestClient client = connect(server)) {
			new Thread(() -> client.send(data)).start();
			assertThat(client.read(data.length)).isEqualTo(data);
		}
		finally {
			ReferenceCountUtil.release(context);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "TLSv1.2", "TLSv1.3" })
	void whenRecordHoldsManyPacketsThenEachIsHandled(String protocol) {
		AtomicInteger packets = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			packets.incrementAndGet();
			connection.send(packet.retain());
		});
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity))
					.andThen((options) -> options.main((main) -> main.openEofSplit(true).packageEof("\\n"))));
				TestClient client = connect(server, protocol)) {
			String text = "packet\n".repeat(2000);
			assertThat(client.send(text).readText(text.length())).isEqualTo(text);
			assertThat(packets).hasValue(2000);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandshakeIsNotDoneThenThereIsNoConnection(ServerMode mode) throws Exception {
		BlockingQueue<String> events = new LinkedBlockingQueue<>();
		AtomicReference<SwooleServer> running = new AtomicReference<>();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> events.add("connect " + server.exists(connection.fd())));
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity)).andThen((options) -> options.mode(mode)));
				SSLSocket socket = TlsServers.socket(server.port(), authority.clientContext(), (parameters) -> {
				})) {
			running.set(server.server());
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().sessionRound() == 1);
			assertThat(server.server().exists(1)).isFalse();
			assertThat(server.server().send(1, "x")).isFalse();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			assertThat(server.server().getClientInfo(1)).isEmpty();
			assertThat(server.server().stats().connectionNum()).isZero();
			assertThat(events).isEmpty();
			socket.startHandshake();
			assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("connect true");
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenPlainBytesComeInAFloodThenTheyAreCountedAndNothingElse(TransportType transport) {
		AtomicInteger events = new AtomicInteger();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> events.incrementAndGet())
			.close((server, connection, reactorId) -> events.incrementAndGet());
		int clients = 200;
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TestServer.start(handler, TlsServers.tls(TlsServers.context(identity))
					.andThen((options) -> options.transport(transport)))) {
			for (int i = 0; i < clients; i++) {
				try (TestClient client = TestClient.connect(server.port())) {
					// a short one, one that looks like the begin of a record, a long one
					client.send(List.of("GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001", "x".repeat(50_000)).get(i % 3));
					if (i % 3 == 1) {
						client.shutdownOutput();
					}
					client.readAll();
				}
				catch (UncheckedIOException ex) {
					// the server may reset such a connection while the client still sends
				}
			}
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().abortCount() == clients);
			ServerStats stats = server.server().stats();
			assertThat(stats.acceptCount()).isEqualTo(clients);
			assertThat(stats.closeCount()).isEqualTo(clients);
			assertThat(stats.connectionNum()).isZero();
			assertThat(stats.sessionRound()).isEqualTo(clients);
			assertThat(stats.requestCount()).isZero();
			assertThat(stats.handlerErrorCount()).isZero();
			assertThat(events).hasValue(0);
			assertThat(log.messages(Level.ERROR)).isEmpty();
			assertThat(log.messages(Level.WARN)).hasSizeBetween(1, clients / 2)
				.allSatisfy((line) -> assertThat(line).contains("to listener 'main' is refused"));
			try (TestClient client = connect(server)) {
				assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenClientSaysNothingThenItIsClosedAfterTheTimeout(boolean sni) {
		AtomicInteger events = new AtomicInteger();
		SslContext context = TlsServers.context(identity);
		SslOptions.Builder ssl = SslOptions.builder(() -> context);
		if (sni) {
			ssl.sni("a.test", () -> context);
		}
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> events.incrementAndGet())
			.close((server, connection, reactorId) -> events.incrementAndGet());
		// the handshake of the prompt one must not take longer, however busy the machine
		// is
		try (TestServer server = TestServer.start(handler,
				(options) -> options.main((main) -> main.ssl(ssl.build()).sslHandshakeTimeout(Duration.ofSeconds(3))));
				TestClient silent = TestClient.connect(server.port());
				TestClient prompt = connect(server)) {
			assertThat(silent.readAll()).isEmpty();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().abortCount() == 1);
			assertThat(prompt.send("hello").readText(5)).isEqualTo("hello");
			assertThat(events).hasValue(1);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientShowsACertificateThenItIsKnownOnEveryThread(ServerMode mode) throws Exception {
		BlockingQueue<String> seen = new LinkedBlockingQueue<>();
		BlockingQueue<Long> fds = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			fds.add(connection.fd());
			seen.add("connect " + subject(connection));
		}).receive((server, connection, packet) -> {
			seen.add("receive " + subject(connection));
			server.task(connection.fd());
		}).task((server, task) -> {
			seen.add("task " + name(server.getClientInfo((long) task.data()).orElseThrow().clientCertificate()));
			return task.data();
		}).finish((server, result) -> {
			long fd = (long) result.data();
			seen.add("finish " + name(server.getClientInfo(fd).orElseThrow().clientCertificate()));
			server.close(fd);
		}).close((server, connection, reactorId) -> seen.add("close " + subject(connection)));
		SslContext context = TlsServers.context(identity, authority, ClientAuth.REQUIRE);
		SSLContext client = authority.clientContext(authority.issue("alice"));
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(context).andThen((options) -> options.mode(mode).taskWorkerNum(1)));
				TestClient alice = TlsServers.connect(server.port(), client)) {
			Long fd = fds.poll(20, TimeUnit.SECONDS);
			assertThat(name(server.server().getClientInfo(fd).orElseThrow().clientCertificate())).isEqualTo("CN=alice");
			alice.send("hello");
			assertThat(alice.readAll()).isEmpty();
			for (String event : List.of("connect", "receive", "task", "finish", "close")) {
				assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(event + " CN=alice");
			}
		}
	}

	@Test
	void whenClientNeedNotShowACertificateThenThereMayBeNone() throws Exception {
		BlockingQueue<String> seen = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> seen.add(subject(connection)));
		try (TestServer server = TlsServers.start(handler,
				TlsServers.context(identity, authority, ClientAuth.OPTIONAL))) {
			try (TestClient client = connect(server)) {
				assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			}
			assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("nobody");
			SSLContext bob = authority.clientContext(authority.issue("bob"));
			try (TestClient client = TlsServers.connect(server.port(), bob)) {
				assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			}
			assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("CN=bob");
		}
	}

	private static String subject(Connection connection) {
		return name(connection.clientInfo().clientCertificate());
	}

	private static String name(X509Certificate certificate) {
		return (certificate != null) ? certificate.getSubjectX500Principal().getName() : "nobody";
	}

	@ParameterizedTest
	@MethodSource("modesTransportsAndProtocols")
	void whenServerClosesThenAllOutputComesFirstAndThenAFarewell(ServerMode mode, TransportType transport,
			String protocol) {
		byte[] data = new byte[4_000_000];
		new Random(1).nextBytes(data);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(data);
			connection.close();
		});
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity))
					.andThen((options) -> options.mode(mode).transport(transport)));
				TestClient client = connect(server, protocol)) {
			client.send("go");
			// ends without an exception only if the server has said that it ends
			assertThat(client.readAll()).isEqualTo(data);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
		}
	}

	/** The client still sends when the server closes: its bytes must not reset it. */
	@ParameterizedTest
	@ValueSource(strings = { "TLSv1.2", "TLSv1.3" })
	void whenServerClosesWhileClientSendsThenAllOutputComesFirst(String protocol) {
		byte[] data = new byte[2_000_000];
		new Random(1).nextBytes(data);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(data);
			connection.close();
		});
		try (TestServer server = TlsServers.start(handler, TlsServers.context(identity));
				TestClient client = connect(server, protocol)) {
			Thread writer = new Thread(() -> {
				try {
					for (int i = 0; i < 2000; i++) {
						client.send(new byte[1000]);
					}
				}
				catch (UncheckedIOException ex) {
					// closed meanwhile
				}
			});
			writer.start();
			assertThat(client.read(data.length)).isEqualTo(data);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenServerResetsThenItDoesNotWaitForTheClient(ServerMode mode) {
		byte[] data = new byte[8_000_000];
		BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(data);
			connections.add(connection);
		});
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity)).andThen((options) -> options.mode(mode)));
				TestClient client = connect(server)) {
			client.send("go");
			Connection connection = Awaitility.await()
				.atMost(PATIENCE)
				.until(connections::poll, (next) -> next != null);
			assertThat(connection.clientInfo().sendQueuedBytes()).isPositive();
			long begin = System.nanoTime();
			assertThat(connection.close(true)).isTrue();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			// a farewell would wait three seconds for the client
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(2500));
		}
	}

	/** The client has said that it ends, and still reads. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientEndsItsSideThenPendingOutputIsWritten(ServerMode mode) {
		byte[] data = new byte[4_000_000];
		new Random(1).nextBytes(data);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> connection.send(data));
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity)).andThen((options) -> options.mode(mode)));
				TestClient client = connect(server, "TLSv1.3")) {
			client.send("go");
			byte[] begin = client.read(1000);
			client.shutdownOutput();
			byte[] rest = client.readAll();
			assertThat(begin.length + rest.length).isEqualTo(data.length);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
		}
	}

	/**
	 * CONN-04: the socket of a client that has gone is not kept for its farewell. It is
	 * closed after five seconds in any case, so this looks at what closes it, not at the
	 * clock.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientSaysFarewellAndGoesLaterThenItsPlaceIsFree(ServerMode mode) throws Exception {
		boolean closed = false;
		// a client that is itself held up for five seconds has shown nothing
		for (int i = 0; i < 5 && !closed; i++) {
			closed = isClosedByEndAfterFarewell(mode);
		}
		assertThat(closed).isTrue();
	}

	private static boolean isClosedByEndAfterFarewell(ServerMode mode) throws Exception {
		byte[] data = new byte[4_000_000];
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> connection.send(data));
		InputEnds ends = new InputEnds(TlsServers.context(identity));
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(ends).andThen((options) -> options.mode(mode).maxConnection(1)));
				Socket plain = new Socket("127.0.0.1", server.port());
				TestClient client = TestClient.of(authority.clientContext()
					.getSocketFactory()
					.createSocket(plain, "127.0.0.1", server.port(), false))) {
			client.send("go");
			byte[] begin = client.read(1000);
			client.shutdownOutput();
			byte[] rest = client.readAll();
			assertThat(begin.length + rest.length).isEqualTo(data.length);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			plain.shutdownOutput();
			Awaitility.await().atMost(PATIENCE).until(() -> ends.closed);
			awaitPlace(server);
			return ends.closedByEnd;
		}
	}

	private static void awaitPlace(TestServer server) {
		Awaitility.await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
			try (TestClient next = connect(server)) {
				next.send("go").read(1000);
			}
		});
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHalfCloseIsOnThenTasksAreAnsweredAfterTheClientsFarewell(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection))
			.task((server, task) -> {
				NettyConnection connection = (NettyConnection) task.data();
				Awaitility.await().atMost(PATIENCE).until(connection.life()::hasInputEnded);
				return connection;
			})
			.finish((server, result) -> ((Connection) result.data()).send("late answer"));
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity))
					.andThen((options) -> options.mode(mode).taskWorkerNum(1).main((main) -> main.halfClose(true))));
				TestClient client = connect(server, "TLSv1.3")) {
			client.send("go").shutdownOutput();
			assertThat(client.readAll()).asString().isEqualTo("late answer");
		}
	}

	/** SEND-06: what TLS holds back still counts as pending. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientReadsSlowlyThenPendingOutputIsCountedAndLimited(ServerMode mode) {
		BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> connections.add(connection));
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity))
					.andThen((options) -> options.mode(mode)
						.sendYield(false)
						.main((main) -> main.socketBufferSize(1_000_000).kernelSocketSendBufferSize(20_000))));
				TestClient client = connect(server)) {
			Connection connection = Awaitility.await()
				.atMost(PATIENCE)
				.until(connections::poll, (next) -> next != null);
			byte[] piece = new byte[100_000];
			List<Boolean> accepted = new ArrayList<>();
			while (connection.send(piece)) {
				accepted.add(true);
			}
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			assertThat(connection.clientInfo().sendQueuedBytes()).isGreaterThanOrEqualTo(1_000_000);
			client.read(accepted.size() * piece.length);
			Awaitility.await().atMost(PATIENCE).until(() -> connection.clientInfo().sendQueuedBytes() == 0);
			assertThat(connection.send("again")).isTrue();
			assertThat(client.readText(5)).isEqualTo("again");
		}
	}

	@Test
	void whenFileIsSentThenItIsEncrypted(@TempDir Path directory) throws Exception {
		byte[] data = new byte[3_000_000];
		new Random(1).nextBytes(data);
		Path file = Files.write(directory.resolve("file"), data);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send("[");
			server.sendFile(connection.fd(), file);
			connection.send("]");
		});
		try (TestServer server = TlsServers.start(handler, TlsServers.context(identity));
				TestClient client = connect(server)) {
			client.send("go");
			assertThat(client.readText(1)).isEqualTo("[");
			assertThat(client.read(data.length)).isEqualTo(data);
			assertThat(client.readText(1)).isEqualTo("]");
		}
	}

	/** What comes after the handshake is broken: the connection ends like any other. */
	@Test
	void whenRecordIsBrokenThenConnectionIsClosed() throws Exception {
		BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo().close((server, connection, reactorId) -> closed.add(reactorId));
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = TlsServers.start(handler, TlsServers.context(identity));
				Socket raw = new Socket("127.0.0.1", server.port())) {
			SSLSocket client = (SSLSocket) authority.clientContext()
				.getSocketFactory()
				.createSocket(raw, "127.0.0.1", server.port(), false);
			client.startHandshake();
			raw.getOutputStream().write("these are no records".getBytes(StandardCharsets.US_ASCII));
			assertThat(closed.poll(20, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(0);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			assertThat(server.server().stats().abortCount()).isZero();
			assertThat(log.messages(Level.ERROR)).isEmpty();
		}
	}

	@Test
	void whenClientDoesNotTrustTheServerThenThereIsNoConnection() {
		TestCertificates other = new TestCertificates("Other Authority");
		try (TestServer server = TlsServers.start(TestHandler.echo(), TlsServers.context(identity))) {
			assertThatExceptionOfType(UncheckedIOException.class)
				.isThrownBy(() -> TlsServers.connect(server.port(), other.clientContext()).close())
				.withCauseInstanceOf(IOException.class);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().abortCount() == 1);
		}
	}

	/** The header of a load balancer comes before the handshake, in plain. */
	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenProxyHeaderComesBeforeTheHandshakeThenClientIsTheAnnouncedOne(TransportType transport) throws Exception {
		BlockingQueue<String> clients = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.connect(
					(server, connection, reactorId) -> clients.add(connection.clientInfo().remoteAddress().toString()));
		try (TestServer server = TestServer.start(handler,
				TlsServers.tls(TlsServers.context(identity))
					.andThen((options) -> options.transport(transport).main((main) -> main.proxyProtocol(true))));
				Socket raw = new Socket("127.0.0.1", server.port())) {
			raw.getOutputStream()
				.write("PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n".getBytes(StandardCharsets.US_ASCII));
			Socket encrypted = authority.clientContext()
				.getSocketFactory()
				.createSocket(raw, "127.0.0.1", server.port(), false);
			try (TestClient client = TestClient.of(encrypted)) {
				assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			}
			assertThat(clients.poll(20, TimeUnit.SECONDS)).isEqualTo("/192.0.2.7:4711");
		}
	}

	@Test
	void whenServerStopsThenClientsAreToldAndHandshakesAreBrokenOff() {
		try (TestClient silent = stopWithClients()) {
			assertThat(silent.readAll()).isEmpty();
		}
	}

	private static TestClient stopWithClients() {
		TestServer server = TlsServers.start(TestHandler.echo(), TlsServers.context(identity));
		try (TestClient client = connect(server)) {
			TestClient silent = TestClient.connect(server.port());
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().sessionRound() == 2);
			assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			new Thread(server::close).start();
			assertThat(client.readAll()).isEmpty();
			return silent;
		}
		finally {
			server.close();
		}
	}

	/**
	 * Looks whether the first connection is closed by what it is told of its client's
	 * end: by the second end, or in the course of the first one.
	 */
	private static final class InputEnds extends DelegatingSslContext {

		volatile boolean closed;

		volatile boolean closedByEnd;

		private final AtomicBoolean first = new AtomicBoolean(true);

		/** Accessed by the event loop only, as the following. */
		private int count;

		private boolean telling;

		InputEnds(SslContext context) {
			super(context);
		}

		@Override
		protected void initEngine(SSLEngine engine) {
		}

		@Override
		protected void initHandler(SslHandler handler) {
			if (this.first.getAndSet(false)) {
				handler.handshakeFuture().addListener((Future<Channel> handshake) -> watch(handshake.getNow()));
			}
		}

		private void watch(Channel channel) {
			channel.closeFuture().addListener((future) -> {
				this.closedByEnd = this.telling || this.count == 2;
				this.closed = true;
			});
			channel.pipeline().addAfter(PipelineNames.SSL + ".handshake", null, new ChannelInboundHandlerAdapter() {

				@Override
				public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
					if (event instanceof ChannelInputShutdownEvent) {
						InputEnds.this.count++;
						InputEnds.this.telling = true;
						ctx.fireUserEventTriggered(event);
						InputEnds.this.telling = false;
					}
					else {
						ctx.fireUserEventTriggered(event);
					}
				}

			});
		}

	}

}
