package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
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
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of sending. Files are in {@link SendFileTests}.
 */
@Timeout(60)
class SendingTests {

	private static final String SETUPS = "io.swoole.testing.Setup#available";

	private static TestServer start(Setup setup, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			setup.accept(options);
			settings.accept(options.workerNum(2).taskWorkerNum(1));
		});
	}

	private static TestServer start(Setup setup, TestHandler handler) {
		return start(setup, handler, (options) -> {
		});
	}

	private static void awaitConnected(TestServer server, long fd) {
		Awaitility.await().until(() -> server.server().exists(fd));
	}

	/** SEND-01, SEND-02: whole calls, in the order of each sender. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenManyThreadsSendThenCallsAreWholeAndEachThreadKeepsItsOrder(Setup setup) throws Exception {
		int threads = 4;
		int calls = 300;
		try (TestServer server = start(setup, new TestHandler(),
				(options) -> options.main((main) -> main.socketBufferSize(0))); TestClient client = server.connect()) {
			awaitConnected(server, 1);
			List<Thread> senders = new ArrayList<>();
			int[] lengths = { 1, 100, 3000, 70_000 };
			for (int t = 0; t < threads; t++) {
				int sender = t;
				senders.add(new Thread(() -> {
					for (int call = 0; call < calls; call++) {
						int length = lengths[(call + sender) % lengths.length];
						ByteBuf data = Unpooled.buffer().writeByte(sender).writeInt(call).writeInt(length);
						data.writeBytes(bytes(length, sender));
						assertThat((call % 2 == 0) ? server.server().send(1, data)
								: server.server().send(1, toArray(data)))
							.isTrue();
					}
				}));
			}
			senders.forEach(Thread::start);
			int[] next = new int[threads];
			for (int i = 0; i < threads * calls; i++) {
				ByteBuf header = Unpooled.wrappedBuffer(client.read(9));
				int sender = header.readByte();
				assertThat(header.readInt()).isEqualTo(next[sender]++);
				int length = header.readInt();
				assertThat(Arrays.equals(client.read(length), bytes(length, sender))).isTrue();
			}
			for (Thread sender : senders) {
				sender.join();
			}
		}
	}

	private static byte[] toArray(ByteBuf data) {
		byte[] bytes = new byte[data.readableBytes()];
		data.readBytes(bytes).release();
		return bytes;
	}

	private static byte[] bytes(int length, int value) {
		byte[] bytes = new byte[length];
		Arrays.fill(bytes, (byte) value);
		return bytes;
	}

	/** SEND-02: from every kind of thread. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenSentFromAnyKindOfThreadThenArrives(Setup setup) throws Exception {
		TestHandler handler = new TestHandler()
			.connect((server, connection, reactorId) -> server.send(connection.fd(), "connect;"))
			.receive((server, connection, packet) -> {
				server.send(connection.fd(), "receive;");
				server.task(connection.fd());
			})
			.task((server, task) -> {
				server.send((Long) task.data(), "task;");
				return task.data();
			})
			.finish((server, result) -> server.send((Long) result.data(), "finish;"))
			.beforeShutdown((server) -> server.send(1, "beforeShutdown;"));
		TestServer server = start(setup, handler);
		try (TestClient client = server.connect()) {
			assertThat(client.readUntil("connect;")).isEqualTo("connect;");
			client.send("x");
			assertThat(client.readUntil("finish;")).isEqualTo("receive;task;finish;");
			CompletableFuture.runAsync(() -> server.server().send(1, "pool;")).get(20, TimeUnit.SECONDS);
			assertThat(client.readUntil("pool;")).isEqualTo("pool;");
			server.server().shutdown();
			assertThat(client.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("beforeShutdown;");
		}
		finally {
			server.close();
		}
	}

	/** SEND-01: the callbacks of one turn are answered in order. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenManyPacketsAreAnsweredThenAnswersKeepTheirOrder(Setup setup) {
		StringBuilder expected = new StringBuilder();
		for (int i = 0; i < 2000; i++) {
			expected.append(i).append(';');
		}
		try (TestServer server = start(setup, TestHandler.echo(),
				(options) -> options.main((main) -> main.openEofSplit(true).packageEof(";")));
				TestClient client = server.connect()) {
			client.send(expected.toString());
			assertThat(client.readText(expected.length())).isEqualTo(expected.toString());
		}
	}

	/** SEND-03: there must be something to send, whoever it is for. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenDataIsEmptyThenIsRefused(ServerMode mode) {
		try (TestServer running = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode));
				TestClient client = running.connect()) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			for (long fd : new long[] { 1, 4711 }) {
				for (boolean sent : new boolean[] { server.send(fd, new byte[0]), server.send(fd, ""),
						server.send(fd, Unpooled.buffer()), server.sendWait(fd, new byte[0]) }) {
					assertThat(sent).isFalse();
					assertThat(server.getLastError()).isEqualTo(SwooleError.NO_PAYLOAD);
				}
			}
			assertThat(server.send(1, "y")).isTrue();
			assertThat(client.readText(1)).isEqualTo("y");
		}
	}

	/** SEND-06: after the client has gone, and before its close event. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientHasResetThenSendIsRefused(ServerMode mode) throws Exception {
		BlockingQueue<SwooleError> errors = new LinkedBlockingQueue<>();
		CountDownLatch reset = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection.fd()))
			.task((server, task) -> {
				reset.await(20, TimeUnit.SECONDS);
				while (server.send((Long) task.data(), "x")) {
					LockSupport.parkNanos(100_000);
				}
				errors.add(server.getLastError());
				return null;
			});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			TestClient client = server.connect();
			client.send("x");
			Awaitility.await().until(() -> server.server().stats().taskCount() == 1);
			client.reset();
			reset.countDown();
			assertThat(errors.poll(20, TimeUnit.SECONDS)).isIn(SwooleError.SESSION_CLOSED,
					SwooleError.SESSION_NOT_EXIST);
		}
	}

	/** SEND-07. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenDataExceedOutputBufferSizeThenOnlyThatSendIsRefused(ServerMode mode) {
		try (TestServer running = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode).outputBufferSize(1000)); TestClient client = running.connect()) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			for (boolean sent : new boolean[] { server.send(1, new byte[1001]), server.send(1, "x".repeat(1001)),
					server.send(1, Unpooled.wrappedBuffer(new byte[1001])), server.sendWait(1, new byte[1001]),
					server.send(1, "\u00fc".repeat(501)) }) {
				assertThat(sent).isFalse();
				assertThat(server.getLastError()).isEqualTo(SwooleError.DATA_LENGTH_TOO_LARGE);
			}
			assertThat(server.send(1, new byte[1000])).isTrue();
			assertThat(client.read(1000)).hasSize(1000);
		}
	}

	/** SEND-09: large data from every worker, unchanged. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenDataAreLargeThenArriveUnchanged(Setup setup) {
		byte[] data = new byte[20 * 1024 * 1024 + 7];
		new Random(1).nextBytes(data);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			switch (packet.toString(StandardCharsets.UTF_8)) {
				case "array" -> server.send(connection.fd(), data);
				case "buffer" ->
					server.send(connection.fd(), PooledByteBufAllocator.DEFAULT.buffer(data.length).writeBytes(data));
				default -> server.task(connection.fd());
			}
		}).task((server, task) -> server.send((Long) task.data(), data));
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			for (String way : new String[] { "array", "buffer", "task" }) {
				assertThat(Arrays.equals(client.send(way).read(data.length), data)).as(way).isTrue();
			}
		}
	}

	/** Text is sent as UTF-8, whatever its length and the thread. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenTextIsSentThenArrivesAsUtf8(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> connection
			.send(new StringBuilder("\u00fc\u20ac\ud83d\ude00".repeat(packet.readByte()))));
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			for (int count : new int[] { 1, 100, 127 }) {
				assertThat(client.send(new byte[] { (byte) count }).readText(9 * count))
					.isEqualTo("\u00fc\u20ac\ud83d\ude00".repeat(count));
			}
			String large = "\u20ac".repeat(50_000);
			assertThat(server.server().send(1, large)).isTrue();
			assertThat(client.readText(150_000)).isEqualTo(large);
		}
	}

	/**
	 * Pieces of all lengths, alone and many at once, fill the buffer to its last byte.
	 */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenTextsOfAllLengthsAreSentThenEachArrives(Setup setup) {
		int most = 2100;
		String texts = "a\u00fc".repeat(most);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			int from = packet.readShort();
			for (int length = from; length < from + 100; length++) {
				assertThat(connection.send(texts.substring(0, length))).isTrue();
			}
		});
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			for (int from = 1; from < most; from += 100) {
				StringBuilder expected = new StringBuilder();
				for (int length = from; length < from + 100; length++) {
					expected.append(texts, 0, length);
				}
				client.send(new byte[] { (byte) (from >> 8), (byte) from });
				assertThat(client.readText(expected.toString().getBytes(StandardCharsets.UTF_8).length))
					.isEqualTo(expected.toString());
			}
			Awaitility.await().until(() -> server.server().getClientInfo(1).orElseThrow().sendQueuedBytes() == 0);
		}
	}

	/** Plain text of a length that is gathered, but not three times as much. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenLongAsciiTextIsSentThenArrives(Setup setup) {
		TestHandler handler = new TestHandler()
			.receive((server, connection, packet) -> connection.send("x".repeat(packet.readShort())));
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			for (int length : new int[] { 1365, 1366, 2048, 2049 }) {
				client.send(new byte[] { (byte) (length >> 8), (byte) length });
				assertThat(client.readText(length)).isEqualTo("x".repeat(length));
			}
		}
	}

	/** The array belongs to the caller again as soon as send has returned. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenArrayIsChangedAfterSendThenOldBytesArrive(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			byte[] data = bytes(100_000, 1);
			connection.send(data);
			Arrays.fill(data, (byte) 2);
		});
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			assertThat(Arrays.equals(client.send("x").read(100_000), bytes(100_000, 1))).isTrue();
			byte[] data = bytes(100_000, 1);
			server.server().send(1, data);
			Arrays.fill(data, (byte) 2);
			assertThat(Arrays.equals(client.read(100_000), bytes(100_000, 1))).isTrue();
		}
	}

	/** A buffer belongs to the server, also when it refuses it. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenBufferIsSentThenServerReleasesIt(ServerMode mode) {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			client.send("x").read(1);
			ByteBuf refused = PooledByteBufAllocator.DEFAULT.buffer().writeByte(1);
			assertThat(server.server().send(4711, refused)).isFalse();
			assertThat(refused.refCnt()).isZero();
			ByteBuf empty = PooledByteBufAllocator.DEFAULT.buffer();
			assertThat(server.server().send(1, empty)).isFalse();
			assertThat(empty.refCnt()).isZero();
			ByteBuf large = PooledByteBufAllocator.DEFAULT.buffer(200_000).writeZero(200_000);
			assertThat(server.server().send(1, large)).isTrue();
			client.read(200_000);
			Awaitility.await().until(() -> large.refCnt() == 0);
		}
	}

	/** SEND-10: the reason belongs to the calling thread, success resets it. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenAnotherThreadIsRefusedThenOwnErrorStays(ServerMode mode) throws Exception {
		try (TestServer running = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode));
				TestClient client = running.connect()) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			assertThat(server.send(4711, "x")).isFalse();
			assertThat(CompletableFuture.supplyAsync(() -> {
				server.send(1, "");
				return server.getLastError();
			}).get(20, TimeUnit.SECONDS)).isEqualTo(SwooleError.NO_PAYLOAD);
			assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			assertThat(server.send(1, "x")).isTrue();
			assertThat(server.getLastError()).isEqualTo(SwooleError.NONE);
		}
	}

	/** SEND-14: returns when it is written. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenSendWaitIsUsedInTaskThenReturnsWhenWritten(Setup setup) {
		BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection.fd()))
			.task((server, task) -> {
				long fd = (Long) task.data();
				seen.add(server.sendWait(fd, new byte[3_000_000]));
				seen.add(server.getClientInfo(fd).orElseThrow().sendQueuedBytes());
				return null;
			});
		try (TestServer server = start(setup, handler); TestClient client = TestClient.connect(server.port(), 8192)) {
			assertThat(client.send("x").read(3_000_000)).hasSize(3_000_000);
			Awaitility.await().until(() -> seen.size() == 2);
			assertThat(seen).containsExactly(true, 0L);
		}
	}

	/** SEND-14: waits in every callback that is not on an event loop. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenSendWaitIsUsedInCallbackThenOnlyEventLoopsRefuse(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			try {
				connection.send("sent " + server.sendWait(connection.fd(), new byte[] { '.' }) + ";");
			}
			catch (IllegalStateException ex) {
				connection.send("refused;");
			}
		});
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			assertThat(client.send("x").readUntil(";")).isEqualTo((setup == Setup.BASE) ? "refused;" : ".sent true;");
		}
	}

	/** SEND-14: the event loop of another connection is one too. */
	@ParameterizedTest
	@EnumSource(names = "BASE")
	void whenSendWaitIsUsedOnAnyEventLoopThenThrows(ServerMode mode) {
		BlockingQueue<String> messages = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			for (long fd : new long[] { 1, 2, 4711 }) {
				assertThatIllegalStateException().isThrownBy(() -> server.sendWait(fd, new byte[1]))
					.satisfies((ex) -> messages.add(ex.getMessage()));
			}
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(2));
				TestClient one = server.connect();
				TestClient two = server.connect()) {
			one.send("x");
			Awaitility.await().until(() -> messages.size() == 3);
			assertThat(messages).allSatisfy((message) -> assertThat(message).contains("event loop", "send()"));
			assertThat(two.socket().isConnected()).isTrue();
		}
	}

	/** SEND-16: a wait has an end. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientReadsNothingThenSendWaitGivesUp(Setup setup) {
		try (TestServer running = start(setup, TestHandler.echo(),
				(options) -> options.socketSendTimeout(Duration.ofMillis(300)));
				TestClient client = TestClient.connect(running.port(), 8192)) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			long begin = System.nanoTime();
			assertThat(server.sendWait(1, new byte[30_000_000])).isFalse();
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(290));
			assertThat(server.getLastError()).isEqualTo(SwooleError.SOCKET_POLL_TIMEOUT);
			// there is no room either
			assertThat(server.sendWait(1, new byte[1])).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.SOCKET_POLL_TIMEOUT);
			assertThat(server.exists(1)).isTrue();
		}
	}

	/** SEND-14: a wait ends with the connection. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenConnectionEndsThenSendWaitReturns(Setup setup) throws Exception {
		try (TestServer running = start(setup, TestHandler.echo());
				TestClient client = TestClient.connect(running.port(), 8192)) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			CompletableFuture<SwooleError> written = CompletableFuture.supplyAsync(() -> {
				assertThat(server.sendWait(1, new byte[30_000_000])).isFalse();
				return server.getLastError();
			});
			Awaitility.await().until(() -> server.getClientInfo(1).orElseThrow().sendQueuedBytes() > 20_000_000);
			CompletableFuture<SwooleError> waiting = CompletableFuture.supplyAsync(() -> {
				assertThat(server.sendWait(1, new byte[1])).isFalse();
				return server.getLastError();
			});
			client.reset();
			assertThat(written.get(20, TimeUnit.SECONDS)).isEqualTo(SwooleError.ECONNRESET);
			assertThat(waiting.get(20, TimeUnit.SECONDS)).isIn(SwooleError.ECONNRESET, SwooleError.SESSION_CLOSED,
					SwooleError.SESSION_NOT_EXIST);
		}
	}

	/** SEND-14: a thread that waits for room goes on when there is some. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenThereIsNoRoomThenSendWaitWaitsForIt(Setup setup) throws Exception {
		try (TestServer running = start(setup, TestHandler.echo(),
				(options) -> options.main((main) -> main.socketBufferSize(100_000)));
				TestClient client = TestClient.connect(running.port(), 8192)) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			assertThat(server.send(1, new byte[10_000_000])).isTrue();
			assertThat(server.send(1, new byte[1])).isFalse();
			CompletableFuture<Boolean> waiting = CompletableFuture
				.supplyAsync(() -> server.sendWait(1, new byte[] { 7 }));
			byte[] all = client.read(10_000_001);
			assertThat(all[10_000_000]).isEqualTo((byte) 7);
			assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	/** Whatever ends the connection while others send, every buffer is released. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientResetsWhileManySendThenNothingIsLeft(Setup setup) throws Exception {
		AtomicInteger closes = new AtomicInteger();
		TestHandler handler = TestHandler.echo().close((server, connection, reactorId) -> closes.incrementAndGet());
		try (TestServer server = start(setup, handler)) {
			for (int round = 1; round <= 10; round++) {
				TestClient client = server.connect();
				client.send("x").read(1);
				long fd = round;
				List<Thread> senders = new ArrayList<>();
				for (int t = 0; t < 3; t++) {
					senders.add(new Thread(() -> {
						boolean sent = true;
						while (sent || server.server().getLastError() == SwooleError.OUTPUT_BUFFER_OVERFLOW) {
							sent = server.server().send(fd, PooledByteBufAllocator.DEFAULT.buffer().writeZero(5000))
									&& server.server().send(fd, new byte[10])
									&& server.server().send(fd, new byte[100_000]);
						}
					}));
				}
				senders.forEach(Thread::start);
				client.read(1_000_000);
				client.reset();
				for (Thread sender : senders) {
					sender.join();
				}
			}
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(closes).hasValue(10);
		}
	}

	/** Sends that race with the stop of the server neither fail nor leak. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenServerStopsWhileOthersSendThenNothingIsLeft(Setup setup) throws Exception {
		for (int round = 0; round < 5; round++) {
			List<Connection> connections = new ArrayList<>();
			TestHandler handler = TestHandler.echo().connect((server, connection, reactorId) -> {
				synchronized (connections) {
					connections.add(connection);
				}
			});
			TestServer server = start(setup, handler, (options) -> options.maxWaitTime(Duration.ofMillis(100)));
			BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
			try (TestClient client = server.connect()) {
				client.send("x").read(1);
				Thread sender = new Thread(() -> {
					try {
						while (connections.get(0).send(PooledByteBufAllocator.DEFAULT.buffer().writeZero(100))
								|| server.server().getLastError() == SwooleError.OUTPUT_BUFFER_OVERFLOW) {
							Thread.onSpinWait();
						}
					}
					catch (Throwable ex) {
						failures.add(ex);
					}
				});
				sender.start();
				server.close();
				sender.join();
			}
			assertThat(failures).isEmpty();
		}
	}

}
