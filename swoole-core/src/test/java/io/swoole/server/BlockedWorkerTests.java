package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.swoole.testing.Setup;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of mode {@code process} and of virtual threads: a worker that blocks stops
 * neither reading nor writing nor heartbeats, and what waits for it is bounded (WORK-02,
 * DISP-15, CONN-20).
 */
class BlockedWorkerTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final CountDownLatch blocked = new CountDownLatch(1);

	private final TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
		if (packet.toString(StandardCharsets.UTF_8).equals("block\n")) {
			this.blocked.await();
		}
		connection.send(packet.retain());
	});

	@Test
	void whenWorkerBlocksThenOthersThreadsStillWriteAndConnectionsAreAccepted() {
		try (TestServer server = start(Setup.PROCESS, this.handler, (options) -> options.workerNum(1));
				TestClient client = server.connect()) {
			client.send("block\n");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().idleWorkerNum() == 0);
			byte[] news = new byte[1024 * 1024];
			assertThat(server.server().send(1, news)).isTrue();
			assertThat(client.read(news.length)).isEqualTo(news);
			try (TestClient other = server.connect()) {
				other.send("hello\n");
				Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() == 2);
				assertThat(server.server().send(2, "news\n")).isTrue();
				assertThat(other.readUntil("\n")).isEqualTo("news\n");
				ClientInfo info = server.server().getClientInfo(2).orElseThrow();
				assertThat(info.receiveQueuedBytes()).isEqualTo(6);
				this.blocked.countDown();
				assertThat(other.readUntil("\n")).isEqualTo("hello\n");
			}
			assertThat(client.readUntil("\n")).isEqualTo("block\n");
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** The queue of a connection is bounded; nothing is lost, and order is kept. */
	@ParameterizedTest
	@ValueSource(strings = { "PROCESS", "COROUTINE" })
	void whenWorkerDoesNotKeepUpThenItsConnectionsAreNotRead(Setup setup) {
		Assumptions.assumeTrue(Setup.available().anyMatch(setup::equals), "virtual threads need Java 21");
		List<String> received = new ArrayList<>();
		TestHandler recorder = new TestHandler().receive((server, connection, packet) -> {
			this.blocked.await();
			received.add(packet.toString(StandardCharsets.UTF_8));
		});
		try (TestServer server = start(setup, recorder, (options) -> options.workerNum(1));
				TestClient client = server.connect()) {
			StringBuilder lines = new StringBuilder();
			List<String> expected = new ArrayList<>();
			for (int i = 0; i < 5000; i++) {
				expected.add(i + "\n");
				lines.append(i).append('\n');
			}
			client.send(lines.toString());
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() >= 128);
			Awaitility.await()
				.atMost(PATIENCE)
				.during(Duration.ofMillis(100))
				.until(() -> server.server().stats().dispatchCount() < 256);
			this.blocked.countDown();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().requestCount() == 5000);
			assertThat(received).isEqualTo(expected);
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** A large packet counts by its bytes. */
	@Test
	void whenPacketsAreLargeThenFewOfThemWait() {
		byte[] packet = "x".repeat(300_000).concat("\n").getBytes(StandardCharsets.US_ASCII);
		TestHandler slow = new TestHandler().receive((server, connection, data) -> this.blocked.await());
		try (TestServer server = start(Setup.PROCESS, slow, (options) -> options.workerNum(1));
				TestClient client = server.connect()) {
			Thread sender = new Thread(() -> {
				for (int i = 0; i < 50; i++) {
					client.send(packet);
				}
			});
			sender.start();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() >= 4);
			Awaitility.await()
				.atMost(PATIENCE)
				.during(Duration.ofMillis(100))
				.until(() -> server.server().stats().dispatchCount() < 10);
			this.blocked.countDown();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().requestCount() == 50);
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** One connection that floods its worker does not hold up the others for long. */
	@ParameterizedTest
	@MethodSource("io.swoole.testing.Setup#available")
	void whenOneConnectionFloodsThenOthersGetTheirTurn(Setup setup) {
		AtomicInteger flooded = new AtomicInteger();
		int flood = 20_000;
		TestHandler echo = new TestHandler().receive((server, connection, packet) -> {
			if (connection.fd() == 1) {
				flooded.incrementAndGet();
				long end = System.nanoTime() + 20_000;
				while (System.nanoTime() < end) {
					Thread.onSpinWait();
				}
			}
			else {
				connection.send(flooded.get() + "\n");
			}
		});
		try (TestServer server = start(setup, echo, (options) -> options.workerNum(1));
				TestClient flooder = server.connect();
				TestClient client = server.connect()) {
			flooder.send("x\n".repeat(flood));
			int answer = Integer.parseInt(client.send("go\n").readUntil("\n").strip());
			assertThat(answer).isLessThan(flood / 2);
			Awaitility.await().atMost(PATIENCE).until(() -> flooded.get() == flood);
		}
	}

	/** All 200 workers are blocked: heartbeats and accepts still work. */
	@Test
	void whenTwoHundredHandlersBlockThenHeartbeatsAndAcceptsGoOn() {
		List<TestClient> clients = new ArrayList<>();
		try (TestServer server = start(Setup.PROCESS, this.handler, (options) -> {
			options.workerNum(200).reactorNum(2).slowHandlerThreshold(Duration.ZERO);
			options.main((main) -> main.heartbeatIdleTime(Duration.ofSeconds(2)));
		})) {
			for (int i = 0; i < 200; i++) {
				clients.add(server.connect().send("block\n"));
			}
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().idleWorkerNum() == 0);
			// all of them fall silent now, and so does one that comes later
			clients.add(server.connect());
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().acceptCount() == 201);
			clients.forEach((client) -> assertThat(client.readAll()).isEmpty());
			try (TestClient late = server.connect()) {
				Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().acceptCount() == 202);
				assertThat(server.server().send(202, "welcome")).isTrue();
				assertThat(late.readText(7)).isEqualTo("welcome");
			}
			this.blocked.countDown();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
		}
		finally {
			this.blocked.countDown();
			clients.forEach(TestClient::close);
		}
	}

	/** WORK-02: as many event loops as asked for, never more than workers. */
	@Test
	void whenReactorNumIsSetThenSoManyEventLoopsReadAndWrite() {
		try (TestServer server = start(Setup.PROCESS, this.handler, (options) -> options.workerNum(3).reactorNum(2))) {
			Set<Integer> reactors = new HashSet<>();
			Set<Integer> workers = new HashSet<>();
			for (int fd = 1; fd <= 6; fd++) {
				try (TestClient client = server.connect()) {
					client.send("hello\n").readUntil("\n");
					ClientInfo info = server.server().getClientInfo(fd).orElseThrow();
					reactors.add(info.reactorId());
					workers.add(info.workerId());
				}
			}
			assertThat(reactors).containsExactlyInAnyOrder(0, 1);
			assertThat(workers).containsExactlyInAnyOrder(0, 1, 2);
			assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.filteredOn((name) -> name.startsWith("swoole-reactor"))
				.hasSize(2);
		}
		ServerOptions options = ServerOptions.builder().mode(ServerMode.PROCESS).workerNum(2).reactorNum(8).build();
		assertThat(options.reactorNum()).isEqualTo(2);
	}

	private static TestServer start(Setup setup, ServerHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			setup.accept(options);
			options.main((main) -> main.openEofSplit(true).packageEof("\n").packageMaxLength(1024 * 1024));
			settings.accept(options);
		});
	}

}
