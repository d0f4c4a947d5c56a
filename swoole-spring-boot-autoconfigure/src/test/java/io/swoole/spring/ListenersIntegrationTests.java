package io.swoole.spring;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

import io.swoole.server.PackageLengthFunction;
import io.swoole.server.Packet;
import io.swoole.server.PortInUseException;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnPacket;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestDatagrams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for several listeners, UDP and unix sockets: PORT-01, PORT-02, PORT-03, PORT-05,
 * UDP-01, UDP-04, UNIX-01, LIFE-14.
 */
class ListenersIntegrationTests {

	@TempDir
	private Path directory;

	private String[] listeners() {
		return new String[] { "listeners[0].name=admin", "listeners[0].port=0", "listeners[0].open-eof-split=true",
				"listeners[0].package-eof=;", "listeners[1].name=events", "listeners[1].type=udp",
				"listeners[1].port=0", "listeners[2].name=metrics", "listeners[2].type=udp", "listeners[2].port=0",
				"listeners[3].name=local", "listeners[3].type=unix-stream",
				"listeners[3].host=" + this.directory.resolve("app.sock"), "listeners[4].name=other",
				"listeners[4].port=0" };
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenListenersHaveHandlersOfTheirOwnThenThoseAnswer(String mode) throws Exception {
		try (ConfigurableApplicationContext context = run(AdminApplication.class,
				Stream.concat(Stream.of("mode=" + mode), Stream.of(listeners())).toArray(String[]::new));
				TestClient main = TestClient.connect(port(context, "main"));
				TestClient admin = TestClient.connect(port(context, "admin"));
				TestClient other = TestClient.connect(port(context, "other"));
				SocketChannel local = SocketChannel
					.open(UnixDomainSocketAddress.of(this.directory.resolve("app.sock")));
				TestDatagrams datagrams = new TestDatagrams()) {
			assertThat(main.send("x").readText(8)).isEqualTo("hi any x");
			assertThat(admin.send("a;b;").readText(19)).isEqualTo("hi admin a;admin b;");
			assertThat(other.send("x").readText(8)).isEqualTo("hi any x");
			local.write(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
			assertThat(read(local, 8)).isEqualTo("hi any x");
			assertThat(datagrams.send("x", port(context, "events")).receiveText()).isEqualTo("packet x to events");
			assertThat(datagrams.send("x", port(context, "metrics")).receiveText()).isEqualTo("metric x");
		}
	}

	private static String read(SocketChannel channel, int length) throws Exception {
		ByteBuffer buffer = ByteBuffer.allocate(length);
		while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
			continue;
		}
		return new String(buffer.array(), StandardCharsets.UTF_8);
	}

	@Test
	void whenBeansAreLazyThenHandlersOfListenersAreFoundNevertheless() {
		try (ConfigurableApplicationContext context = run(AdminApplication.class,
				Stream.concat(Stream.of(listeners()), Stream.of("spring.main.lazy-initialization=true"))
					.toArray(String[]::new));
				TestClient admin = TestClient.connect(port(context, "admin"));
				TestDatagrams datagrams = new TestDatagrams()) {
			assertThat(admin.send("a;").readText(10)).isEqualTo("hi admin a");
			assertThat(datagrams.send("x", port(context, "metrics")).receiveText()).isEqualTo("metric x");
		}
	}

	/**
	 * Beans that measure packets, one per listener: those that are named, and the one of
	 * main where a listener says nothing of framing (PORT-02).
	 */
	@Test
	void whenListenersNameFunctionsThenEachIsMeasuredByItsOwn() {
		try (ConfigurableApplicationContext context = run(Functions.class, "package-length-func=digits",
				"listeners[0].name=letters", "listeners[0].port=0", "listeners[0].package-length-func=letters",
				"listeners[1].name=lines", "listeners[1].port=0", "listeners[1].open-eof-split=true",
				"listeners[1].package-eof=;", "listeners[2].name=inherited", "listeners[2].port=0",
				"listeners[3].name=events", "listeners[3].type=udp", "listeners[3].port=0");
				TestClient main = TestClient.connect(port(context, "main"));
				TestClient letters = TestClient.connect(port(context, "letters"));
				TestClient lines = TestClient.connect(port(context, "lines"));
				TestClient inherited = TestClient.connect(port(context, "inherited"));
				TestDatagrams datagrams = new TestDatagrams()) {
			assertThat(main.send("3xx2x").readText(16)).isEqualTo("hi any 3xxany 2x");
			assertThat(letters.send("cxxbx").readText(16)).isEqualTo("hi any cxxany bx");
			assertThat(lines.send("3;2x;").readText(16)).isEqualTo("hi any 3;any 2x;");
			assertThat(inherited.send("3xx2x").readText(16)).isEqualTo("hi any 3xxany 2x");
			assertThat(datagrams.send("3xx2x", port(context, "events")).receiveText())
				.isEqualTo("packet 3xx2x to events");
		}
	}

	/**
	 * What the restart of the development tools does: another context in the same JVM.
	 */
	@Test
	void whenApplicationIsRestartedInTheSameJvmThenPortsAndFilesAreFree() throws Exception {
		int port;
		try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			port = free.getLocalPort();
		}
		String socket = this.directory.resolve("app.sock").toString();
		for (int i = 0; i < 5; i++) {
			try (ConfigurableApplicationContext context = run("port=" + port, "listeners[0].name=events",
					"listeners[0].type=udp", "listeners[0].port=" + port, "listeners[1].name=local",
					"listeners[1].type=unix-stream", "listeners[1].host=" + socket);
					TestClient client = TestClient.connect(port);
					TestDatagrams datagrams = new TestDatagrams();
					SocketChannel local = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
				assertThat(client.send("x").readText(8)).isEqualTo("hi any x");
				assertThat(datagrams.send("x", port).receiveText()).isEqualTo("packet x to events");
				assertThat(local.isConnected()).isTrue();
				assertThat(context.isRunning()).isTrue();
			}
			assertThat(Path.of(socket)).doesNotExist();
			await().atMost(Duration.ofSeconds(20))
				.pollInterval(Duration.ofMillis(5))
				.untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
					.noneMatch((name) -> name.startsWith("swoole-")));
		}
	}

	@Test
	void whenPortOfAListenerIsTakenThenStartFailsAndNothingStaysBound() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			int port;
			try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
				port = free.getLocalPort();
			}
			assertThatExceptionOfType(Exception.class)
				.isThrownBy(() -> run("port=" + port, "listeners[0].name=second",
						"listeners[0].port=" + taken.getLocalPort())
					.close())
				.satisfies((ex) -> assertThat(ex).satisfiesAnyOf(
						(failure) -> assertThat(failure).isInstanceOf(PortInUseException.class),
						(failure) -> assertThat(failure).hasCauseInstanceOf(PortInUseException.class)));
			new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).close();
		}
	}

	private static int port(ConfigurableApplicationContext context, String listener) {
		return context.getBean(SwooleServer.class)
			.getListeners()
			.stream()
			.filter((candidate) -> candidate.name().equals(listener))
			.findFirst()
			.orElseThrow()
			.port();
	}

	private static ConfigurableApplicationContext run(String... settings) {
		return run(Application.class, settings);
	}

	private static ConfigurableApplicationContext run(Class<?> source, String... settings) {
		SpringApplication application = new SpringApplication(source);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		application.setRegisterShutdownHook(false);
		application.setDefaultProperties(Map.of("swoole.server.port", "0"));
		return application.run(Stream.of(settings)
			.map((setting) -> setting.startsWith("spring.") ? "--" + setting : "--swoole.server." + setting)
			.toArray(String[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	@Import(AllHandlers.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ Application.class, AdminHandlers.class })
	static class AdminApplication {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class Functions {

		@Bean
		PackageLengthFunction digits() {
			return (data) -> (data.readableBytes() > 0) ? data.getByte(0) - '0' : 0;
		}

		@Bean
		PackageLengthFunction letters() {
			return (data) -> (data.readableBytes() > 0) ? data.getByte(0) - 'a' + 1 : 0;
		}

	}

	static class AllHandlers {

		@OnConnect
		void connect(SwooleServer server, long fd) {
			server.send(fd, "hi ");
		}

		@OnReceive
		String receive(String data) {
			return "any " + data;
		}

		@OnPacket
		String packet(Packet packet, String data) {
			return "packet " + data + " to " + packet.listener();
		}

	}

	static class AdminHandlers {

		@OnReceive(port = "admin")
		String receive(String data) {
			return "admin " + data;
		}

		@OnPacket(port = "metrics")
		String metric(String data) {
			return "metric " + data;
		}

	}

}
