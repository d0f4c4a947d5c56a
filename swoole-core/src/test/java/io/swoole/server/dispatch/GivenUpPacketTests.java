package io.swoole.server.dispatch;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import io.netty.buffer.Unpooled;
import io.swoole.server.DispatchMode;
import io.swoole.server.Packet;
import io.swoole.server.ServerMode;
import io.swoole.server.SwooleServer;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.server.worker.WorkerThread;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of a callback that returns just when its thread is being given up: what it was
 * about ends, once (WORK-06, WORK-13, DISP-08).
 */
@Timeout(60)
class GivenUpPacketTests {

	private static final int SECONDS = 20;

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch comeBack = new CountDownLatch(1);

	private final AtomicReference<NettyConnection> connection = new AtomicReference<>();

	private final AtomicInteger closes = new AtomicInteger();

	private final TestHandler handler = new TestHandler()
		.connect((server, connection, reactorId) -> this.connection.set((NettyConnection) connection))
		.receive((server, connection, packet) -> hang())
		.packet((server, packet) -> hang())
		.close((server, connection, reactorId) -> this.closes.incrementAndGet());

	private final ReturningWorker worker = new ReturningWorker();

	@AfterEach
	void stop() throws Exception {
		this.comeBack.countDown();
		this.worker.stop();
		assertThat(this.worker.join(TimeUnit.SECONDS.toNanos(SECONDS))).isTrue();
	}

	/** The connection ends after the packet, and the worker counts as free. */
	@Test
	void whenPacketReturnsWhileItIsGivenUpThenItHasEndedOnce() throws Exception {
		try (TestServer server = start()) {
			ServerCounters counters = new ServerCounters(server.server(), 2);
			Dispatcher dispatcher = dispatcher(server.server(), counters);
			try (TestClient client = server.connect()) {
				Awaitility.await().until(() -> this.connection.get() != null);
				NettyConnection connection = this.connection.get();
				connection.reactor().loop().submit(() -> {
					connection.countPackets();
					dispatcher.packet(connection, Unpooled.copyInt(1));
				}).get(SECONDS, TimeUnit.SECONDS);
				giveUp();
				assertFree(dispatcher);
				assertThat(client.shutdownOutput().readAll()).isEmpty();
			}
			Awaitility.await()
				.atMost(Duration.ofSeconds(SECONDS))
				.until(() -> server.server().stats().connectionNum() == 0);
			assertThat(this.closes).hasValue(1);
		}
	}

	@Test
	void whenDatagramReturnsWhileItIsGivenUpThenItHasEndedOnce() throws Exception {
		try (TestServer server = start()) {
			ServerCounters counters = new ServerCounters(server.server(), 2);
			Dispatcher dispatcher = dispatcher(server.server(), counters);
			new DatagramDispatcher(dispatcher, callbacks(server.server(), counters).connections(), counters, 2).packet(
					this.worker, this.handler,
					new Packet(new byte[1], new InetSocketAddress("127.0.0.1", 9), "udp", 9, Instant.now()));
			giveUp();
			assertFree(dispatcher);
		}
	}

	private TestServer start() {
		return TestServer.start(this.handler, (options) -> options.mode(ServerMode.PROCESS).workerNum(1));
	}

	private Callbacks callbacks(SwooleServer server, ServerCounters counters) {
		return new Callbacks(server, this.handler, counters);
	}

	/** Knows two workers, the second of which has never anything to do. */
	private Dispatcher dispatcher(SwooleServer server, ServerCounters counters) {
		return new Dispatcher(server, TestServer.options().workerNum(2).dispatchMode(DispatchMode.LEAST_BUSY).build(),
				List.of(this.worker, this.worker), callbacks(server, counters).connections(), counters);
	}

	private void giveUp() throws InterruptedException {
		assertThat(this.entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		assertThat(this.worker.replace(this.worker.context().progress(), Event.of(() -> {
		}))).isTrue();
	}

	/** The load of the worker is 0, no more and no less. */
	private static void assertFree(Dispatcher dispatcher) {
		WorkerLoads loads = dispatcher.loads();
		assertThat(loads).isNotNull();
		loads.begin(1);
		assertThat(List.of(loads.least(), loads.least())).containsExactly(0, 0);
		loads.end(1);
		loads.begin(0);
		assertThat(List.of(loads.least(), loads.least())).containsExactly(1, 1);
	}

	private void hang() throws InterruptedException {
		this.entered.countDown();
		this.comeBack.await();
	}

	/** Lets its callback return after it has been given up, and before anybody else. */
	private final class ReturningWorker extends WorkerThread implements Worker {

		private volatile boolean stopped;

		ReturningWorker() {
			super(0, "returning-worker");
			startThread();
		}

		@Override
		protected WorkerContext newContext() {
			return new WorkerContext(GivenUpPacketTests.this, 0, this);
		}

		@Override
		protected void work(WorkerContext context) {
			while (!this.stopped && !context.isAbandoned()) {
				if (!runNext()) {
					LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
				}
			}
		}

		@Override
		protected void posted() {
			unpark();
		}

		@Override
		protected void abandoned() {
			GivenUpPacketTests.this.comeBack.countDown();
			try {
				assertThat(join(TimeUnit.SECONDS.toNanos(SECONDS))).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void stop() {
			this.stopped = true;
		}

	}

}
