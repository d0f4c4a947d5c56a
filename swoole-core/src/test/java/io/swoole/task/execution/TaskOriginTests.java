package io.swoole.task.execution;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.task.Task;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskTimeoutException;
import io.swoole.task.result.CallbackReply;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that a connection is told once of each task posted for it that it is settled,
 * however the task ends: half-close waits for that (CONN-06), and so does the place the
 * task has in the queue.
 */
class TaskOriginTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final CountingOrigin connection = new CountingOrigin();

	private final CountDownLatch hold = new CountDownLatch(1);

	private final Semaphore running = new Semaphore(0);

	private final List<Task> kept = new CopyOnWriteArrayList<>();

	private final AtomicInteger finished = new AtomicInteger();

	/** What a task does is its payload. */
	private TestHandler handler() {
		return new TestHandler().finish((server, result) -> this.finished.incrementAndGet())
			.task((server, task) -> switch (String.valueOf(task.data())) {
				case "nothing" -> null;
				case "several" -> {
					task.finish(1);
					task.finish(2);
					yield 3;
				}
				case "throw" -> throw new IllegalStateException("ordered");
				case "throw once" -> {
					if (task.attempt() == 1) {
						throw new IllegalStateException("ordered");
					}
					yield "result";
				}
				case "finish and throw" -> {
					task.finish("result");
					throw new IllegalStateException("ordered");
				}
				case "wait" -> {
					this.running.release();
					this.hold.await(LONG.toSeconds(), TimeUnit.SECONDS);
					yield "result";
				}
				case "keep" -> {
					this.kept.add(task);
					yield null;
				}
				case "stage" -> CompletableFuture.completedFuture("result");
				case "failing stage" -> CompletableFuture.failedFuture(new IllegalStateException("ordered"));
				default -> "result";
			});
	}

	private long post(Pipeline pipeline, String data, TaskOptions options) {
		return pipeline.onBehalfOf(this.connection, () -> pipeline.post(data, options));
	}

	private void assertSettled(Pipeline pipeline, int tasks) {
		pipeline.awaitIdle();
		pipeline.settle();
		assertThat(this.connection.opened()).isEqualTo(tasks);
		assertThat(this.connection.open()).isZero();
	}

	private void awaitRunning() throws InterruptedException {
		assertThat(this.running.tryAcquire(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenPlainTasksEndThenEachIsSettledOnce() {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> {
		})) {
			List<String> all = List.of("result", "nothing", "several", "throw", "finish and throw", "stage",
					"failing stage");
			all.forEach((data) -> post(pipeline, data, TaskOptions.none()));
			assertSettled(pipeline, all.size());
			assertThat(this.finished).hasValue(6);
		}
	}

	@Test
	void whenTaskIsRetriedThenItIsSettledAfterTheLastAttempt() {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> options.taskBackoff(Duration.ofSeconds(1)))) {
			TaskOptions twice = TaskOptions.none().withRetries(1);
			post(pipeline, "throw once", twice);
			post(pipeline, "throw", twice);
			Awaitility.await().atMost(LONG).until(() -> pipeline.counters().delayed() == 2);
			assertThat(this.connection.open()).isEqualTo(2);
			pipeline.time.advance(Duration.ofSeconds(1));
			assertSettled(pipeline, 2);
		}
	}

	@Test
	void whenTaskTakesTooLongThenItIsSettledBeforeItsHandlerReturns() throws Exception {
		try (Pipeline pipeline = new Pipeline(handler().task((server, task) -> {
			this.running.release();
			boolean interrupted = false;
			while (!this.hold.await(1, TimeUnit.MILLISECONDS)) {
				interrupted |= Thread.interrupted();
			}
			return interrupted;
		}), (options) -> {
		})) {
			post(pipeline, "slow", TaskOptions.none().withTimeout(Duration.ofSeconds(1)));
			awaitRunning();
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.settle();
			assertThat(this.connection.open()).isZero();
			this.hold.countDown();
			assertSettled(pipeline, 1);
			assertThat(this.finished).hasValue(0);
		}
	}

	@Test
	void whenTaskIsCancelledOrExpiresThenItIsSettledAtOnce() throws Exception {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> {
		})) {
			long first = post(pipeline, "wait", TaskOptions.none());
			awaitRunning();
			long second = post(pipeline, "result", TaskOptions.none());
			long third = post(pipeline, "result", TaskOptions.none().withDelay(Duration.ofMinutes(1)));
			post(pipeline, "result", TaskOptions.none().withDeadline(pipeline.time.now().plusSeconds(5)));
			assertThat(this.connection.open()).isEqualTo(4);
			assertThat(pipeline.tasks.cancel(second)).isTrue();
			assertThat(pipeline.tasks.cancel(third)).isTrue();
			assertThat(this.connection.open()).isEqualTo(2);
			pipeline.time.advance(Duration.ofSeconds(5));
			pipeline.settle();
			assertThat(this.connection.open()).isEqualTo(1);
			assertThat(pipeline.tasks.cancel(first)).isTrue();
			assertThat(this.connection.open()).isZero();
			assertSettled(pipeline, 4);
		}
	}

	@Test
	void whenThereIsACallbackThenItIsSettledWhenThatHasRunOrIsGivenUp() {
		AtomicInteger calls = new AtomicInteger();
		try (Pipeline pipeline = new Pipeline(handler(),
				(options) -> options.taskResultTimeout(Duration.ofSeconds(60)))) {
			for (String data : List.of("result", "several", "throw", "finish and throw", "nothing", "keep", "stage")) {
				pipeline.onBehalfOf(this.connection,
						() -> pipeline.post(data, new CallbackReply((server, taskId, result) -> {
							assertThat(this.connection.open()).isPositive();
							calls.incrementAndGet();
						})));
			}
			Awaitility.await().atMost(LONG).until(() -> pipeline.counters().open() == 2);
			Awaitility.await().atMost(LONG).until(() -> pipeline.counters().idleWorkers() == 1);
			pipeline.settle();
			assertThat(this.connection.open()).isEqualTo(2);
			assertThat(calls).hasValue(4);
			assertThat(this.kept.get(0).finish("late")).isTrue();
			pipeline.settle();
			assertThat(this.connection.open()).isEqualTo(1);
			pipeline.time.advance(Duration.ofSeconds(60));
			assertSettled(pipeline, 7);
			assertThat(this.kept.get(0).finish("too late")).isFalse();
			assertSettled(pipeline, 7);
			assertThat(calls).hasValue(5);
			assertThat(this.finished).hasValue(0);
		}
	}

	@Test
	void whenThereIsAFutureThenItIsSettledByResultFailureOrPatience() {
		try (Pipeline pipeline = new Pipeline(handler(),
				(options) -> options.taskResultTimeout(Duration.ofSeconds(60)))) {
			CompletableFuture<?> result = async(pipeline, "result");
			CompletableFuture<?> failure = async(pipeline, "throw");
			CompletableFuture<?> nothing = async(pipeline, "nothing");
			CompletableFuture<?> abandoned = async(pipeline, "wait");
			abandoned.cancel(false);
			this.hold.countDown();
			assertThat(result).succeedsWithin(LONG);
			assertThat(failure).failsWithin(LONG);
			Awaitility.await().atMost(LONG).until(() -> pipeline.counters().open() == 1);
			assertThat(this.connection.open()).isEqualTo(1);
			Awaitility.await().atMost(LONG).until(() -> pipeline.counters().idleWorkers() == 1);
			pipeline.time.advance(Duration.ofSeconds(60));
			assertThat(nothing).failsWithin(LONG).withThrowableThat().withCauseInstanceOf(TaskTimeoutException.class);
			assertSettled(pipeline, 4);
		}
	}

	private static void stop(Pipeline pipeline) {
		pipeline.close();
	}

	private CompletableFuture<?> async(Pipeline pipeline, String data) {
		return pipeline.onBehalfOf(this.connection, () -> pipeline.tasks.waits().async(data));
	}

	@Test
	void whenCallbackWaitsThenTasksAreSettledWithTheirResultsOrTheEndOfTheWait() {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> {
		})) {
			Object result = pipeline.onBehalfOf(this.connection,
					() -> pipeline.tasks.waits().await("result", LONG, -1));
			assertThat(result).isEqualTo("result");
			pipeline.onBehalfOf(this.connection, () -> assertThatExceptionOfType(TaskTimeoutException.class)
				.isThrownBy(() -> pipeline.tasks.waits().await("nothing", Duration.ofMillis(1), -1)));
			assertSettled(pipeline, 2);
			Map<Integer, Object> results = pipeline.onBehalfOf(this.connection, () -> pipeline.tasks.waits()
				.awaitAll(List.of("result", "throw", "nothing", "several"), Duration.ofMillis(200)));
			assertThat(results).containsEntry(0, "result").doesNotContainKeys(1, 2);
			assertSettled(pipeline, 6);
			CompletableFuture<?> list = pipeline.onBehalfOf(this.connection, () -> pipeline.tasks.waits()
				.asyncAll(List.of("result", "throw", "nothing"), Duration.ofSeconds(1)));
			Awaitility.await().atMost(LONG).until(() -> pipeline.counters().idleWorkers() == 1);
			Awaitility.await().atMost(LONG).until(() -> this.connection.open() == 1);
			pipeline.time.advance(Duration.ofSeconds(1));
			assertThat(list).succeedsWithin(LONG);
			assertSettled(pipeline, 9);
		}
	}

	@Test
	void whenTaskIsNotAcceptedThenTheConnectionOwesNothing() throws Exception {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> options.taskQueueCapacity(2))) {
			TaskOptions key = TaskOptions.none().withKey("key");
			long first = post(pipeline, "wait", key);
			awaitRunning();
			assertThat(post(pipeline, "wait", key)).isEqualTo(first);
			assertThat(this.connection.open()).isEqualTo(1);
			post(pipeline, "result", TaskOptions.none());
			assertThatExceptionOfType(CompletionException.class)
				.isThrownBy(() -> post(pipeline, "result", TaskOptions.none()))
				.withCauseInstanceOf(TaskRejectedException.class);
			assertThat(this.connection.open()).isEqualTo(2);
			this.hold.countDown();
			assertSettled(pipeline, 3);
			assertThat(pipeline.counters().accepted()).isEqualTo(2);
		}
	}

	@Test
	void whenDeadLetterIsReplayedThenItIsATaskOfWhoReplaysIt() {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> {
		})) {
			long failed = post(pipeline, "throw", TaskOptions.none());
			assertSettled(pipeline, 1);
			CountingOrigin other = new CountingOrigin();
			assertThat(pipeline.onBehalfOf(other, () -> pipeline.tasks.deadLetters().replay(failed))).isTrue();
			assertSettled(pipeline, 1);
			assertThat(other.opened()).isEqualTo(1);
			assertThat(other.open()).isZero();
			assertThat(pipeline.tasks.deadLetters().replayAll()).isEqualTo(1);
			assertSettled(pipeline, 1);
			assertThat(other.opened()).isEqualTo(1);
		}
	}

	@Test
	void whenServerStopsThenLostTasksAreSettled() throws Exception {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> {
		})) {
			post(pipeline, "wait", TaskOptions.none());
			awaitRunning();
			post(pipeline, "result", TaskOptions.none());
			post(pipeline, "result", TaskOptions.none().withDelay(Duration.ofHours(1)));
			assertThat(this.connection.open()).isEqualTo(3);
			stop(pipeline);
			assertThat(pipeline.lost()).isEqualTo(3);
			assertThat(this.connection.open()).isZero();
		}
	}

}
