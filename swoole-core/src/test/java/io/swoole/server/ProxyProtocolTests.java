package io.swoole.server;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The PROXY protocol: the address of a client is the one a load balancer announces.
 */
class ProxyProtocolTests {

	private static final byte[] SIGNATURE = { 13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10 };

	private final BlockingQueue<ClientInfo> connects = new LinkedBlockingQueue<>();

	private final BlockingQueue<Long> closes = new LinkedBlockingQueue<>();

	private final TestHandler handler = TestHandler.echo()
		.connect((server, connection, reactorId) -> this.connects.add(connection.clientInfo()))
		.close((server, connection, reactorId) -> this.closes.add(connection.fd()));

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenAddressIsAnnouncedThenIsTheAddressOfTheClient(ServerMode mode, TransportType transport) throws Exception {
		try (TestServer server = start((options) -> options.mode(mode).transport(transport))) {
			assertThat(announced(server, bytes("PROXY TCP4 203.0.113.7 10.0.0.1 54321 9501\r\n")))
				.isEqualTo(new InetSocketAddress("203.0.113.7", 54321));
			assertThat(announced(server, bytes("PROXY TCP6 2001:db8::7 2001:db8::1 54321 9501\r\n")))
				.isEqualTo(new InetSocketAddress("2001:db8::7", 54321));
			assertThat(announced(server,
					version2(1, 0x11, new byte[] { (byte) 203, 0, 113, 9, 10, 0, 0, 1, 0x30, 0x39, 0x25, 0x1d })))
				.isEqualTo(new InetSocketAddress("203.0.113.9", 12345));
			byte[] addresses = new byte[36];
			addresses[0] = (byte) 0xfd;
			addresses[15] = 9;
			addresses[33] = 80;
			assertThat(announced(server, version2(1, 0x21, addresses))).isEqualTo(new InetSocketAddress("fd00::9", 80));
		}
	}

	@Test
	void whenNoAddressIsAnnouncedThenIsThatOfTheSocket() throws Exception {
		try (TestServer server = start((options) -> {
		})) {
			assertThat(announced(server, bytes("PROXY UNKNOWN\r\n")).getHostString()).isEqualTo("127.0.0.1");
			assertThat(announced(server, version2(0, 0, new byte[0])).getHostString()).isEqualTo("127.0.0.1");
			assertThat(announced(server,
					version2(0, 0x11, new byte[] { (byte) 203, 0, 113, 9, 10, 0, 0, 1, 0x30, 0x39, 0x25, 0x1d }))
				.getHostString()).isEqualTo("127.0.0.1");
		}
	}

