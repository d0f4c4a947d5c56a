package io.swoole.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.testing.Setup;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of what the application leaves with a worker that does not come to it: it is
 * bounded (TIMER-06).
 */
class DeferredWorkTests {

	private static final String SETUPS = "io.swoole.testing.Setup#available";

	private static final int LIMIT = 65_536;

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final AtomicInteger ran = new AtomicInteger();

	private final LinkedBlockingQueue<Executor> executors = new LinkedBlockingQueue<>();

	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenWorkerDoesNotComeToItThenDeferredWorkOfOthersIsRefused(Setup setup) throws Exception {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> {
			setup.accept(options);
			options.workerNum(2);
		})) {
			SwooleServer swoole = server.server();
			swoole.defer(this::block);
			assertThat(this.entered.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(fill((code) -> swoole.defer(code))).isEqualTo(LIMIT);
			assertRefused(() -> swoole.getWorkerExecutor("later").execute(this.ran::incrementAndGet));
			assertRefused(() -> swoole.after(Duration.ofMillis(1), this.ran::incrementAndGet));
			assertRefused(() -> swoole.tick(Duration.ofMillis(1), this.ran::incrementAndGet));
			assertThat(swoole.clearTimer(1)).isFalse();
			assertThat(swoole.clearTimer(2)).isFalse();
			this.goOn.countDown();
			Awaitility.await().until(() -> this.ran.get() == LIMIT);
			swoole.after(Duration.ofMillis(1), this.ran::incrementAndGet);
			swoole.getWorkerExecutor("later").execute(this.ran::incrementAndGet);
			Awaitility.await().until(() -> this.ran.get() == LIMIT + 2);
		}
		finally {
			this.goOn.countDown();
		}
	}

	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenCallbackDoesNotReturnThenItsExecutorRefusesMore(Setup setup) throws Exception {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			this.executors.add(server.getWorkerExecutor("receive"));
			block();
		});
		try (TestServer server = TestServer.start(handler, setup); TestClient client = server.connect()) {
			client.send("x");
			assertBounded();
		}
		finally {
			this.goOn.countDown();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTaskDoesNotReturnThenTheExecutorOfItsWorkerRefusesMore(ServerMode mode) throws Exception {
		TestHandler handler = new TestHandler().task((server, task) -> {
			this.executors.add(server.getWorkerExecutor("task"));
			block();
			return null;
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).taskWorkerNum(1))) {
			server.server().task("x");
			assertBounded();
		}
		finally {
			this.goOn.countDown();
		}
	}

	/** As long as it runs nothing can become less: it would wait in vain. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenCallbackItselfDefersThenItMayLeaveMuchMore(Setup setup) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			for (int i = 0; i < 2 * LIMIT; i++) {
				server.defer(this.ran::incrementAndGet);
			}
		});
		try (TestServer server = TestServer.start(handler, setup); TestClient client = server.connect()) {
			client.send("x");
			Awaitility.await().until(() -> this.ran.get() == 2 * LIMIT);
			assertThat(handler.errors).isEmpty();
		}
	}

	private void assertBounded() throws InterruptedException {
		Executor executor = this.executors.poll(20, TimeUnit.SECONDS);
		assertThat(this.entered.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(fill(executor)).isEqualTo(LIMIT);
		this.goOn.countDown();
		Awaitility.await().until(() -> this.ran.get() == LIMIT);
		executor.execute(this.ran::incrementAndGet);
		Awaitility.await().until(() -> this.ran.get() == LIMIT + 1);
	}

	/** How many pieces of work are taken before one is refused. */
	private int fill(Executor executor) {
		for (int count = 0; count < 2 * LIMIT; count++) {
			try {
				executor.execute(this.ran::incrementAndGet);
			}
			catch (RejectedExecutionException ex) {
				return count;
			}
		}
		return 2 * LIMIT;
	}

	private static void assertRefused(Runnable code) {
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(code::run)
			.withMessage("Worker 0 does not come to its work: 65536 pieces wait for it already");
	}

	private void block() {
		this.entered.countDown();
		try {
			this.goOn.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
