package io.swoole.spring;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.swoole.server.Connection;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnBufferEmpty;
import io.swoole.spring.annotation.OnBufferFull;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for slow clients, files and confirmation in an application.
 */
class ConnectionControlTests {

	@TempDir
	private Path directory;

	@Test
	void whenClientIsTooSlowThenHandlersAreTold() throws IOException {
		try (ConfigurableApplicationContext context = run(Feed.class, "buffer-high-watermark=6MB");
				Socket client = connect(context)) {
			Feed feed = context.getBean(Feed.class);
			client.getOutputStream().write('x');
			await().until(() -> feed.events.size() == 1);
			client.getInputStream().readNBytes(Feed.SIZE);
			await().until(() -> feed.events.size() == 2);
			assertThat(feed.events).containsExactly("full 1 on 0", "empty 1 on 0");
		}
	}

	@Test
	void whenReceivingIsDelayedThenHandlerConfirms() throws IOException {
		Path file = Files.writeString(this.directory.resolve("welcome"), "welcome");
		try (ConfigurableApplicationContext context = run(Doorman.class, "enable-delay-receive=true");
				Socket client = connect(context)) {
			SwooleServer server = context.getBean(SwooleServer.class);
			client.getOutputStream().write("early".getBytes());
			await().until(() -> server.exists(1));
			assertThat(server.sendFile(1, file)).isTrue();
			InputStream in = client.getInputStream();
			assertThat(in.readNBytes(7)).asString().isEqualTo("welcome");
			assertThat(server.stats().totalRecvBytes()).isZero();
			assertThat(server.confirm(1)).isTrue();
			assertThat(in.readNBytes(5)).asString().isEqualTo("early");
		}
	}

	private static ConfigurableApplicationContext run(Class<?> handlers, String property) {
		return new SpringApplicationBuilder(TestApplication.class, handlers).web(WebApplicationType.NONE)
			.registerShutdownHook(false)
			.run("--swoole.server.port=0", "--swoole.server.worker-num=1", "--swoole.server." + property);
	}

	private static Socket connect(ConfigurableApplicationContext context) throws IOException {
		InetSocketAddress address = context.getBean(SwooleServer.class).getAddress();
		Socket client = new Socket();
		client.setReceiveBufferSize(8192);
		client.setSoTimeout(30_000);
		client.connect(address);
		return client;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	static class TestApplication {

	}

	static class Feed {

		static final int SIZE = 20_000_000;

		final List<String> events = new CopyOnWriteArrayList<>();

		@OnReceive
		void receive(Connection connection) {
			connection.send(new byte[SIZE]);
		}

		@OnBufferFull
		void full(long fd, int workerId) {
			this.events.add("full " + fd + " on " + workerId);
		}

		@OnBufferEmpty
		void empty(Connection connection, int workerId) {
			this.events.add("empty " + connection.fd() + " on " + workerId);
		}

	}

	static class Doorman {

		@OnConnect
		void connect(SwooleServer server, long fd) {
			server.protect(fd, true);
		}

		@OnReceive
		String receive(String data) {
			return data;
		}

	}

}