	@Test
	void whenVersion2HasExtrasThenTheyAreSkipped() throws Exception {
		byte[] body = new byte[12 + 3 + 200];
		body[0] = (byte) 203;
		body[3] = 9;
		body[12] = (byte) 0xea;
		body[14] = (byte) 200;
		try (TestServer server = start((options) -> {
		})) {
			assertThat(announced(server, version2(1, 0x11, body)).getHostString()).isEqualTo("203.0.0.9");
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHeaderComesInPiecesOrWithPacketsThenNothingIsLost(ServerMode mode) {
		try (TestServer server = start((options) -> options.mode(mode).main().openEofSplit(true).packageEof("\n"))) {
			try (TestClient client = server.connect()) {
				for (byte next : bytes("PROXY TCP4 203.0.113.7 10.0.0.1 54321 9501\r\none\n")) {
					client.send(new byte[] { next });
				}
				assertThat(client.readUntil("\n")).isEqualTo("one\n");
			}
			try (TestClient client = server.connect()) {
				client.send("PROXY TCP4 203.0.113.7 10.0.0.1 54321 9501\r\none\ntwo\nthr");
				assertThat(client.readUntil("\n")).isEqualTo("one\n");
				assertThat(client.readUntil("\n")).isEqualTo("two\n");
				assertThat(client.send("ee\n").readUntil("\n")).isEqualTo("three\n");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 203.0.113.7 10.0.0.1 543210 9501\r\nhello",
			"PROXY TCP4 example.test 10.0.0.1 1 2\r\nhello", "PROXY \r\nhello, this is long enough" })
	void whenHeaderIsMalformedThenIsClosedWithoutEvents(String header) {
		try (LogCapture log = LogCapture.of("io.swoole"); TestServer server = start((options) -> {
		}); TestClient client = server.connect()) {
			assertThat(client.send(header).readAll()).isEmpty();
			Awaitility.await()
				.until(() -> server.server().stats().abortCount() == 1 && !log.messages(Level.WARN).isEmpty());
			assertThat(server.server().stats().acceptCount()).isZero();
			assertThat(log.messages(Level.WARN)).singleElement()
				.asString()
				.contains("127.0.0.1", "'main'", "PROXY protocol header is malformed");
			assertThat(this.connects).isEmpty();
			assertThat(this.closes).isEmpty();
		}
	}

	@Test
	void whenExtrasAreTooLongThenIsClosed() {
		try (TestServer server = start((options) -> {
		}); TestClient client = server.connect()) {
			assertThat(client.send(version2(1, 0x11, new byte[10_000])).readAll()).isEmpty();
			Awaitility.await().until(() -> server.server().stats().abortCount() == 1);
			assertThat(this.connects).isEmpty();
		}
	}

	/** HEART-07: what is stuck before it is established is closed too. */
	@ParameterizedTest
	@ValueSource(strings = { "", "PROXY TCP4 203.0" })
	void whenHeaderDoesNotComeInTimeThenIsClosed(String begin) {
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = start((options) -> options.main().packetTimeout(Duration.ofMillis(300)));
				TestClient client = server.connect()) {
			client.send(begin);
			assertThat(client.readAll()).isEmpty();
			Awaitility.await().until(() -> server.server().stats().abortCount() == 1);
			assertThat(log.messages(Level.WARN)).singleElement().asString().contains("within 300 ms");
			assertThat(this.connects).isEmpty();
		}
	}

	@Test
	void whenPacketTimeoutIsOffThenHeartbeatLooksForTheHeader() {
		try (TestServer server = start((options) -> options.heartbeatCheckInterval(Duration.ofMillis(100))
			.main()
			.packetTimeout(Duration.ZERO)
			.heartbeatIdleTime(Duration.ofMillis(200))); TestClient client = server.connect()) {
			assertThat(client.readAll()).isEmpty();
			assertThat(server.server().stats().abortCount()).isOne();
		}
	}

	@Test
	void whenClientGoesBeforeItsHeaderThenIsAborted() {
		try (TestServer server = start((options) -> options.maxConnection(2))) {
			server.connect().close();
			server.connect().send("PROXY").close();
			server.connect().shutdownOutput().readAll();
			server.connect().send("PROXY").reset();
			Awaitility.await().until(() -> server.server().stats().abortCount() >= 4);
			Awaitility.await().until(() -> {
				try (TestClient client = server.connect()) {
					client.send("PROXY UNKNOWN\r\nhello");
					return "hello".equals(new String(client.shutdownOutput().readAll(), StandardCharsets.UTF_8));
				}
			});
			assertThat(this.connects).hasSize(1);
		}
	}

	@Test
	void whenAnnouncedAddressIsDeniedThenIsRefused() throws Exception {
		try (TestServer server = start(
				(options) -> options.main().denyFrom(List.of("203.0.113.0/24", "2001:db8::/32")))) {
			for (String header : List.of("PROXY TCP4 203.0.113.7 10.0.0.1 54321 9501\r\n",
					"PROXY TCP6 2001:db8::7 2001:db8::1 54321 9501\r\n")) {
				try (TestClient client = server.connect()) {
					assertThat(client.send(header + "hello").readAll()).isEmpty();
				}
			}
			Awaitility.await().until(() -> server.server().stats().abortCount() == 2);
			assertThat(this.connects).isEmpty();
			assertThat(announced(server, bytes("PROXY TCP4 203.0.114.7 10.0.0.1 54321 9501\r\n"))).isNotNull();
		}
	}

	@Test
	void whenOnlySomeAreAllowedThenBalancerAndClientMustBeAmongThem() throws Exception {
		try (TestServer server = start(
				(options) -> options.main().allowFrom(List.of("127.0.0.0/8", "203.0.113.0/24")))) {
			assertThat(announced(server, bytes("PROXY TCP4 203.0.113.7 10.0.0.1 54321 9501\r\n"))).isNotNull();
			try (TestClient client = server.connect()) {
				assertThat(client.send("PROXY TCP4 203.0.114.7 10.0.0.1 54321 9501\r\n").readAll()).isEmpty();
			}
		}
		try (TestServer server = start((options) -> options.main().allowFrom(List.of("203.0.113.0/24")));
				TestClient client = server.connect()) {
			assertThat(client.readAll()).isEmpty();
			assertThat(server.server().stats().abortCount()).isOne();
		}
	}

	@Test
	void whenClientsAreLimitedPerAddressThenAnnouncedOnesCount() {
		try (TestServer server = start((options) -> options.maxConnectionPerIp(1));
				TestClient other = server.connect()) {
			TestClient first = server.connect();
			first.send("PROXY TCP4 203.0.113.1 10.0.0.1 1 9501\r\nhello").readText(5);
			other.send("PROXY TCP4 203.0.113.2 10.0.0.1 1 9501\r\nhello").readText(5);
			try (TestClient second = server.connect()) {
				assertThat(second.send("PROXY TCP4 203.0.113.1 10.0.0.1 2 9501\r\nhello").readAll()).isEmpty();
			}
			first.close();
			Awaitility.await().until(() -> {
				try (TestClient next = server.connect()) {
					next.send("PROXY TCP4 203.0.113.1 10.0.0.1 3 9501\r\nhello").shutdownOutput();
					return next.readAll().length == 5;
				}
			});
		}
	}

	@Test
	void whenDecoderIsNotOnTheClassPathThenStartFailsSayingSo() throws Exception {
		try (URLClassLoader without = new WithoutDecoder()) {
			Class<?> builderType = without.loadClass("io.swoole.server.ServerOptions");
			Object builder = builderType.getMethod("builder").invoke(null);
			builder.getClass().getMethod("port", int.class).invoke(builder, 0);
			Object main = builder.getClass().getMethod("main").invoke(builder);
			main.getClass().getMethod("proxyProtocol", boolean.class).invoke(main, true);
			Object options = builder.getClass().getMethod("build").invoke(builder);
			Class<?> handlerType = without.loadClass("io.swoole.server.ServerHandler");
			Object handler = without.loadClass("io.swoole.testing.TestHandler").getMethod("echo").invoke(null);
			Object server = without.loadClass("io.swoole.server.SwooleServers")
				.getMethod("create", builderType, handlerType)
				.invoke(null, options, handler);
			Throwable failure = null;
			try {
				without.loadClass("io.swoole.server.SwooleServer").getMethod("start").invoke(server);
			}
			catch (InvocationTargetException ex) {
				failure = ex.getCause();
			}
			assertThat(failure).isNotNull();
			assertThat(failure.getClass().getSimpleName()).isEqualTo("InvalidOptionException");
			assertThat(failure).hasMessageContaining("proxy-protocol of listener 'main'")
				.hasMessageContaining("io.netty:netty-codec-haproxy");
		}
	}

	private TestServer start(Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(this.handler, (options) -> {
			options.main().proxyProtocol(true);
			settings.accept(options);
		});
	}

	/** Connects through a balancer and tells which address the server sees. */
	private InetSocketAddress announced(TestServer server, byte[] header) throws Exception {
		try (TestClient client = server.connect()) {
			assertThat(client.send(header).send("hello").readText(5)).isEqualTo("hello");
			ClientInfo info = this.connects.poll(10, TimeUnit.SECONDS);
			assertThat(info).isNotNull();
			assertThat(info.serverPort()).isEqualTo(server.port());
			return (InetSocketAddress) info.remoteAddress();
		}
		finally {
			assertThat(this.closes.poll(10, TimeUnit.SECONDS)).isNotNull();
		}
	}

	private static byte[] version2(int command, int family, byte[] body) {
		ByteArrayOutputStream header = new ByteArrayOutputStream();
		header.writeBytes(SIGNATURE);
		header.write(0x20 | command);
		header.write(family);
		header.write(body.length >>> 8);
		header.write(body.length);
		header.writeBytes(body);
		return header.toByteArray();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * Loads everything anew, but for the decoder.
	 */
	private static final class WithoutDecoder extends URLClassLoader {

		WithoutDecoder() throws IOException {
			super(classPath(), ClassLoader.getPlatformClassLoader());
		}

		private static URL[] classPath() throws MalformedURLException {
			List<URL> entries = new ArrayList<>();
			for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
				if (!entry.contains("netty-codec-haproxy")) {
					entries.add(new File(entry).toURI().toURL());
				}
			}
			return entries.toArray(URL[]::new);
		}

	}

}
