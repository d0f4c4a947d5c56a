package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import io.netty.buffer.ByteBuf;
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
 * Tests for {@link DispatchStrategy} (DISP-12, FRAME-37). Packets are lines; the answer
 * to a line is the worker that has handled it.
 */
class DispatchStrategyTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private final Queue<String> events = new ConcurrentLinkedQueue<>();

	private final TestHandler handler = new TestHandler()
		.connect((server, connection, reactorId) -> this.events.add("connect " + server.getWorkerId()))
		.receive((server, connection, packet) -> {
			assertThat(packet.toString(StandardCharsets.UTF_8)).endsWith("\n");
			connection.send(server.getWorkerId() + "\n");
		})
		.close((server, connection, reactorId) -> this.events.add("close " + server.getWorkerId()));

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStrategyNamesWorkerThenItHandlesThePacket(ServerMode mode) {
		DispatchStrategy byDigit = (server, connection, event, data) -> (event == DispatchEvent.DATA)
				? data.readByte() - '0' : DispatchStrategy.DEFAULT;
		try (TestServer server = start(mode, 4, byDigit); TestClient client = server.connect()) {
			for (int worker : new int[] { 3, 0, 2, 1, 1, 0, 3 }) {
				assertThat(client.send(worker + "\n").readUntil("\n")).isEqualTo(worker + "\n");
			}
		}
	}

	/** The owner is settled at connect; the connection it is asked about can be read. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStrategyNamesWorkerAtConnectThenItOwnsTheConnection(ServerMode mode) {
		DispatchStrategy strategy = (server, connection, event, data) -> {
			if (event == DispatchEvent.CONNECT) {
				assertThat(connection).isNotNull();
				assertThat(data.isReadable()).isFalse();
				return (int) connection.fd() % 2 + 2;
			}
			return DispatchStrategy.DEFAULT;
		};
		try (TestServer server = start(mode, 4, strategy)) {
			for (int fd = 1; fd <= 4; fd++) {
				int owner = fd % 2 + 2;
				try (TestClient client = server.connect()) {
					assertThat(client.send("go\n").readUntil("\n")).isEqualTo(owner + "\n");
					assertThat(server.server().getClientInfo(fd).orElseThrow().workerId()).isEqualTo(owner);
				}
				awaitEvents("connect " + owner, "close " + owner);
				this.events.clear();
			}
			assertThat(this.handler.errors).isEmpty();
		}
	}

	/** FRAME-37: the packet is dropped, the connection goes on. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStrategyDiscardsThenPacketIsDroppedAndConnectionGoesOn(ServerMode mode) {
		DispatchStrategy strategy = (server, connection, event, data) -> startsWith(data, 'x')
				? DispatchStrategy.DISCARD : DispatchStrategy.DEFAULT;
		try (TestServer server = start(mode, 2, strategy); TestClient client = server.connect()) {
			client.send("x1\ngo\nx2\nx3\ngo\n");
			assertThat(client.readText(4)).isEqualTo("1\n1\n");
			assertThat(server.server().stats().discardCount()).isEqualTo(3);
			assertThat(server.server().stats().dispatchCount()).isEqualTo(2);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().requestCount() == 2);
		}
	}

	@ParameterizedTest
	@CsvSource({ "BASE, -2", "PROCESS, -2", "BASE, -4", "BASE, 2", "PROCESS, 2", "PROCESS, 2147483647" })
	void whenStrategyNamesNoWorkerThenPacketIsDroppedWithOneWarning(ServerMode mode, int nobody) {
		DispatchStrategy strategy = (server, connection, event, data) -> startsWith(data, 'x') ? nobody
				: DispatchStrategy.DEFAULT;
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = start(mode, 2, strategy);
				TestClient client = server.connect()) {
			client.send("x1\nx2\nx3\nx4\nx5\ngo\n");
			assertThat(client.readText(2)).isEqualTo("1\n");
			assertThat(server.server().stats().discardCount()).isEqualTo(5);
			assertThat(log.messages(Level.WARN)).filteredOn((message) -> message.contains("returned " + nobody))
				.hasSizeBetween(1, 2);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStrategyFailsThenPacketIsDroppedAndFailureReported(ServerMode mode) {
		DispatchStrategy strategy = (server, connection, event, data) -> {
			if (startsWith(data, 'x')) {
				throw new IllegalStateException("no idea");
			}
			return DispatchStrategy.DEFAULT;
		};
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer server = start(mode, 2, strategy);
				TestClient client = server.connect()) {
			client.send("x\ngo\n");
			assertThat(client.readText(2)).isEqualTo("1\n");
			assertThat(this.handler.errors).singleElement().satisfies((error) -> {
				assertThat(error.event()).isEqualTo("dispatch");
				assertThat(error.fd()).isEqualTo(1);
				assertThat(error.cause()).hasMessage("no idea");
			});
			assertThat(server.server().stats().handlerErrorCount()).isEqualTo(1);
			assertThat(server.server().stats().discardCount()).isEqualTo(1);
			assertThat(log.messages(Level.ERROR)).singleElement().asString().contains("dispatch", "fd=1");
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStrategyDiscardsConnectAndCloseThenConnectionWorksWithoutThem(ServerMode mode) {
		DispatchStrategy strategy = (server, connection, event, data) -> (event == DispatchEvent.DATA)
				? DispatchStrategy.DEFAULT : DispatchStrategy.DISCARD;
		try (TestServer server = start(mode, 2, strategy)) {
			try (TestClient client = server.connect()) {
				assertThat(client.send("go\n").readUntil("\n")).isEqualTo("1\n");
			}
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().connectionNum() == 0);
			assertThat(this.events).isEmpty();
			assertThat(server.server().stats().closeCount()).isEqualTo(1);
		}
	}

	/** What the strategy is asked: connect, each packet, and the end by the client. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenConnectionLivesThenStrategyIsAskedInOrder(ServerMode mode) {
		Queue<String> asked = new ConcurrentLinkedQueue<>();
		DispatchStrategy strategy = (server, connection, event, data) -> {
			asked.add(event + " " + data.toString(StandardCharsets.UTF_8).strip());
			return DispatchStrategy.DEFAULT;
		};
		try (TestServer server = start(mode, 2, strategy)) {
			try (TestClient client = server.connect()) {
				client.send("a\nb\n").readText(4);
			}
			awaitEvents("connect 1", "close 1");
			assertThat(asked).containsExactly("CONNECT ", "DATA a", "DATA b", "CLOSE ");
			asked.clear();
			try (TestClient client = server.connect()) {
				client.send("c\n").readText(2);
				server.server().close(2);
				assertThat(client.readAll()).isEmpty();
			}
			// a close by the server is no question of dispatch
			assertThat(asked).containsExactly("CONNECT ", "DATA c");
		}
	}

	/**
	 * CONN-06: packets received before the client's end are handled, wherever they are.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientEndsThenPacketsAtSlowerWorkersAreHandledBeforeTheClose(ServerMode mode) {
		CountDownLatch blocked = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		AtomicInteger handledAtClose = new AtomicInteger(-1);
		DispatchStrategy strategy = (server, connection, event, data) -> (event == DispatchEvent.DATA)
				? data.readByte() - '0' : DispatchStrategy.DEFAULT;
		TestHandler slow = new TestHandler().receive((server, connection, packet) -> {
			if (server.getWorkerId() == 0) {
				blocked.await();
			}
			handled.incrementAndGet();
			connection.send(server.getWorkerId() + "\n");
		}).close((server, connection, reactorId) -> handledAtClose.set(handled.get()));
		try (TestServer server = start(mode, 2, slow, strategy); TestClient client = server.connect()) {
			client.send("0\n1\n0\n0\n1\n").shutdownOutput();
			// those of worker 1 need not wait
			assertThat(client.readText(4)).isEqualTo("1\n1\n");
			assertThat(handledAtClose).hasValue(-1);
			blocked.countDown();
			assertThat(new String(client.readAll(), StandardCharsets.UTF_8)).isEqualTo("0\n0\n0\n");
			Awaitility.await().atMost(PATIENCE).until(() -> handledAtClose.get() == 5);
		}
		finally {
			blocked.countDown();
		}
	}

	private TestServer start(ServerMode mode, int workers, DispatchStrategy strategy) {
		return start(mode, workers, this.handler, strategy);
	}

	private static TestServer start(ServerMode mode, int workers, ServerHandler handler, DispatchStrategy strategy) {
		return TestServer.start(handler, (options) -> {
			options.mode(mode).workerNum(workers).dispatchStrategy(strategy);
			options.main((main) -> main.openEofSplit(true).packageEof("\n"));
		});
	}

	private void awaitEvents(String... expected) {
		Awaitility.await().atMost(PATIENCE).until(() -> List.copyOf(this.events).equals(List.of(expected)));
	}

	private static boolean startsWith(ByteBuf data, char letter) {
		return data.isReadable() && data.getByte(data.readerIndex()) == letter;
	}

}
