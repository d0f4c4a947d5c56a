package io.swoole.server;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

import ch.qos.logback.classic.Level;
import io.swoole.server.worker.VirtualThreads;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of sends that wait for room on virtual threads: BUF-03, BUF-04, BUF-05.
 */
@Timeout(60)
class SendYieldTests {

	private static final int LIMIT = 100_000;

	private static final int PLENTY = 20_000_000;

	private static TestServer start(ServerMode mode, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> settings
			.accept(options.mode(mode).workerNum(1).sendYield(true).main((main) -> main.socketBufferSize(LIMIT))));
	}

	private static TestClient connectFull(TestServer server) {
		TestClient client = TestClient.connect(server.port(), 8192);
		client.send("x").read(1);
		assertThat(server.server().send(1, new byte[PLENTY])).isTrue();
		return client;
	}

	private static <T> CompletableFuture<T> onVirtualThread(Supplier<T> code) {
		CompletableFuture<T> result = new CompletableFuture<>();
		VirtualThreads.factory("sender").newThread(() -> {
			try {
				result.complete(code.get());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}).start();
		return result;
	}

	/** BUF-03: the send goes on when the client has read. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenThereIsNoRoomThenVirtualThreadWaitsForIt(ServerMode mode) throws Exception {
		try (TestServer server = start(mode, TestHandler.echo(), (options) -> {
		}); TestClient client = connectFull(server)) {
			CompletableFuture<Boolean> sent = onVirtualThread(() -> server.server().send(1, new byte[] { 7 }));
			client.read(PLENTY - 1000);
			byte[] rest = client.read(1001);
			assertThat(rest[1000]).isEqualTo((byte) 7);
			assertThat(sent.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	/** BUF-03: 200 MB through a small window, in order and whole. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenVirtualThreadSendsMuchThenEverythingArrivesInOrder(ServerMode mode) throws Exception {
		int pieces = 3000;
		try (TestServer server = start(mode, TestHandler.echo(), (options) -> {
		}); TestClient client = TestClient.connect(server.port(), 65536)) {
			client.send("x").read(1);
			CompletableFuture<Integer> sent = onVirtualThread(() -> {
				int accepted = 0;
				for (int i = 0; i < pieces; i++) {
					byte[] piece = new byte[65536];
					piece[0] = (byte) i;
					accepted += server.server().send(1, piece) ? 1 : 0;
				}
				return accepted;
			});
			for (int i = 0; i < pieces; i++) {
				assertThat(client.read(65536)[0]).isEqualTo((byte) i);
			}
			assertThat(sent.get(20, TimeUnit.SECONDS)).isEqualTo(pieces);
		}
	}

	/** BUF-04: at most so long. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenClientDoesNotReadThenWaitEndsAfterSendTimeout(ServerMode mode) throws Exception {
		try (TestServer running = start(mode, TestHandler.echo(),
				(options) -> options.sendTimeout(Duration.ofMillis(200))); TestClient client = connectFull(running)) {
			SwooleServer server = running.server();
			long begin = System.nanoTime();
			assertThat(onVirtualThread(() -> server.send(1, new byte[1]) ? SwooleError.NONE : server.getLastError())
				.get(20, TimeUnit.SECONDS)).isEqualTo(SwooleError.CO_TIMEDOUT);
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(190));
			assertThat(server.exists(1)).isTrue();
			assertThat(client.read(PLENTY)).hasSize(PLENTY);
		}
	}

	/** BUF-05: the end of the connection, from either side, ends the wait. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenConnectionEndsThenWaitEndsWithIt(ServerMode mode) throws Exception {
		for (boolean byServer : new boolean[] { true, false }) {
			try (TestServer running = start(mode, TestHandler.echo(), (options) -> {
			}); TestClient client = connectFull(running)) {
				SwooleServer server = running.server();
				BlockingQueue<SwooleError> errors = new LinkedBlockingQueue<>();
				CompletableFuture<Boolean> sent = onVirtualThread(() -> {
					boolean first = server.send(1, new byte[1]);
					errors.add(server.getLastError());
					return first;
				});
				assertThat(errors.poll(100, TimeUnit.MILLISECONDS)).isNull();
				if (byServer) {
					assertThat(server.close(1, true)).isTrue();
				}
				else {
					client.reset();
				}
				assertThat(sent.get(20, TimeUnit.SECONDS)).isFalse();
				assertThat(errors.poll()).isEqualTo(SwooleError.ECONNRESET);
				Awaitility.await().until(() -> server.stats().connectionNum() == 0);
				assertThat(server.send(1, new byte[1])).isFalse();
				assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			}
		}
	}

	/**
	 * BUF-05: the end of the client's side alone does not end the wait while it reads.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenClientHasEndedItsSideThenWaitLastsAsLongAsItReads(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			for (int i = 0; i < 300; i++) {
				assertThat(connection.send(new byte[65536])).isTrue();
			}
		});
		try (TestServer server = start(mode, handler, (options) -> options.enableCoroutine(true));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x").shutdownOutput();
			assertThat(client.readAll().length).isEqualTo(300 * 65536);
			assertThat(handler.errors).isEmpty();
		}
	}

	/** BUF-05: a client that neither sends nor reads any more is given up. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenClientHasEndedItsSideAndReadsNothingThenWaitEnds(ServerMode mode) {
		BlockingQueue<SwooleError> errors = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			while (connection.send(new byte[65536])) {
				Thread.onSpinWait();
			}
			errors.add(server.getLastError());
		});
		try (TestServer server = start(mode, handler,
				(options) -> options.enableCoroutine(true).socketSendTimeout(Duration.ofMillis(300)));
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x").shutdownOutput();
			Awaitility.await().until(() -> server.server().stats().closeCount() == 1);
			assertThat(errors).containsExactly(SwooleError.ECONNRESET);
			assertThat(client.readAll().length).isPositive();
		}
	}

	/** BUF-03: an interrupt ends the wait and stays visible. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenWaitingThreadIsInterruptedThenSendIsRefused(ServerMode mode) throws Exception {
		try (TestServer running = start(mode, TestHandler.echo(), (options) -> {
		}); TestClient client = connectFull(running)) {
			SwooleServer server = running.server();
			CompletableFuture<Thread> waiting = new CompletableFuture<>();
			CompletableFuture<Boolean> interrupted = onVirtualThread(() -> {
				waiting.complete(Thread.currentThread());
				assertThat(server.send(1, new byte[1])).isFalse();
				assertThat(server.getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
				return Thread.currentThread().isInterrupted();
			});
			waiting.get(20, TimeUnit.SECONDS).interrupt();
			assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
			client.read(1);
		}
	}

	/** BUF-03: many wait, and all go on. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenManyVirtualThreadsWaitThenAllGoOn(ServerMode mode) throws Exception {
		int threads = 50;
		try (TestServer server = start(mode, TestHandler.echo(), (options) -> {
		}); TestClient client = connectFull(server)) {
			AtomicInteger accepted = new AtomicInteger();
			for (int i = 0; i < threads; i++) {
				onVirtualThread(() -> server.server().send(1, new byte[LIMIT]) ? accepted.incrementAndGet() : -1);
			}
			assertThat(client.read(PLENTY + threads * LIMIT)).hasSize(PLENTY + threads * LIMIT);
			Awaitility.await().untilAsserted(() -> assertThat(accepted).hasValue(threads));
		}
	}

	/** BUF-03: callbacks on virtual threads wait by default and hold nobody. */
	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenHandlerOnVirtualThreadWaitsThenOthersGoOn() {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (connection.fd() == 1) {
				for (int i = 0; i < 300; i++) {
					assertThat(connection.send(new byte[65536])).isTrue();
				}
			}
			connection.send(packet.retain());
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.enableCoroutine(true).workerNum(1).main((main) -> main.socketBufferSize(LIMIT)));
				TestClient slow = TestClient.connect(server.port(), 8192);
				TestClient other = server.connect()) {
			slow.send("x");
			for (int i = 0; i < 20; i++) {
				assertThat(other.send("alive").readText(5)).isEqualTo("alive");
			}
			assertThat(slow.read(300 * 65536 + 1)).hasSize(300 * 65536 + 1);
			assertThat(handler.errors).isEmpty();
		}
	}

	/** BUF-02: neither event loops nor other platform threads wait. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThreadIsNoVirtualOneThenItNeverWaits(ServerMode mode) {
		BlockingQueue<SwooleError> errors = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(new byte[PLENTY]);
			connection.send(new byte[1]);
			errors.add(server.getLastError());
		});
		try (TestServer server = start(mode, handler, (options) -> {
		}); TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			Awaitility.await().until(() -> errors.size() == 1);
			assertThat(errors.poll()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			assertThat(server.server().send(1, new byte[1])).isFalse();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			client.read(PLENTY);
		}
	}

	/** BUF-03: a setting that can have no effect is said so. */
	@Test
	void whenDispatchModeCannotYieldThenWarns() {
		try (LogCapture log = LogCapture.of("io.swoole.server")) {
			ServerOptions options = ServerOptions.builder()
				.sendYield(true)
				.dispatchMode(DispatchMode.ROUND_ROBIN)
				.build();
			assertThat(options.sendYield()).isFalse();
			assertThat(log.messages(Level.WARN)).singleElement().asString().contains("send-yield", "dispatch mode 1");
			assertThat(ServerOptions.builder().build().sendYield()).isFalse();
		}
	}

	/** BUF-03: the default follows enable-coroutine. */
	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenCoroutinesAreEnabledThenSendYieldIsToo() {
		assertThat(ServerOptions.builder().enableCoroutine(true).build().sendYield()).isTrue();
		assertThat(ServerOptions.builder().enableCoroutine(true).sendYield(false).build().sendYield()).isFalse();
		assertThat(ServerOptions.builder()
			.enableCoroutine(true)
			.dispatchMode(DispatchMode.ROUND_ROBIN)
			.build()
			.sendYield()).isFalse();
	}

}
