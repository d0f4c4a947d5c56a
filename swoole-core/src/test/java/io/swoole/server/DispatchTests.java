package io.swoole.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the dispatch modes (DISP-01 to DISP-09). Packets are lines; the answer to a
 * line is the worker that has handled it.
 */
class DispatchTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final CountDownLatch blocked = new CountDownLatch(1);

	/** The worker that the line {@code block} has found. */
	private final List<Integer> blockedWorkers = new ArrayList<>();

	private final TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
		String line = packet.toString(StandardCharsets.UTF_8);
		if (line.equals("block\n")) {
			synchronized (this.blockedWorkers) {
				this.blockedWorkers.add(server.getWorkerId());
			}
			this.blocked.await();
		}
		connection.send(server.getWorkerId() + "\n");
	});

	/** DISP-01. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenModeIsRoundRobinThenEveryWorkerGetsAsManyPackets(ServerMode mode) {
		try (TestServer server = start(mode, DispatchMode.ROUND_ROBIN, 4)) {
			Map<Integer, Integer> counts = new ConcurrentHashMap<>();
			for (int i = 0; i < 3; i++) {
				try (TestClient client = server.connect()) {
					for (int packet = 0; packet < 40; packet++) {
						counts.merge(ask(client), 1, Integer::sum);
					}
				}
			}
			assertThat(counts).isEqualTo(Map.of(0, 30, 1, 30, 2, 30, 3, 30));
		}
	}

	/** DISP-02. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenModeIsFixedThenWorkerIsFdModuloWorkerNum(ServerMode mode) {
		try (TestServer server = start(mode, DispatchMode.FIXED, 3)) {
			for (int fd = 1; fd <= 7; fd++) {
				try (TestClient client = server.connect()) {
					for (int packet = 0; packet < 5; packet++) {
						assertThat(ask(client)).isEqualTo(fd % 3);
					}
				}
			}
		}
	}

	/** DISP-03, DISP-06, DISP-08, DISP-09. */
	@ParameterizedTest
	@CsvSource({ "BASE, IDLE_FIRST", "PROCESS, IDLE_FIRST", "BASE, STREAM", "PROCESS, STREAM", "BASE, LEAST_BUSY",
			"PROCESS, LEAST_BUSY", "BASE, LEAST_CONCURRENT", "PROCESS, LEAST_CONCURRENT" })
	void whenWorkerIsBusyThenPacketsGoToTheOthers(ServerMode mode, DispatchMode dispatchMode) {
		try (TestServer server = start(mode, dispatchMode, 3)) {
			List<TestClient> clients = connect(server, 3);
			try {
				clients.get(0).send("block\n");
				int busy = awaitBlocked(1);
				// in mode base the busy worker reads none of its connections
				TestClient client = clients.get((busy + 1) % 3);
				Map<Integer, Integer> counts = new ConcurrentHashMap<>();
				for (int packet = 0; packet < 40; packet++) {
					counts.merge(ask(client), 1, Integer::sum);
				}
				assertThat(counts).doesNotContainKey(busy).hasSize(2);
			}
			finally {
				this.blocked.countDown();
				clients.forEach(TestClient::close);
			}
		}
	}

	/** DISP-03: none idle, DISP-15: the packet waits, nothing is lost. */
	@ParameterizedTest
	@EnumSource(names = { "IDLE_FIRST", "STREAM" }, value = DispatchMode.class)
	void whenNoWorkerIsIdleThenPacketWaitsAndThatIsLogged(DispatchMode dispatchMode) {
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = start(ServerMode.PROCESS, dispatchMode, 2)) {
			List<TestClient> clients = connect(server, 6);
			try {
				clients.get(0).send("block\n");
				awaitBlocked(1);
				clients.get(1).send("block\n");
				awaitBlocked(2);
				clients.subList(2, 6).forEach((client) -> client.send("go\n"));
				Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() == 6);
				assertThat(log.messages(Level.WARN)).filteredOn((message) -> message.contains("No idle worker"))
					.hasSizeBetween(1, 2);
				this.blocked.countDown();
				clients.forEach((client) -> assertThat(client.readUntil("\n")).isIn("0\n", "1\n"));
			}
			finally {
				this.blocked.countDown();
				clients.forEach(TestClient::close);
			}
		}
	}

	/** DISP-06. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenModeIsStreamThenStartWarns(ServerMode mode) {
		try (LogCapture log = LogCapture.of("io.swoole"); TestServer server = start(mode, DispatchMode.STREAM, 1)) {
			assertThat(server.server().isRunning()).isTrue();
			assertThat(log.messages(Level.WARN))
				.anyMatch((message) -> message.startsWith("dispatch-mode 7 works as 3"));
		}
	}

	/** DISP-04. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenModeIsIpHashThenWorkerIsAddressModuloWorkerNum(ServerMode mode) throws IOException {
		try (TestServer server = start(mode, DispatchMode.IP_HASH, 3)) {
			for (int last = 1; last <= 6; last++) {
				for (int i = 0; i < 2; i++) {
					try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), server.port(),
							InetAddress.getByName("127.0.0." + last), 0)) {
						long address = 0x7f00_0000L + last;
						assertThat(ask(socket)).isEqualTo((int) (address % 3));
						assertThat(ask(socket)).isEqualTo((int) (address % 3));
					}
				}
			}
		}
	}

	/** DISP-07: getClientInfo names the worker. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenModeIsPinnedThenNewConnectionsAvoidBusyWorkersAndStay(ServerMode mode) {
		try (TestServer server = start(mode, DispatchMode.PINNED, 3)) {
			List<TestClient> clients = new ArrayList<>();
			try {
				clients.add(server.connect().send("block\n"));
				int busy = awaitBlocked(1);
				Map<Integer, Integer> connections = new ConcurrentHashMap<>();
				for (long fd = 2; fd <= 21; fd++) {
					TestClient client = server.connect();
					clients.add(client);
					int worker = ask(client);
					for (int packet = 0; packet < 3; packet++) {
						assertThat(ask(client)).isEqualTo(worker);
					}
					assertThat(server.server().getClientInfo(fd).orElseThrow().workerId()).isEqualTo(worker);
					connections.merge(worker, 1, Integer::sum);
				}
				assertThat(connections).doesNotContainKey(busy).hasSize(2);
			}
			finally {
				this.blocked.countDown();
				clients.forEach(TestClient::close);
			}
		}
	}

	/** CONN-02: in modes 2, 4 and 8 the events of a connection come in order. */
	@ParameterizedTest
	@CsvSource({ "BASE, FIXED", "PROCESS, FIXED", "BASE, IP_HASH", "PROCESS, IP_HASH", "BASE, PINNED",
			"PROCESS, PINNED" })
	void whenModeKeepsPacketsTogetherThenEventsComeInOrder(ServerMode mode, DispatchMode dispatchMode) {
		Map<Long, List<String>> events = new ConcurrentHashMap<>();
		Map<Long, List<Integer>> workers = new ConcurrentHashMap<>();
		AtomicInteger closes = new AtomicInteger();
		TestHandler recorder = new TestHandler().connect((server, connection, reactorId) -> {
			events.computeIfAbsent(connection.fd(), (fd) -> new ArrayList<>()).add("connect");
			workers.computeIfAbsent(connection.fd(), (fd) -> new ArrayList<>()).add(server.getWorkerId());
		}).receive((server, connection, packet) -> {
			events.get(connection.fd()).add(packet.toString(StandardCharsets.UTF_8).strip());
			workers.get(connection.fd()).add(server.getWorkerId());
		}).close((server, connection, reactorId) -> {
			events.get(connection.fd()).add("close");
			workers.get(connection.fd()).add(server.getWorkerId());
			closes.incrementAndGet();
		});
		try (TestServer server = start(mode, dispatchMode, 3, recorder, (options) -> {
		})) {
			StringBuilder lines = new StringBuilder();
			List<String> expected = new ArrayList<>(List.of("connect"));
			for (int i = 0; i < 300; i++) {
				lines.append(i).append('\n');
				expected.add(Integer.toString(i));
			}
			expected.add("close");
			for (int i = 0; i < 10; i++) {
				try (TestClient client = server.connect()) {
					client.send(lines.toString());
				}
			}
			Awaitility.await().atMost(PATIENCE).until(() -> closes.get() == 10);
			assertThat(events).hasSize(10);
			assertThat(events.values()).allSatisfy((list) -> assertThat(list).isEqualTo(expected));
			assertThat(workers.values()).allSatisfy((list) -> assertThat(list).containsOnly(list.get(0)));
		}
	}

	private TestServer start(ServerMode mode, DispatchMode dispatchMode, int workers) {
		return start(mode, dispatchMode, workers, this.handler, (options) -> {
		});
	}

	private static TestServer start(ServerMode mode, DispatchMode dispatchMode, int workers, ServerHandler handler,
			Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			options.mode(mode).dispatchMode(dispatchMode).workerNum(workers);
			options.main((main) -> main.openEofSplit(true).packageEof("\n"));
			settings.accept(options);
		});
	}

	/** The client at index i has an fd that is i modulo the number of clients. */
	private static List<TestClient> connect(TestServer server, int count) {
		List<TestClient> clients = new ArrayList<>();
		IntStream.range(0, count).forEach((i) -> clients.add(server.connect()));
		Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().acceptCount() == count);
		clients.add(0, clients.remove(count - 1));
		return clients;
	}

	private int awaitBlocked(int count) {
		Awaitility.await().atMost(PATIENCE).until(() -> {
			synchronized (this.blockedWorkers) {
				return this.blockedWorkers.size() == count;
			}
		});
		return this.blockedWorkers.get(count - 1);
	}

	private static int ask(TestClient client) {
		return Integer.parseInt(client.send("who\n").readUntil("\n").strip());
	}

	private static int ask(Socket socket) {
		try {
			socket.setSoTimeout(20_000);
			socket.getOutputStream().write("who\n".getBytes(StandardCharsets.UTF_8));
			int digit = socket.getInputStream().read();
			assertThat(socket.getInputStream().read()).isEqualTo('\n');
			return digit - '0';
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
