package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of callbacks on virtual threads (CONN-03, WORK-16, ERR-04, §25.1).
 */
@EnabledForJreRange(min = JRE.JAVA_21)
class CoroutineTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	/**
	 * CONN-03: a handler that sleeps holds up nobody but its own connection.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThousandHandlersSleepThenOneWorkerServesThemSideBySide(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			Thread.sleep(100);
			connection.send(packet.retain());
		});
		try (TestServer server = start(mode, handler, (options) -> options.workerNum(1))) {
			List<TestClient> clients = new ArrayList<>();
			try {
				for (int i = 0; i < 1000; i++) {
					clients.add(server.connect());
				}
				long begin = System.nanoTime();
				clients.forEach((client) -> client.send("ping"));
				clients.forEach((client) -> assertThat(client.readText(4)).isEqualTo("ping"));
				// one after another they would take 100 seconds
				assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
			}
			finally {
				clients.forEach(TestClient::close);
			}
			awaitQuiet(server);
		}
	}

	private static TestServer start(ServerMode mode, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			options.mode(mode).enableCoroutine(true).workerNum(2);
			settings.accept(options);
		});
	}

	private static void awaitQuiet(TestServer server) {
		Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().coroutineNum() == 0);
	}

}
