package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of dispatch modes that send packets of one connection to different workers
 * (DISP-05, DISP-10, DISP-11, CONN-13, CONN-21).
 */
class UnorderedDispatchTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final Queue<String> events = new ConcurrentLinkedQueue<>();

	private final CountDownLatch blocked = new CountDownLatch(1);

	static Stream<Arguments> unordered() {
		return Arrays.stream(ServerMode.values())
			.flatMap((mode) -> Arrays.stream(DispatchMode.values())
				.filter(DispatchMode::isUnordered)
				.map((dispatchMode) -> Arguments.of(mode, dispatchMode)));
	}

	/** DISP-10, DISP-11. */
	@ParameterizedTest
	@MethodSource("unordered")
	void whenModeIsUnorderedThenThereAreNoConnectionEventsAndStartWarnsOnceForEach(ServerMode mode,
			DispatchMode dispatchMode) {
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = start(mode, dispatchMode, recorder(), (options) -> {
				})) {
			try (TestClient client = server.connect()) {
				client.send("a\n").readUntil("\n");
			}
			try (TestClient client = server.connect()) {
				client.send("close\n");
				assertThat(client.readAll()).isEmpty();
			}
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().closeCount() == 2);
			assertThat(this.events).isEmpty();
			assertThat(server.server().exists(1)).isFalse();
			assertThat(server.server().stats().connectionNum()).isZero();
			for (String callback : List.of("onConnect", "onClose")) {
				assertThat(log.messages(Level.WARN))
					.filteredOn((message) -> message
						.startsWith(callback + " is never called in dispatch-mode " + dispatchMode.number() + ","))
					.hasSize(1);
			}
			assertThat(log.messages(Level.WARN)).noneMatch((message) -> message.startsWith("onBuffer"));
		}
	}

	/** DISP-10: connect and close run in the owner, once each. */
	@ParameterizedTest
	@MethodSource("unordered")
	void whenUnsafeEventsAreEnabledThenOwnerIsToldOfConnectAndClose(ServerMode mode, DispatchMode dispatchMode) {
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = start(mode, dispatchMode, recorder(),
						(options) -> options.enableUnsafeEvent(true))) {
			for (int fd = 1; fd <= 4; fd++) {
				try (TestClient client = server.connect()) {
					client.send("a\nb\nc\n").readText(6);
				}
			}
			Awaitility.await().atMost(PATIENCE).until(() -> this.events.size() == 8);
			assertThat(this.events).containsExactlyInAnyOrder("connect 1 at 1", "close 1 at 1", "connect 2 at 2",
					"close 2 at 2", "connect 3 at 0", "close 3 at 0", "connect 4 at 1", "close 4 at 1");
			assertThat(log.messages(Level.WARN)).noneMatch((message) -> message.contains("is never called"));
		}
	}

	/**
	 * A close comes after all packets its client has sent before, and so does the end.
	 */
	@ParameterizedTest
	@CsvSource({ "BASE, ROUND_ROBIN, true", "PROCESS, ROUND_ROBIN, true", "BASE, ROUND_ROBIN, false",
			"PROCESS, ROUND_ROBIN, false", "BASE, LEAST_BUSY, true", "PROCESS, LEAST_BUSY, true",
			"PROCESS, IDLE_FIRST, false" })
	void whenClientEndsThenAllItsPacketsAreAnsweredBeforeTheClose(ServerMode mode, DispatchMode dispatchMode,
			boolean unsafe) {
		AtomicInteger handled = new AtomicInteger();
		List<Integer> handledAtClose = new ArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			Thread.sleep(1);
			handled.incrementAndGet();
			connection.send("x");
		}).close((server, connection, reactorId) -> handledAtClose.add(handled.get()));
		try (TestServer server = start(mode, dispatchMode, handler, (options) -> options.enableUnsafeEvent(unsafe));
				TestClient client = server.connect()) {
			client.send("x\n".repeat(500)).shutdownOutput();
			assertThat(client.readAll()).hasSize(500);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			assertThat(handledAtClose).isEqualTo(unsafe ? List.of(500) : List.of());
		}
	}

	/** CONN-21. */
	@ParameterizedTest
	@CsvSource({ "BASE, true", "PROCESS, true", "BASE, false", "PROCESS, false" })
	void whenClientHasGoneThenDiscardTimeoutRequestDecidesAboutItsPackets(ServerMode mode, boolean discard) {
		AtomicInteger handled = new AtomicInteger();
		CountDownLatch ended = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.getByte(packet.readerIndex()) == 'b') {
				this.blocked.await();
			}
			else {
				handled.incrementAndGet();
			}
		});
		DispatchStrategy strategy = (server, connection, event, data) -> {
			if (event == DispatchEvent.CLOSE) {
				ended.countDown();
			}
			return DispatchStrategy.DEFAULT;
		};
		try (TestServer server = start(mode, DispatchMode.ROUND_ROBIN, handler,
				(options) -> options.workerNum(2).discardTimeoutRequest(discard).dispatchStrategy(strategy))) {
			try (TestClient client = server.connect()) {
				// blocks worker 0, while worker 1 reads this connection in mode base
				client.send("b\n");
				Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() == 1);
				client.send("x\n".repeat(8));
				Awaitility.await().atMost(PATIENCE).until(() -> handled.get() == 4);
			}
			Awaitility.await().atMost(PATIENCE).until(() -> ended.getCount() == 0);
			Awaitility.await().during(Duration.ofMillis(50)).until(() -> handled.get() == 4);
			this.blocked.countDown();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			assertThat(handled).hasValue(discard ? 4 : 8);
			assertThat(server.server().stats().discardCount()).isEqualTo(discard ? 4 : 0);
		}
		finally {
			this.blocked.countDown();
		}
	}

	/** CONN-13: after close() no further packet of the connection is handled. */
	@ParameterizedTest
	@CsvSource({ "BASE, true", "PROCESS, true", "BASE, false", "PROCESS, false" })
	void whenServerClosesThenPacketsThatWaitAreDropped(ServerMode mode, boolean unsafe) {
		AtomicInteger handledAfterClose = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			boolean open = connection.isOpen();
			if (!open) {
				handledAfterClose.incrementAndGet();
			}
			if (packet.toString(StandardCharsets.UTF_8).equals("close\n")) {
				connection.close();
			}
		}).close((server, connection, reactorId) -> this.events.add("close " + reactorId));
		try (TestServer server = start(mode, DispatchMode.ROUND_ROBIN, handler,
				(options) -> options.enableUnsafeEvent(unsafe)); TestClient client = server.connect()) {
			client.send("a\nclose\n" + "b\n".repeat(100));
			assertThat(client.readAll()).isEmpty();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
				ServerStats stats = server.server().stats();
				assertThat(stats.requestCount() + stats.discardCount()).isEqualTo(stats.dispatchCount());
			});
			assertThat(handledAfterClose).hasValueLessThan(3);
			assertThat(this.events).hasSize(unsafe ? 1 : 0).allMatch("close -1"::equals);
		}
	}

	/** DISP-05: the fd decides before bind, the uid after it; events stay on. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenModeIsUidThenBoundConnectionsGoToTheWorkerOfTheirUser(ServerMode mode) {
		TestHandler handler = new TestHandler()
			.connect((server, connection, reactorId) -> this.events
				.add("connect " + connection.fd() + " at " + server.getWorkerId()))
			.receive((server, connection, packet) -> {
				String line = packet.toString(StandardCharsets.UTF_8).strip();
				if (!line.equals("who")) {
					connection.bind(Long.parseLong(line));
				}
				connection.send(server.getWorkerId() + "\n");
			})
			.close((server, connection, reactorId) -> this.events
				.add("close " + connection.fd() + " at " + server.getWorkerId()));
		try (TestServer server = start(mode, DispatchMode.UID, handler, (options) -> {
		})) {
			long[] uids = { 7, 3, 10_000_000_000L };
			for (int i = 0; i < uids.length; i++) {
				int owner = (i + 1) % 3;
				try (TestClient client = server.connect()) {
					assertThat(client.send("who\n").readText(2)).isEqualTo(owner + "\n");
					assertThat(client.send(uids[i] + "\n").readText(2)).isEqualTo(owner + "\n");
					for (int packet = 0; packet < 5; packet++) {
						assertThat(client.send("who\n").readText(2)).isEqualTo(uids[i] % 3 + "\n");
					}
				}
			}
			Awaitility.await().atMost(PATIENCE).until(() -> this.events.size() == 6);
			assertThat(this.events).containsExactlyInAnyOrder("connect 1 at 1", "close 1 at 1", "connect 2 at 2",
					"close 2 at 2", "connect 3 at 0", "close 3 at 0");
		}
	}

	private TestHandler recorder() {
		return new TestHandler()
			.connect((server, connection, reactorId) -> this.events
				.add("connect " + connection.fd() + " at " + server.getWorkerId()))
			.receive((server, connection, packet) -> {
				if (packet.toString(StandardCharsets.UTF_8).equals("close\n")) {
					assertThat(connection.close()).isTrue();
				}
				else {
					connection.send(packet.retain());
				}
			})
			.close((server, connection, reactorId) -> this.events
				.add("close " + connection.fd() + " at " + server.getWorkerId()));
	}

	private static TestServer start(ServerMode mode, DispatchMode dispatchMode, ServerHandler handler,
			Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			options.mode(mode).dispatchMode(dispatchMode).workerNum(3);
			options.main((main) -> main.openEofSplit(true).packageEof("\n"));
			settings.accept(options);
		});
	}

}
