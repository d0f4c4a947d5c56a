package io.swoole.testing;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

import io.swoole.server.ListenerType;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.TransportType;
import io.swoole.server.transport.Transport;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server on a free port of the loopback interface that is stopped at the end of a
 * try-with-resources block.
 */
public final class TestServer implements AutoCloseable {

	private static final TransportType TRANSPORT = TransportType
		.valueOf(System.getProperty("swoole.test.transport", "auto").toUpperCase(Locale.ROOT));

	private final SwooleServer server;

	private TestServer(SwooleServer server) {
		this.server = server;
	}

	/**
	 * Default settings, on a free port. The transport of tests that do not choose one is
	 * chosen by the system property {@code swoole.test.transport}.
	 */
	public static ServerOptions.Builder options() {
		return ServerOptions.builder().port(0).transport(TRANSPORT);
	}

	/** Starts a server with default settings but for those given. */
	public static TestServer start(ServerHandler handler, Consumer<ServerOptions.Builder> settings) {
		ServerOptions.Builder options = options();
		settings.accept(options);
		SwooleServer server = SwooleServers.create(options.build(), handler);
		server.start();
		return new TestServer(server);
	}

	/** Starts a server with default settings. */
	public static TestServer start(ServerHandler handler) {
		return start(handler, (options) -> {
		});
	}

	/** Whether what the tests run on has sockets of a kind. */
	public static boolean supports(ListenerType type) {
		return Transport.choose(TRANSPORT).supports(type);
	}

	public SwooleServer server() {
		return this.server;
	}

	public int port() {
		return this.server.getAddress().getPort();
	}

	/** The port of a listener by its name. */
	public int port(String listener) {
		return this.server.getListeners()
			.stream()
			.filter((candidate) -> candidate.name().equals(listener))
			.findFirst()
			.orElseThrow()
			.port();
	}

	/** Connects a client to the main listener. */
	public TestClient connect() {
		return TestClient.connect(port());
	}

	@Override
	public void close() {
		this.server.shutdown();
		try {
			assertThat(this.server.awaitTermination(Duration.ofSeconds(20))).as("the server has stopped").isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
