package io.swoole.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import io.swoole.server.worker.VirtualThreads;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reloads while 50 clients work in a closed loop: WORK-04, WORK-05, WORK-06, WORK-07,
 * WORK-08, LIFE-03. It takes a second each; with {@code -Dswoole.test.reload.seconds=20}
 * as long as one wants.
 */
class ReloadUnderLoadTests {

	private static final int CLIENTS = 50;

	private static final long SECONDS = Long.getLong("swoole.test.reload.seconds", 1);

	/** The time between two reloads. */
	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos((SECONDS > 5) ? 1000 : 50);

	private final Map<Integer, AtomicInteger> lives = new ConcurrentHashMap<>();

	private final AtomicInteger starts = new AtomicInteger();

	private final AtomicInteger stops = new AtomicInteger();

	private final AtomicInteger reloads = new AtomicInteger();

	private final AtomicLong answers = new AtomicLong();

	private final List<String> wrong = new CopyOnWriteArrayList<>();

	static List<Arguments> kinds() {
		List<Arguments> kinds = new ArrayList<>();
		for (boolean async : new boolean[] { true, false }) {
			for (ServerMode mode : ServerMode.values()) {
				kinds.add(kind(mode + (async ? "" : ", one after another"),
						(options) -> options.mode(mode).reloadAsync(async)));
			}
		}
		if (VirtualThreads.isSupported()) {
			kinds.add(kind("virtual threads", (options) -> options.enableCoroutine(true)));
		}
		return kinds;
	}

	private static Arguments kind(String name, Consumer<ServerOptions.Builder> kind) {
		return Arguments.argumentSet(name, kind);
	}

	@ParameterizedTest
	@MethodSource("kinds")
	void whenReloadedUnderLoadThenNothingIsLost(Consumer<ServerOptions.Builder> kind) throws Exception {
		TestHandler handler = new TestHandler().workerStart((server, workerId) -> {
			this.starts.incrementAndGet();
			if (lives(workerId).incrementAndGet() != 1) {
				this.wrong.add("worker " + workerId + " has started twice");
			}
		}).workerStop((server, workerId) -> {
			this.stops.incrementAndGet();
			if (lives(workerId).decrementAndGet() != 0) {
				this.wrong.add("worker " + workerId + " has stopped twice");
			}
		})
			.workerError((server, error) -> this.wrong.add(error.toString()))
			.afterReload((server) -> this.reloads.incrementAndGet())
			.receive((server, connection, packet) -> {
				// every other packet takes the way through a task
				if (packet.getByte(packet.readerIndex()) % 2 == 0) {
					connection.send(packet.retain());
				}
				else {
					byte[] bytes = new byte[packet.readableBytes()];
					packet.readBytes(bytes);
					server.task(new Job(connection.fd(), bytes));
				}
			})
			.task((server, task) -> task.data())
			.finish((server, result) -> server.send(((Job) result.data()).fd, ((Job) result.data()).bytes));
		AtomicBoolean stop = new AtomicBoolean();
		try (TestServer server = TestServer.start(handler,
				kind.andThen((options) -> options.workerNum(4)
					.taskWorkerNum(4)
					.main((main) -> main.openLengthCheck(true)
						.packageLengthType('n')
						.packageLengthOffset(1)
						.packageBodyOffset(3))))) {
			List<Thread> clients = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				Thread client = new Thread(() -> talk(server.port(), stop), "client-" + i);
				clients.add(client);
				client.start();
			}
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
			int expected = 0;
			while (System.nanoTime() < end) {
				int done = ++expected;
				assertThat(server.server().reload()).isTrue();
				Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> this.reloads.get() == done);
				long next = System.nanoTime() + PAUSE;
				long before = this.answers.get();
				Awaitility.await()
					.atMost(Duration.ofSeconds(20))
					.until(() -> System.nanoTime() > next && this.answers.get() > before + CLIENTS);
			}
			stop.set(true);
			for (Thread client : clients) {
				client.join();
			}
			assertThat(this.wrong).isEmpty();
			assertThat(this.answers.get()).isGreaterThan(CLIENTS);
			ServerStats stats = server.server().stats();
			assertThat(stats.acceptCount()).isEqualTo(CLIENTS);
			assertThat(stats.requestCount()).isEqualTo(this.answers.get());
			assertThat(this.starts).hasValue(8 * (expected + 1));
			assertThat(this.stops).hasValue(8 * expected);
		}
		assertThat(this.wrong).isEmpty();
		assertThat(handler.errors).isEmpty();
		assertThat(this.stops).hasValue(this.starts.get());
	}

	private AtomicInteger lives(int workerId) {
		return this.lives.computeIfAbsent(workerId, (id) -> new AtomicInteger());
	}

	/** Sends a packet, waits for its answer, and so on. */
	private void talk(int port, AtomicBoolean stop) {
		try (TestClient client = TestClient.connect(port)) {
			for (int i = 0; !stop.get(); i++) {
				byte[] packet = { (byte) (i & 1), 0, 4, (byte) (i >> 24), (byte) (i >> 16), (byte) (i >> 8), (byte) i };
				assertThat(client.send(packet).read(packet.length)).isEqualTo(packet);
				this.answers.incrementAndGet();
			}
			// no answer comes twice: the next bytes are those of the end
			client.shutdownOutput();
			assertThat(client.readAll()).isEmpty();
		}
		catch (Throwable ex) {
			this.wrong.add(Thread.currentThread().getName() + ": " + ex);
		}
	}

	private record Job(long fd, byte[] bytes) {

	}

}
