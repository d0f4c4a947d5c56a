package io.swoole.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of timers in running servers: TIMER-01, TIMER-02, TIMER-04, TIMER-05, TIMER-06,
 * LIFE-09.
 */
class TimerTests {

	private static final int SECONDS = 20;

	private static final Duration SHORT = Duration.ofMillis(5);

	private static final Duration LONG = Duration.ofHours(1);

	private final List<String> events = new CopyOnWriteArrayList<>();

	static List<Consumer<ServerOptions.Builder>> kinds() {
		List<Consumer<ServerOptions.Builder>> kinds = new ArrayList<>();
		kinds.add((options) -> options.mode(ServerMode.BASE));
		kinds.add((options) -> options.mode(ServerMode.PROCESS));
		if (VirtualThreads.isSupported()) {
			kinds.add((options) -> options.enableCoroutine(true));
		}
		return kinds;
	}

	private static Consumer<ServerOptions.Builder> with(Consumer<ServerOptions.Builder> kind,
			Consumer<ServerOptions.Builder> more) {
		return kind.andThen(more);
	}

	/** TIMER-01, TIMER-04: event workers and task workers. */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenTimersAreStartedInWorkersThenTheyRunThere(Consumer<ServerOptions.Builder> kind) throws Exception {
		CountDownLatch ticks = new CountDownLatch(3 * 4);
		CountDownLatch once = new CountDownLatch(4);
		List<Long> ids = new CopyOnWriteArrayList<>();
		List<String> strangers = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
			AtomicInteger runs = new AtomicInteger();
			ids.add(server.tick(SHORT, () -> {
				if (server.getWorkerId() != workerId || server.isTaskWorker() != workerId >= 2) {
					strangers.add(workerId + " in " + Thread.currentThread());
				}
				if (runs.incrementAndGet() <= 3) {
					ticks.countDown();
				}
			}));
			ids.add(server.after(SHORT, () -> {
				if (server.getWorkerId() != workerId) {
					strangers.add(workerId + " in " + Thread.currentThread());
				}
				once.countDown();
			}));
		});
		try (TestServer server = TestServer.start(handler,
				with(kind, (options) -> options.workerNum(2).taskWorkerNum(2)))) {
			assertThat(ticks.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(once.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(ids).hasSize(8).doesNotHaveDuplicates().allMatch((id) -> id > 0);
			assertThat(strangers).isEmpty();
			assertThat(once.getCount()).isZero();
			for (long id : ids) {
				server.server().clearTimer(id);
			}
		}
	}

	/** From a thread that is no worker. */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenForeignThreadStartsTimersThenWorkerZeroRunsThem(Consumer<ServerOptions.Builder> kind) {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				with(kind, (options) -> options.workerNum(2).taskWorkerNum(1)))) {
			AtomicInteger ran = new AtomicInteger();
			AtomicInteger where = new AtomicInteger(-1);
			long id = server.server().tick(SHORT, () -> {
				where.set(server.server().getWorkerId());
				ran.incrementAndGet();
			});
			Awaitility.await().until(() -> ran.get() >= 3);
			assertThat(where).hasValue(0);
			assertThat(server.server().clearTimer(id)).isTrue();
			assertThat(server.server().clearTimer(id)).isFalse();
			server.server().defer(() -> this.events.add("defer " + server.server().getWorkerId()));
			Awaitility.await().untilAsserted(() -> assertThat(this.events).containsExactly("defer 0"));
		}
	}

	/** TIMER-02. */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenTimerClearsItselfThenItEnds(Consumer<ServerOptions.Builder> kind) {
		AtomicLong id = new AtomicLong();
		AtomicInteger ran = new AtomicInteger();
		AtomicBoolean cleared = new AtomicBoolean();
		AtomicInteger control = new AtomicInteger();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
			id.set(server.tick(SHORT, () -> {
				if (ran.incrementAndGet() == 2) {
					cleared.set(server.clearTimer(id.get()));
				}
			}));
			server.tick(SHORT, control::incrementAndGet);
		});
		try (TestServer server = TestServer.start(handler, with(kind, (options) -> options.workerNum(1)))) {
			Awaitility.await().until(() -> control.get() >= 10);
			assertThat(ran).hasValue(2);
			assertThat(cleared).isTrue();
			assertThat(server.server().clearTimer(id.get())).isFalse();
			assertThat(server.server().clearTimer(4711)).isFalse();
		}
	}

	/** TIMER-02: before the worker has even seen it. */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenTimersOfOthersAreClearedThenTheyDoNotRun(Consumer<ServerOptions.Builder> kind) {
		try (TestServer server = TestServer.start(TestHandler.echo(), with(kind, (options) -> options.workerNum(1)))) {
			AtomicInteger ran = new AtomicInteger();
			for (int i = 0; i < 200; i++) {
				long id = server.server().after(Duration.ofMillis(1 + i % 3), ran::incrementAndGet);
				if (server.server().clearTimer(id)) {
					ran.incrementAndGet();
				}
			}
			Awaitility.await().until(() -> ran.get() == 200);
			AtomicBoolean later = new AtomicBoolean();
			server.server().after(Duration.ofMillis(20), () -> later.set(true));
			Awaitility.await().untilTrue(later);
			assertThat(ran).hasValue(200);
		}
	}

	/** ERR-02: what a timer throws is logged and reported, and it goes on. */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenTimerThrowsThenItGoesOn(Consumer<ServerOptions.Builder> kind) {
		TestHandler handler = TestHandler.echo();
		try (TestServer server = TestServer.start(handler, with(kind, (options) -> options.workerNum(1)))) {
			server.server().tick(SHORT, () -> {
				throw new IllegalStateException("tick");
			});
			server.server().defer(() -> {
				throw new StackOverflowError("defer");
			});
			Awaitility.await().until(() -> handler.errors.size() >= 4);
			assertThat(handler.errors).extracting(HandlerError::event).contains("timer", "defer");
			assertThat(handler.errors).extracting(HandlerError::workerId).containsOnly(0);
		}
	}

	/** TIMER-01, TASK-44: a busy task worker comes to its timers between two tasks. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTaskWorkerIsBusyThenTimersRunBetweenTasks(ServerMode mode) {
		AtomicInteger running = new AtomicInteger();
		AtomicBoolean inside = new AtomicBoolean();
		AtomicInteger ticks = new AtomicInteger();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
			if (server.isTaskWorker()) {
				server.tick(Duration.ofMillis(1), () -> {
					inside.set(inside.get() || running.get() > 0);
					ticks.incrementAndGet();
				});
			}
		}).task((server, task) -> {
			running.incrementAndGet();
			TimeUnit.MILLISECONDS.sleep(2);
			running.decrementAndGet();
			return null;
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			for (int i = 0; i < 50; i++) {
				server.server().task(i);
			}
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(ticks.get()).isGreaterThan(10);
			assertThat(inside).isFalse();
		}
	}

	/** TIMER-06: after the callback that defers, and before nothing else of it. */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenWorkIsDeferredThenItRunsAfterTheCallback(Consumer<ServerOptions.Builder> kind) {
		TestHandler handler = new TestHandler().workerStart((server, workerId) -> {
			server.defer(() -> this.events.add("deferred " + server.getWorkerId()));
			this.events.add("started " + workerId);
		}).receive((server, connection, packet) -> {
			server.defer(() -> connection.send("deferred in " + server.getWorkerId()));
			connection.send("received, ");
		});
		try (TestServer server = TestServer.start(handler,
				with(kind, (options) -> options.workerNum(1).taskWorkerNum(1))); TestClient client = server.connect()) {
			assertThat(client.send("x").readText(23)).isEqualTo("received, deferred in 0");
			Awaitility.await().until(() -> this.events.size() == 4);
			for (int id = 0; id < 2; id++) {
				assertThat(this.events).containsSubsequence("started " + id, "deferred " + id);
			}
		}
	}

	/** TIMER-01. */
	@Test
	void whenTimeIsTooShortThenRefused() {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.workerNum(1))) {
			for (Duration duration : List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofMillis(-1))) {
				assertThatIllegalArgumentException().isThrownBy(() -> server.server().tick(duration, () -> {
				})).withMessageContaining("1 ms");
				assertThatIllegalArgumentException().isThrownBy(() -> server.server().after(duration, () -> {
				}));
			}
			assertThat(server.server().after(Duration.ofSeconds(Long.MAX_VALUE), () -> {
			})).isPositive();
		}
		SwooleServer stopped = SwooleServers.create(TestServer.options().build(), TestHandler.echo());
		assertThatIllegalStateException().isThrownBy(() -> stopped.tick(SHORT, () -> {
		}));
		assertThatIllegalStateException().isThrownBy(() -> stopped.defer(() -> {
		}));
		assertThat(stopped.clearTimer(1)).isFalse();
	}

	/**
	 * TIMER-05, LIFE-09: a restart ends the timers, after one-shots that are due soon.
	 */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenReloadedThenTimersEnd(Consumer<ServerOptions.Builder> kind) {
		AtomicInteger old = new AtomicInteger();
		AtomicInteger life = new AtomicInteger();
		AtomicInteger control = new AtomicInteger();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
			int mine = life.incrementAndGet();
			server.tick(SHORT, () -> {
				if (mine == 1) {
					old.incrementAndGet();
				}
				else {
					control.incrementAndGet();
				}
			});
			this.events.add("start");
		}).workerStop((server, workerId) -> {
			try {
				server.tick(SHORT, () -> {
				});
			}
			catch (IllegalStateException ex) {
				this.events.add("refused");
			}
			this.events.add("stop");
		}).afterReload((server) -> this.events.add("afterReload"));
		try (TestServer server = TestServer.start(handler, with(kind, (options) -> options.workerNum(1)))) {
			server.server().after(Duration.ofMillis(50), () -> this.events.add("once"));
			Awaitility.await().until(() -> old.get() > 0);
			server.server().reload();
			Awaitility.await().until(() -> this.events.contains("afterReload"));
			assertThat(this.events).containsExactly("start", "once", "refused", "stop", "start", "afterReload");
			int seen = old.get();
			Awaitility.await().until(() -> control.get() > 5);
			assertThat(old).hasValue(seen);
		}
	}

	/** LIFE-09: once, in the worker, only with timers; clearing ends the wait. */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenTimersAreLeftThenExitIsCalledOnceAndClearingThemEndsTheWait(Consumer<ServerOptions.Builder> kind) {
		long[] ids = new long[4];
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
			if (workerId != 1) {
				ids[workerId] = server.tick(LONG, () -> {
				});
			}
			this.events.add("start " + workerId);
		}).workerExit((server, workerId) -> {
			this.events
				.add("exit " + workerId + " " + server.getWorkerId() + " " + server.getWorkerStatus(-1).orElseThrow());
			server.clearTimer(ids[workerId]);
		}).workerStop((server, workerId) -> this.events.add("stop " + workerId));
		try (TestServer server = TestServer.start(handler,
				with(kind, (options) -> options.workerNum(2).taskWorkerNum(1).maxWaitTime(Duration.ofMinutes(1))))) {
			this.events.clear();
			server.server().stopWorker(0);
			server.server().stopWorker(1);
			server.server().stopWorker(2);
			Awaitility.await().until(() -> this.events.size() == 8);
			assertThat(this.events).filteredOn((event) -> event.contains("0"))
				.containsExactly("exit 0 0 EXITING", "stop 0", "start 0");
			assertThat(this.events).filteredOn((event) -> event.endsWith("1")).containsExactly("stop 1", "start 1");
			assertThat(this.events).filteredOn((event) -> event.contains("2"))
				.containsExactly("exit 2 2 EXITING", "stop 2", "start 2");
			this.events.clear();
		}
		assertThat(this.events).containsExactlyInAnyOrder("exit 0 0 EXITING", "exit 2 2 EXITING", "stop 0", "stop 1",
				"stop 2");
	}

	/**
	 * LIFE-09: a timer that the exit callback leaves keeps the worker until the deadline.
	 */
	@ParameterizedTest
	@MethodSource("kinds")
	void whenTimersAreNotClearedThenTheDeadlineEndsThem(Consumer<ServerOptions.Builder> kind) {
		AtomicInteger ticksInExit = new AtomicInteger();
		AtomicBoolean exiting = new AtomicBoolean();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> server.tick(SHORT, () -> {
			if (exiting.get()) {
				ticksInExit.incrementAndGet();
			}
		})).workerExit((server, workerId) -> {
			exiting.set(true);
			this.events.add("exit");
		}).workerStop((server, workerId) -> this.events.add("stop after " + (ticksInExit.get() > 1)));
		long begin = System.nanoTime();
		try (TestServer server = TestServer.start(handler,
				with(kind, (options) -> options.workerNum(1).maxWaitTime(Duration.ofMillis(200))))) {
			server.server().stopWorker(0);
			Awaitility.await().until(() -> this.events.size() == 2);
			assertThat(this.events).containsExactly("exit", "stop after true");
		}
		assertThat(this.events).containsExactly("exit", "stop after true", "exit", "stop after true");
		assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(400));
	}

	/** LIFE-09: without anybody to clear it a repeating timer does not delay the stop. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenNobodyWouldClearTimersThenTheStopDoesNotWait(ServerMode mode) {
		AtomicInteger ticks = new AtomicInteger();
		long begin;
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode).workerNum(1).maxWaitTime(Duration.ofMinutes(10)))) {
			server.server().tick(SHORT, ticks::incrementAndGet);
			Awaitility.await().until(() -> ticks.get() > 0);
			begin = System.nanoTime();
		}
		assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(15));
	}

	/** TIMER-04: serialised with the callbacks of the worker. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTimersAndPacketsComeTogetherThenNeverAtOnce(ServerMode mode) {
		AtomicInteger inside = new AtomicInteger();
		AtomicBoolean together = new AtomicBoolean();
		Runnable alone = () -> {
			together.set(together.get() || inside.incrementAndGet() != 1);
			Thread.yield();
			inside.decrementAndGet();
		};
		TestHandler handler = new TestHandler()
			.workerStart((server, workerId) -> server.tick(Duration.ofMillis(1), alone))
			.receive((server, connection, packet) -> {
				alone.run();
				connection.send(packet.retain());
			});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1));
				TestClient client = server.connect()) {
			for (int i = 0; i < 500; i++) {
				client.send("x").read(1);
			}
			assertThat(together).isFalse();
		}
	}

}
