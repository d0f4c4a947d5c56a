package io.swoole.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.swoole.testing.Setup;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of clients and workers that are too slow.
 */
@Timeout(60)
class BackpressureTests {

	private static final String SETUPS = "io.swoole.testing.Setup#available";

	private static final int MEGABYTE = 1024 * 1024;

	/** More than the operating system buffers for one connection. */
	private static final int PLENTY = 10 * MEGABYTE;

	private static TestServer start(Setup setup, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			setup.accept(options);
			settings.accept(options.workerNum(1));
		});
	}

	private static TestClient connectSlowReader(TestServer server) {
		TestClient client = TestClient.connect(server.port(), 8192);
		client.send("x").read(1);
		return client;
	}

	private static long queued(TestServer server, long fd) {
		return server.server().getClientInfo(fd).orElseThrow().sendQueuedBytes();
	}

	/**
	 * BUF-01, BUF-02: the send that crosses the limit is accepted, the next is not.
	 * SEND-08: though the client reads nothing.
	 */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenLimitIsCrossedThenFollowingSendsAreRefusedUntilThereIsRoom(Setup setup) {
		try (TestServer running = start(setup, TestHandler.echo(),
				(options) -> options.main((main) -> main.socketBufferSize(MEGABYTE)));
				TestClient client = connectSlowReader(running)) {
			SwooleServer server = running.server();
			assertThat(server.send(1, new byte[PLENTY])).isTrue();
			assertThat(server.send(1, new byte[1])).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			assertThat(server.send(1, "x")).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			assertThat(server.exists(1)).isTrue();
			assertThat(client.read(PLENTY)).hasSize(PLENTY);
			Awaitility.await().until(() -> server.send(1, "y"));
			assertThat(client.readText(1)).isEqualTo("y");
		}
	}

	/** BUF-01: there is room again before everything is written. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenLargeSendIsPartlyWrittenThenPendingBytesFall(Setup setup) {
		try (TestServer server = start(setup, TestHandler.echo(),
				(options) -> options.main((main) -> main.socketBufferSize(2 * PLENTY)));
				TestClient client = connectSlowReader(server)) {
			assertThat(server.server().send(1, new byte[4 * PLENTY])).isTrue();
			assertThat(server.server().send(1, new byte[1])).isFalse();
			client.read(2 * PLENTY + 5 * MEGABYTE);
			Awaitility.await().until(() -> queued(server, 1) < 2 * PLENTY);
			assertThat(queued(server, 1)).isGreaterThan(5 * MEGABYTE);
			assertThat(server.server().send(1, new byte[] { 7 })).isTrue();
			byte[] rest = client.read(2 * PLENTY - 5 * MEGABYTE + 1);
			assertThat(rest[rest.length - 1]).isEqualTo((byte) 7);
		}
	}

	/** BUF-01: zero or less is no limit. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThereIsNoLimitThenEverythingIsAccepted(ServerMode mode) {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode).main((main) -> main.socketBufferSize(0)));
				TestClient client = connectSlowReader(server)) {
			for (int i = 0; i < 20; i++) {
				assertThat(server.server().send(1, new byte[MEGABYTE])).isTrue();
			}
			assertThat(client.read(2 * PLENTY)).hasSize(2 * PLENTY);
		}
	}

	/** BUF-07: 200 MB for a client that reads nothing. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientNeverReadsThenItCostsNoMoreThanTheLimitAndHarmsNobody(Setup setup) {
		int limit = 4 * MEGABYTE;
		int piece = 64 * 1024;
		try (TestServer running = start(setup, TestHandler.echo(),
				(options) -> options.main((main) -> main.socketBufferSize(limit)));
				TestClient deaf = connectSlowReader(running)) {
			SwooleServer server = running.server();
			List<TestClient> others = new ArrayList<>();
			for (int i = 0; i < 100; i++) {
				others.add(running.connect());
			}
			long memory = directMemory();
			long accepted = 0;
			long largest = 0;
			for (int i = 0; i < 200 * MEGABYTE / piece; i++) {
				if (server.send(1, new byte[piece])) {
					accepted += piece;
				}
				else {
					assertThat(server.getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
				}
				largest = Math.max(largest, queued(running, 1));
				if (i % 32 == 0) {
					TestClient other = others.get(i / 32 % others.size());
					assertThat(other.send("alive").readText(5)).isEqualTo("alive");
				}
			}
			assertThat(largest).isBetween((long) limit, (long) limit + piece);
			assertThat(directMemory() - memory).isLessThan(limit + piece + 12L * MEGABYTE);
			assertThat(deaf.read((int) accepted)).hasSize((int) accepted);
			others.forEach(TestClient::close);
		}
	}

	/** BUF-07: what is small stays small, also in many turns. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenManySmallSendsWaitThenTheyTakeLittleMoreThanTheirBytes(Setup setup) {
		int limit = 2 * MEGABYTE;
		try (TestServer running = start(setup, TestHandler.echo(),
				(options) -> options.main((main) -> main.socketBufferSize(limit)));
				TestClient deaf = connectSlowReader(running);
				TestClient pacer = running.connect()) {
			SwooleServer server = running.server();
			// first the buffers of the operating system
			while (queued(running, 1) < 4096 && server.send(1, new byte[100_000])) {
				pacer.send("x").read(1);
			}
			long memory = directMemory();
			byte[] small = new byte[20];
			int count = 0;
			while (server.send(1, small)) {
				if (++count % 50 == 0) {
					pacer.send("x").read(1);
				}
			}
			assertThat(server.getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			assertThat(count).isGreaterThan(50_000);
			assertThat(directMemory() - memory).isLessThan(4L * limit);
			deaf.read(1);
		}
	}

	private static long directMemory() {
		return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
	}

	/** BUF-06: once each, in the worker of the connection, in every cycle. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenWatermarksAreCrossedThenEventsComeOnceEach(Setup setup) {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo()
			.bufferFull((server, connection) -> events.add("full " + connection.fd() + " " + server.getWorkerId()))
			.bufferEmpty((server, connection) -> events.add("empty " + connection.fd() + " " + server.getWorkerId()));
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.socketBufferSize(PLENTY + 5 * MEGABYTE)));
				TestClient client = connectSlowReader(server)) {
			for (int cycle = 1; cycle <= 3; cycle++) {
				int expected = cycle * 2;
				assertThat(server.server().send(1, new byte[PLENTY])).isTrue();
				assertThat(server.server().send(1, new byte[PLENTY])).isTrue();
				Awaitility.await().until(() -> events.size() == expected - 1);
				client.read(PLENTY);
				assertThat(events).hasSize(expected - 1);
				client.read(PLENTY);
				Awaitility.await().until(() -> events.size() == expected);
				assertThat(events.get(expected - 2)).isEqualTo("full 1 0");
				assertThat(events.get(expected - 1)).isEqualTo("empty 1 0");
				assertThat(server.server().stats().bufferFullCount()).isEqualTo(cycle);
			}
		}
	}

	/** BUF-06: with marks of one's own, and from inside a handler. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenHandlerFillsTheBufferThenItIsToldAfterwards(Setup setup) {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			events.add("begin");
			connection.send(new byte[PLENTY]);
			events.add("end");
		})
			.bufferFull((server, connection) -> events.add("full"))
			.bufferEmpty((server, connection) -> events
				.add("empty " + (connection.clientInfo().sendQueuedBytes() <= 2 * MEGABYTE)));
		try (TestServer server = start(setup, handler,
				(options) -> options
					.main((main) -> main.bufferHighWatermark(3 * MEGABYTE).bufferLowWatermark(2 * MEGABYTE)));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			Awaitility.await().until(() -> events.size() == 3);
			client.read(PLENTY - 2 * MEGABYTE);
			Awaitility.await().until(() -> events.size() == 4);
			assertThat(events).containsExactly("begin", "end", "full", "empty true");
			client.read(2 * MEGABYTE);
			assertThat(events).hasSize(4);
		}
	}

	/** BUF-06: a client that reads at once is never full. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenHighWatermarkIsNotReachedThenThereAreNoEvents(Setup setup) {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo()
			.bufferFull((server, connection) -> events.add("full"))
			.bufferEmpty((server, connection) -> events.add("empty"));
		try (TestServer server = start(setup, handler, (options) -> {
		}); TestClient client = server.connect()) {
			for (int i = 0; i < 100; i++) {
				client.send(new byte[10_000]).read(10_000);
			}
			assertThat(events).isEmpty();
			assertThat(server.server().stats().bufferFullCount()).isZero();
		}
	}

	/** BUF-06: nothing comes after the close event. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenFullConnectionIsClosedThenThereIsNoEmptyEvent(Setup setup) {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo()
			.bufferFull((server, connection) -> events.add("full"))
			.bufferEmpty((server, connection) -> events.add("empty"))
			.close((server, connection, reactorId) -> events.add("close"));
		try (TestServer server = start(setup, handler, (options) -> {
		}); TestClient client = connectSlowReader(server)) {
			server.server().send(1, new byte[PLENTY]);
			Awaitility.await().until(() -> events.size() == 1);
			server.server().close(1);
			assertThat(client.readAll().length).isEqualTo(PLENTY);
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(events).containsExactly("full", "close");
		}
	}

	/** BUF-08: a worker that is slow stops the reading of its connection. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenPacketsWaitForTheirWorkerThenConnectionIsNotRead(Setup setup) throws Exception {
		int limit = 10_000;
		int total = 20_000_000;
		CountDownLatch release = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			release.await(30, TimeUnit.SECONDS);
			handled.addAndGet(packet.readableBytes());
		});
		try (TestServer server = start(setup, handler, (options) -> options.maxQueuedBytes(limit));
				TestClient client = server.connect()) {
			Thread sender = new Thread(() -> client.send(new byte[total]));
			sender.start();
			if (setup == Setup.BASE) {
				// the event loop itself is held: nothing can be read
				Awaitility.await().until(() -> server.server().stats().totalRecvBytes() > 0);
			}
			else {
				Awaitility.await()
					.until(() -> server.server()
						.getClientInfo(1)
						.filter((info) -> info.receiveQueuedBytes() >= limit)
						.isPresent());
			}
			sender.join(200);
			assertThat(sender.isAlive()).isTrue();
			assertThat(server.server().stats().totalRecvBytes()).isLessThan(limit + 1_000_000L);
			release.countDown();
			sender.join();
			Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(handled).hasValue(total));
			Awaitility.await().until(() -> server.server().getClientInfo(1).orElseThrow().receiveQueuedBytes() == 0);
		}
	}

	/** BUF-08: without a limit of one's own 128 packets may wait. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenManySmallPacketsWaitThenTheyAreBoundedToo(Setup setup) throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		int total = 5000;
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			release.await(30, TimeUnit.SECONDS);
			handled.incrementAndGet();
		});
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = server.connect()) {
			client.send("p\n".repeat(total));
			Awaitility.await().until(() -> server.server().stats().dispatchCount() > 0);
			if (setup != Setup.BASE) {
				Awaitility.await().until(() -> server.server().stats().dispatchCount() >= 128);
			}
			assertThat(server.server().stats().dispatchCount()).isLessThanOrEqualTo(130);
			release.countDown();
			Awaitility.await().untilAsserted(() -> assertThat(handled).hasValue(total));
		}
	}

	/** BUF-10: what is not complete is kept per connection and never handed out. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenManyClientsSendByteByByteThenOnlyCompletePacketsArrive(Setup setup) {
		Map<Long, String> received = new ConcurrentHashMap<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> received.merge(connection.fd(),
				packet.toString(java.nio.charset.StandardCharsets.UTF_8), String::concat));
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.openEofSplit(true).packageEof(";")))) {
			List<TestClient> clients = new ArrayList<>();
			for (int i = 0; i < 100; i++) {
				clients.add(server.connect());
			}
			for (char next : "abc".toCharArray()) {
				clients.forEach((client) -> client.send(String.valueOf(next)));
			}
			Awaitility.await().until(() -> server.server().stats().totalRecvBytes() == 300);
			assertThat(received).isEmpty();
			clients.forEach((client) -> client.send(";"));
			Awaitility.await().until(() -> received.size() == 100);
			assertThat(received.values()).containsOnly("abc;");
			clients.forEach(TestClient::close);
		}
	}

}
