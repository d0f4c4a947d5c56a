package io.swoole.task.execution;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

import io.swoole.server.worker.WorkerContext;
import io.swoole.task.DeadLetters;
import io.swoole.task.Task;
import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskExpiredException;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskTimeoutException;
import io.swoole.task.TaskType;
import io.swoole.task.result.AsyncReply;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of timeouts, retries, dead letters, deadlines and cancellation, with a time that
 * only the tests move: TASK-27.
 */
class TaskFailureTests {

	private static final int SECONDS = 20;

	/** What {@code onTaskFailed} was told: id, attempts, cause. */
	private final List<String> failures = new CopyOnWriteArrayList<>();

	private final List<Integer> attempts = new CopyOnWriteArrayList<>();

	private final AtomicInteger finished = new AtomicInteger();

	private TestHandler handler() {
		return new TestHandler().finish((server, result) -> this.finished.incrementAndGet())
			.taskFailed((server, task, cause) -> this.failures
				.add(task.id() + " " + task.attempt() + " " + cause.getClass().getSimpleName()));
	}

	private TestHandler failing(int times) {
		return handler().task((server, task) -> {
			this.attempts.add(task.attempt());
			if (task.attempt() <= times) {
				throw new IOException("attempt " + task.attempt());
			}
			return "done";
		});
	}

	@Test
	void whenTaskFailsAndHasNoRetriesThenFailsForGoodAndWorkerGoesOn() {
		try (Pipeline pipeline = new Pipeline(failing(1), (options) -> {
		})) {
			pipeline.post("a");
			pipeline.awaitIdle();
			assertThat(this.failures).containsExactly("0 1 IOException");
			assertThat(this.finished).hasValue(0);
			assertThat(pipeline.tasks.deadLetters().list(9)).singleElement().satisfies((letter) -> {
				assertThat(letter.taskId()).isZero();
				assertThat(letter.data()).isEqualTo("a");
				assertThat(letter.attempts()).isEqualTo(1);
				assertThat(letter.failedAt()).isEqualTo(pipeline.time.now());
				assertThat(letter.cause()).isInstanceOf(IOException.class).hasMessage("attempt 1");
			});
			assertThat(pipeline.counters().failed()).isEqualTo(1);
		}
	}

	@Test
	void whenTaskHasRetriesThenWaitsTwiceAsLongEachTimeAndOnlyTheEndIsReported() {
		TestHandler handler = failing(2)
			.taskType((payload) -> TaskType.of("type").withRetries(3).withBackoff(Duration.ofSeconds(2)));
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			pipeline.post("a");
			awaitDelayed(pipeline, 1);
			assertThat(pipeline.counters().open()).isEqualTo(1);
			assertThat(pipeline.counters().waiting()).isEqualTo(1);
			assertThat(pipeline.time.advanceToNext()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
			Awaitility.await().until(() -> this.attempts.size() == 2);
			awaitDelayed(pipeline, 1);
			assertThat(pipeline.time.advanceToNext()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
			pipeline.awaitIdle();
			assertThat(this.attempts).containsExactly(1, 2, 3);
			assertThat(this.finished).hasValue(1);
			assertThat(this.failures).isEmpty();
			assertThat(pipeline.counters().retried()).isEqualTo(2);
			assertThat(pipeline.counters().failed()).isZero();
		}
	}

	@Test
	void whenAllRetriesFailThenFailsOnceWithTheLastException() {
		try (Pipeline pipeline = new Pipeline(failing(9), (options) -> options.taskRetries(2))) {
			pipeline.post("a", TaskOptions.none().withBackoff(Duration.ofSeconds(1)));
			awaitDelayed(pipeline, 1);
			pipeline.time.advance(Duration.ofSeconds(1));
			Awaitility.await().until(() -> this.attempts.size() == 2);
			awaitDelayed(pipeline, 1);
			pipeline.time.advance(Duration.ofSeconds(2));
			pipeline.awaitIdle();
			assertThat(this.failures).containsExactly("0 3 IOException");
			assertThat(pipeline.tasks.deadLetters().list(1).get(0).cause()).hasMessage("attempt 3");
		}
	}

	@Test
	void whenOptionsSayOtherwiseThenTheyOverruleTheType() {
		TestHandler handler = failing(9).taskType((payload) -> TaskType.of("type").withRetries(5));
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			pipeline.post("a", TaskOptions.none().withRetries(0));
			pipeline.awaitIdle();
			assertThat(this.failures).containsExactly("0 1 IOException");
		}
	}

	@Test
	void whenExceptionIsNotToBeRetriedThenFailsAtOnce() {
		TestHandler handler = handler().task((server, task) -> {
			throw task.data().equals("rejected") ? new TaskRejectedException("full") : new IOException();
		});
		try (Pipeline pipeline = new Pipeline(handler,
				(options) -> options.taskRetries(5).taskNoRetryOn(List.of(IOException.class)))) {
			pipeline.post("rejected");
			pipeline.post("io");
			pipeline.awaitIdle();
			assertThat(this.failures).containsExactly("0 1 TaskRejectedException", "1 1 IOException");
		}
	}

	@Test
	void whenTaskHasDeliveredResultThenItIsNotRetriedWhenItThrows() {
		TestHandler handler = handler().task((server, task) -> {
			this.attempts.add(task.attempt());
			task.finish("first");
			throw new IOException("afterwards");
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskRetries(5))) {
			pipeline.post("a");
			pipeline.awaitIdle();
			assertThat(this.attempts).containsExactly(1);
			assertThat(this.finished).hasValue(1);
			assertThat(this.failures).isEmpty();
			assertThat(pipeline.tasks.deadLetters().list(1)).isEmpty();
			assertThat(handler.errors).hasSize(1);
		}
	}

	@Test
	void whenAttemptHasFailedThenItsHandleDeliversNothingMore() {
		List<Task> handles = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			handles.add(task);
			if (task.attempt() == 1) {
				throw new IOException();
			}
			return "second";
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskRetries(1))) {
			pipeline.post("a");
			awaitDelayed(pipeline, 1);
			assertThat(handles.get(0).finish("late")).isFalse();
			assertThat(handles.get(0).progress("late")).isFalse();
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			assertThat(handles.get(0).finish("late")).isFalse();
			assertThat(handles.get(1).finish("more")).isTrue();
		}
	}

	@Test
	void whenTypeWantsNoDeadLettersThenNoneIsKept() {
		TestHandler handler = failing(9).taskType((payload) -> TaskType.of("type").withDeadLetter(false));
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			pipeline.post("a");
			pipeline.awaitIdle();
			assertThat(this.failures).hasSize(1);
			assertThat(pipeline.tasks.deadLetters().list(1)).isEmpty();
			assertThat(pipeline.counters().droppedDeadLetters()).isZero();
		}
	}

	@Test
	void whenDeadLettersAreReplayedThenTheyRunAsNewTasks() {
		AtomicBoolean broken = new AtomicBoolean(true);
		List<Object> done = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			if (broken.get()) {
				throw new IOException();
			}
			done.add(task.data());
			return null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskQueueCapacity(2))) {
			pipeline.post("a", TaskOptions.none().withDelay(Duration.ofMillis(1)));
			pipeline.post("b");
			pipeline.time.advance(Duration.ofMillis(1));
			pipeline.awaitIdle();
			pipeline.post("c");
			pipeline.awaitIdle();
			assertThat(pipeline.tasks.deadLetters().list(9)).extracting((letter) -> letter.data())
				.containsExactlyInAnyOrder("a", "b", "c");
			broken.set(false);
			assertThat(pipeline.tasks.deadLetters().replay(77)).isFalse();
			assertThat(pipeline.tasks.deadLetters().replay(0)).isTrue();
			pipeline.awaitIdle();
			assertThat(done).containsExactly("a");
			assertThat(pipeline.tasks.deadLetters().discard(1)).isTrue();
			assertThat(pipeline.tasks.deadLetters().discard(1)).isFalse();
			assertThat(pipeline.tasks.deadLetters().replayAll()).isEqualTo(1);
			pipeline.awaitIdle();
			assertThat(done).containsExactly("a", "c");
			assertThat(pipeline.tasks.deadLetters().list(9)).isEmpty();
		}
	}

	@Test
	void whenQueueIsFullThenDeadLetterStays() throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		TestHandler handler = handler().task((server, task) -> {
			if (task.data().equals("hold")) {
				hold.await(SECONDS, TimeUnit.SECONDS);
				return null;
			}
			throw new IOException();
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskQueueCapacity(1))) {
			pipeline.post("a");
			pipeline.awaitIdle();
			pipeline.post("hold");
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> pipeline.tasks.deadLetters().replay(0));
			assertThat(pipeline.tasks.deadLetters().replayAll()).isZero();
			assertThat(pipeline.tasks.deadLetters().list(9)).hasSize(1);
			hold.countDown();
		}
	}

	/** Another task of the key is not the one that was to be posted once more. */
	@Test
	void whenAnotherTaskOfItsKeyRunsThenDeadLetterStays() throws Exception {
		AtomicBoolean broken = new AtomicBoolean(true);
		CountDownLatch hold = new CountDownLatch(1);
		List<Object> done = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			if (broken.get()) {
				throw new IOException();
			}
			hold.await(SECONDS, TimeUnit.SECONDS);
			done.add(task.data());
			return null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			DeadLetters letters = pipeline.tasks.deadLetters();
			for (String data : List.of("a", "b", "b")) {
				pipeline.post(data, TaskOptions.none().withKey("t7"));
				pipeline.awaitIdle();
			}
			broken.set(false);
			assertThat(letters.replayAll()).isEqualTo(1);
			assertThat(letters.list(10)).extracting((letter) -> letter.taskId()).containsExactly(1L, 2L);
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> letters.replay(1))
				.withMessageContaining("'t7'");
			assertThat(letters.list(10)).hasSize(2);
			assertThat(pipeline.counters().open()).isEqualTo(1);
			hold.countDown();
			pipeline.awaitIdle();
			assertThat(letters.replay(1)).isTrue();
			pipeline.awaitIdle();
			assertThat(letters.replay(2)).isTrue();
			pipeline.awaitIdle();
			assertThat(done).containsExactly("a", "b", "b");
			assertThat(letters.list(10)).isEmpty();
		}
		finally {
			hold.countDown();
		}
	}

	@Test
	void whenTimeoutPassesThenThreadIsInterruptedAndTaskFailsAtOnce() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		CountDownLatch checked = new CountDownLatch(1);
		List<Object> seen = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			if (task.data().equals("next")) {
				seen.add("next " + Thread.currentThread().isInterrupted());
				return null;
			}
			running.countDown();
			try {
				new CountDownLatch(1).await(SECONDS, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
				checked.await(SECONDS, TimeUnit.SECONDS);
				seen.add("cancelled " + task.isCancelled());
				seen.add("finish " + task.finish("late"));
			}
			return "late too";
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskTimeout(Duration.ofSeconds(10)))) {
			pipeline.post("long");
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.time.advance(Duration.ofMillis(9_999));
			pipeline.settle();
			assertThat(this.failures).isEmpty();
			pipeline.time.advance(Duration.ofMillis(1));
			assertThat(interrupted.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.settle();
			assertThat(this.failures).containsExactly("0 1 TaskTimeoutException");
			assertThat(pipeline.counters().open()).as("settled although it still runs").isZero();
			assertThat(pipeline.counters().idleWorkers()).as("idleness follows execution").isZero();
			checked.countDown();
			pipeline.post("next");
			pipeline.awaitIdle();
			assertThat(seen).containsExactly("cancelled true", "finish false", "next false");
			assertThat(this.finished).hasValue(0);
			assertThat(pipeline.tasks.deadLetters().list(1).get(0).cause()).isInstanceOf(TaskTimeoutException.class);
			assertThat(pipeline.time.timers().size()).as("no timer is left").isZero();
		}
	}

	@Test
	void whenTaskEndsInTimeThenItsTimerIsGone() {
		try (Pipeline pipeline = new Pipeline(failing(0), (options) -> options.taskTimeout(Duration.ofSeconds(10)))) {
			for (int i = 0; i < 100; i++) {
				pipeline.post("a");
			}
			pipeline.awaitIdle();
			assertThat(pipeline.time.timers().size()).isZero();
			assertThat(this.finished).hasValue(100);
		}
	}

	@Test
	void whenTimedOutTaskHasRetriesThenTheNextAttemptBeginsAfterTheFirstHasEnded() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = handler().task((server, task) -> {
			this.attempts.add(task.attempt());
			if (task.attempt() == 1) {
				running.countDown();
				while (goOn.getCount() > 0) {
					Thread.onSpinWait();
				}
			}
			return "done";
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskWorkerNum(2).taskRetries(1))) {
			pipeline.post("a", TaskOptions.none().withTimeout(Duration.ofSeconds(1)));
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.time.advance(Duration.ofSeconds(2));
			pipeline.settle();
			assertThat(this.failures).isEmpty();
			assertThat(this.attempts).containsExactly(1);
			assertThat(pipeline.counters().delayed()).isZero();
			goOn.countDown();
			awaitDelayed(pipeline, 1);
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.awaitIdle();
			assertThat(this.attempts).containsExactly(1, 2);
			assertThat(this.finished).hasValue(1);
		}
	}

	@Test
	void whenDeadlinePassesThenTaskIsReportedAsExpired() throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		TestHandler handler = handler().task((server, task) -> {
			hold.await(SECONDS, TimeUnit.SECONDS);
			return null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			pipeline.post("hold");
			Awaitility.await().until(() -> pipeline.counters().waiting() == 0);
			pipeline.post("late", TaskOptions.none().withDeadline(pipeline.time.now().plusSeconds(1)));
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.settle();
			assertThat(this.failures).containsExactly("1 0 TaskExpiredException");
			assertThat(pipeline.counters().open()).isEqualTo(1);
			assertThat(pipeline.tasks.deadLetters().list(1).get(0).cause()).isInstanceOf(TaskExpiredException.class);
			hold.countDown();
			pipeline.awaitIdle();
		}
	}

	@Test
	void whenNextAttemptWouldBeAfterTheDeadlineThenTaskFails() {
		try (Pipeline pipeline = new Pipeline(failing(9), (options) -> options.taskRetries(9))) {
			pipeline.post("a",
					TaskOptions.none()
						.withBackoff(Duration.ofSeconds(4))
						.withDeadline(pipeline.time.now().plusSeconds(1)));
			pipeline.awaitIdle();
			assertThat(this.failures).containsExactly("0 1 IOException");
		}
	}

	@Test
	void whenNoWorkerIsFreeForTheNextAttemptByTheDeadlineThenTaskExpires() throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		List<Object> executed = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			executed.add(task.data());
			if (task.data().equals("hold")) {
				hold.await(SECONDS, TimeUnit.SECONDS);
				return null;
			}
			throw new IOException();
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskRetries(3))) {
			pipeline.post("a",
					TaskOptions.none()
						.withBackoff(Duration.ofSeconds(1))
						.withDeadline(pipeline.time.now().plusSeconds(5)));
			awaitDelayed(pipeline, 1);
			pipeline.post("hold");
			Awaitility.await().until(() -> executed.size() == 2);
			pipeline.time.advance(Duration.ofSeconds(5));
			pipeline.settle();
			assertThat(this.failures).containsExactly("0 1 TaskExpiredException");
			assertThat(pipeline.tasks.deadLetters().list(1).get(0).attempts()).isEqualTo(1);
			hold.countDown();
			pipeline.awaitIdle();
			assertThat(executed).containsExactly("a", "hold");
			assertThat(pipeline.time.timers().size()).isZero();
		}
		finally {
			hold.countDown();
		}
	}

	@Test
	void whenDeadlineIsTheLastOfAllThenTaskIsTriedAgain() {
		try (Pipeline pipeline = new Pipeline(failing(1), (options) -> options.taskRetries(1))) {
			pipeline.post("a", TaskOptions.none().withDeadline(Instant.MAX));
			awaitDelayed(pipeline, 1);
			pipeline.time.advanceToNext();
			pipeline.awaitIdle();
			assertThat(this.attempts).containsExactly(1, 2);
			assertThat(this.finished).hasValue(1);
		}
	}

	@Test
	void whenTaskIsCancelledThenWaitingIsRemovedAndRunningIsInterrupted() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		List<Object> executed = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			executed.add(task.data());
			if (task.data().equals("running")) {
				running.countDown();
				try {
					new CountDownLatch(1).await(SECONDS, TimeUnit.SECONDS);
				}
				catch (InterruptedException ex) {
					assertThat(task.isCancelled()).isTrue();
					interrupted.countDown();
				}
			}
			return "result";
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskRetries(3))) {
			long first = pipeline.post("running");
			long second = pipeline.post("waiting");
			long third = pipeline.post("delayed", TaskOptions.none().withDelay(Duration.ofSeconds(1)));
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(pipeline.tasks.cancel(second)).isTrue();
			assertThat(pipeline.tasks.cancel(second)).isFalse();
			assertThat(pipeline.tasks.cancel(third)).isTrue();
			assertThat(pipeline.counters().waiting()).isZero();
			assertThat(pipeline.counters().open()).isEqualTo(1);
			assertThat(pipeline.tasks.cancel(first)).isTrue();
			assertThat(interrupted.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.awaitIdle();
			assertThat(pipeline.tasks.cancel(first)).isFalse();
			assertThat(pipeline.tasks.cancel(12345)).isFalse();
			assertThat(pipeline.tasks.cancel(-1)).isFalse();
			pipeline.time.advance(Duration.ofSeconds(5));
			pipeline.settle();
			assertThat(executed).containsExactly("running");
			assertThat(this.finished).hasValue(0);
			assertThat(this.failures).isEmpty();
			assertThat(pipeline.tasks.deadLetters().list(1)).isEmpty();
			assertThat(handler.errors).isEmpty();
		}
	}

	@Test
	void whenTaskThatHasDeliveredResultIsCancelledThenItIsInterrupted() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		TestHandler handler = handler().task((server, task) -> {
			task.finish("first");
			running.countDown();
			try {
				new CountDownLatch(1).await(SECONDS, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				assertThat(task.finish("more")).isFalse();
				interrupted.countDown();
			}
			return null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			long id = pipeline.post("stream");
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			Awaitility.await().until(() -> pipeline.counters().open() == 0);
			assertThat(pipeline.tasks.cancel(id)).isTrue();
			assertThat(interrupted.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			assertThat(pipeline.tasks.cancel(id)).isFalse();
		}
	}

	@Test
	void whenTaskTellsItsProgressThenDispatchingWorkerLearnsItInOrder() {
		List<Object> told = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			task.progress(10);
			task.progress(50);
			return "done";
		}).progress((server, taskId, state) -> told.add(taskId + ": " + state));
		try (Pipeline pipeline = new Pipeline(handler.finish((server, result) -> told.add(result.data())),
				(options) -> {
				})) {
			pipeline.post("a");
			pipeline.awaitIdle();
			assertThat(told).containsExactly("0: 10", "0: 50", "done");
		}
	}

	@Test
	void whenSomebodyWaitsThenFailureTimeoutAndCancellationAreToldAtOnce() throws Exception {
		CountDownLatch running = new CountDownLatch(3);
		TestHandler handler = handler().task((server, task) -> {
			running.countDown();
			if (task.data().equals("fails")) {
				throw new IOException("broken");
			}
			new CountDownLatch(1).await(SECONDS, TimeUnit.SECONDS);
			return null;
		}).taskType((payload) -> TaskType.of("slow").withTimeout(Duration.ofSeconds(30)));
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskWorkerNum(3))) {
			var fails = pipeline.tasks.waits().async("fails");
			var slow = pipeline.tasks.waits().async("slow");
			var cancelled = pipeline.tasks.waits().async("cancelled");
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(pipeline.tasks.cancel(2)).isTrue();
			// before its time is over, too
			assertThat(fails).failsWithin(Duration.ofSeconds(SECONDS))
				.withThrowableThat()
				.havingCause()
				.isExactlyInstanceOf(TaskFailedException.class)
				.withMessageContaining("broken")
				.withCauseInstanceOf(IOException.class);
			pipeline.time.advance(Duration.ofSeconds(30));
			assertThat(slow).failsWithin(Duration.ofSeconds(SECONDS))
				.withThrowableThat()
				.havingCause()
				.isExactlyInstanceOf(TaskFailedException.class)
				.withCauseInstanceOf(TaskTimeoutException.class);
			assertThat(cancelled).failsWithin(Duration.ofSeconds(SECONDS))
				.withThrowableThat()
				.havingCause()
				.isExactlyInstanceOf(TaskCancelledException.class);
			pipeline.awaitIdle();
		}
	}

	/** A result that comes later: timeout, cancellation and failure as for any other. */
	@Test
	void whenResultComesLaterThenTimeoutsCancelAndFailuresAreThoseOfTheStage() {
		List<CompletableFuture<Object>> stages = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			this.attempts.add(task.attempt());
			CompletableFuture<Object> stage = new CompletableFuture<>();
			stages.add(stage);
			return task.data().equals("derived") ? stage.thenApply((value) -> value) : stage;
		});
		try (Pipeline pipeline = new Pipeline(handler,
				(options) -> options.taskNoRetryOn(List.of(IOException.class)))) {
			pipeline.post("slow", TaskOptions.none().withTimeout(Duration.ofSeconds(1)));
			Awaitility.await().until(() -> stages.size() == 1);
			assertThat(pipeline.counters().idleWorkers()).isZero();
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.awaitIdle();
			assertThat(stages.get(0)).isCancelled();
			assertThat(this.failures).containsExactly("0 1 TaskTimeoutException");
			long cancelled = pipeline.post("cancelled");
			Awaitility.await().until(() -> stages.size() == 2);
			assertThat(pipeline.tasks.cancel(cancelled)).isTrue();
			pipeline.awaitIdle();
			assertThat(stages.get(1)).isCancelled();
			pipeline.post("derived", TaskOptions.none().withRetries(3));
			Awaitility.await().until(() -> stages.size() == 3);
			stages.get(2).completeExceptionally(new IOException());
			pipeline.awaitIdle();
			assertThat(this.failures).hasSize(2).contains("2 1 IOException");
			pipeline.post("fine");
			Awaitility.await().until(() -> stages.size() == 4);
			stages.get(3).complete("done");
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			assertThat(pipeline.time.timers().size()).isZero();
		}
	}

	/** A stage nobody can cancel: its place is free when the patience is over. */
	@Test
	void whenStageDoesNotReactThenItsPlaceIsFreeAfterTheWait() {
		List<CompletableFuture<Object>> stages = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			CompletableFuture<Object> stage = new CompletableFuture<>() {
				@Override
				public boolean cancel(boolean mayInterruptIfRunning) {
					return false;
				}
			};
			stages.add(stage);
			return task.data().equals("stubborn") ? stage : "next";
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.maxWaitTime(Duration.ofSeconds(3)))) {
			pipeline.post("stubborn", TaskOptions.none().withTimeout(Duration.ofSeconds(1)));
			// its thread has returned, or there would be nobody to give it up
			Awaitility.await().until(() -> stages.size() == 1 && stages.get(0).getNumberOfDependents() > 0);
			assertThat(pipeline.counters().idleWorkers()).isZero();
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.settle();
			assertThat(this.failures).hasSize(1);
			pipeline.time.advance(Duration.ofMillis(2_999));
			assertThat(pipeline.counters().idleWorkers()).isZero();
			pipeline.post("next");
			pipeline.time.advance(Duration.ofMillis(1));
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			stages.get(0).complete("late");
			pipeline.settle();
			assertThat(this.finished).hasValue(1);
		}
	}

	/** What depends on a stage may block: that holds up neither timers nor the stop. */
	@Test
	void whenDependentOfStageBlocksThenTheTimeoutsOfOthersStillFire() throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch running = new CountDownLatch(2);
		TestHandler handler = handler().task((server, task) -> {
			CompletableFuture<Object> stage = new CompletableFuture<>();
			running.countDown();
			if (task.data().equals("blocks")) {
				stage.whenComplete((value, failure) -> awaitUninterruptibly(hold));
			}
			return stage;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskWorkerNum(2))) {
			pipeline.post("blocks", TaskOptions.none().withTimeout(Duration.ofSeconds(1)));
			pipeline.post("other", TaskOptions.none().withTimeout(Duration.ofSeconds(2)));
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			Awaitility.await().until(() -> pipeline.counters().idleWorkers() == 0);
			CompletableFuture<Void> fired = CompletableFuture
				.runAsync(() -> pipeline.time.advance(Duration.ofSeconds(2)), (code) -> new Thread(code).start());
			assertThat(fired).succeedsWithin(Duration.ofSeconds(SECONDS));
			pipeline.settle();
			assertThat(this.failures).hasSize(2);
			hold.countDown();
			pipeline.awaitIdle();
		}
		finally {
			hold.countDown();
		}
	}

	/** What depends on the future of a task may block: like a handler it is given up. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenDependentOfResultBlocksThenItsWorkerIsReplaced(boolean stage) throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch reloaded = new CountDownLatch(1);
		TestHandler handler = handler()
			.task((server, task) -> stage ? CompletableFuture.completedFuture("done") : "done");
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			pipeline.supervise(Duration.ofMillis(200), reloaded::countDown);
			AsyncReply reply = new AsyncReply(Runnable::run);
			reply.future().thenAccept((result) -> {
				blocked.countDown();
				awaitUninterruptibly(hold);
			});
			pipeline.post("blocks", reply);
			assertThat(blocked.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(pipeline.reload()).isTrue();
			assertThat(reloaded.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.post("next");
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			hold.countDown();
			pipeline.post("last");
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(2);
			assertThat(this.failures).isEmpty();
		}
		finally {
			hold.countDown();
		}
	}

	/** And so it is when the task is to end meanwhile. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenDependentOfResultBlocksBeyondTheTimeoutThenItsWorkerIsReplaced(boolean stage) throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(1);
		TestHandler handler = handler()
			.task((server, task) -> stage ? CompletableFuture.completedFuture("done") : "done");
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.maxWaitTime(Duration.ofSeconds(5)))) {
			pipeline.supervise(Duration.ofMillis(200), () -> {
			});
			postBlocking(pipeline, blocked, () -> awaitUninterruptibly(hold));
			assertThat(blocked.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.time.advance(Duration.ofSeconds(5));
			pipeline.post("next");
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			assertThat(pipeline.abandonedThreads()).isOne();
			hold.countDown();
			pipeline.post("last");
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(2);
			assertThat(this.failures).isEmpty();
		}
		finally {
			hold.countDown();
		}
	}

	/** The interrupt is for what depends on the result, and for nothing behind it. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenDependentOfResultBlocksBeyondTheTimeoutThenItIsInterrupted(boolean stage) throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		List<Boolean> seen = new CopyOnWriteArrayList<>();
		TestHandler handler = handler().task((server, task) -> {
			seen.add(Thread.currentThread().isInterrupted());
			return stage ? CompletableFuture.completedFuture("done") : "done";
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			postBlocking(pipeline, blocked, () -> {
				try {
					hold.await(3L * SECONDS, TimeUnit.SECONDS);
				}
				catch (InterruptedException ex) {
					interrupted.countDown();
					Thread.currentThread().interrupt();
				}
			});
			assertThat(blocked.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.time.advance(Duration.ofSeconds(1));
			assertThat(interrupted.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.post("next");
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			assertThat(seen).containsExactly(false, false);
		}
		finally {
			hold.countDown();
		}
	}

	/** A virtual thread counts as given up, and only so many may be. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenDependentOfResultBlocksVirtualThreadThenThatIsGivenUp(boolean stage) throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(1);
		TestHandler handler = handler()
			.task((server, task) -> stage ? CompletableFuture.completedFuture("done") : "done");
		try (Pipeline pipeline = new Pipeline(handler,
				(options) -> options.taskEnableCoroutine(true)
					.taskMaxCoroutine(1)
					.maxWaitTime(Duration.ofSeconds(5)))) {
			pipeline.supervise(Duration.ofMillis(200), () -> {
			});
			postBlocking(pipeline, blocked, () -> awaitUninterruptibly(hold));
			assertThat(blocked.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			pipeline.time.advance(Duration.ofSeconds(1));
			pipeline.time.advance(Duration.ofSeconds(5));
			pipeline.post("next");
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(1);
			assertThat(pipeline.abandonedThreads()).isOne();
			hold.countDown();
			Awaitility.await().atMost(Duration.ofSeconds(SECONDS)).until(() -> pipeline.abandonedThreads() == 0);
		}
		finally {
			hold.countDown();
		}
	}

	/** Posts a task with a timeout of a second whose result lets something run. */
	private static void postBlocking(Pipeline pipeline, CountDownLatch blocked, Runnable dependent) {
		AsyncReply reply = new AsyncReply(Runnable::run);
		reply.future().thenAccept((result) -> {
			blocked.countDown();
			dependent.run();
		});
		pipeline.post("blocks", TaskOptions.none().withTimeout(Duration.ofSeconds(1)), reply);
	}

	/** A stage does not need the thread that is given up for something else. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenCallbackBlocksBesideStageThenStageGoesOn(boolean inTime) throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch reloaded = new CountDownLatch(1);
		CompletableFuture<Object> stage = new CompletableFuture<>();
		TestHandler handler = handler().task((server, task) -> task.data().equals("stage") ? stage : "done");
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.maxWaitTime(Duration.ofSeconds(5)))) {
			pipeline.supervise(Duration.ofMillis(200), reloaded::countDown);
			TaskWorker worker = (TaskWorker) pipeline.tasks.taskWorkers().get(0);
			pipeline.post("stage");
			Awaitility.await().atMost(Duration.ofSeconds(SECONDS)).until(worker::isFull);
			pipeline.tasks.postInOrder(worker, () -> {
				WorkerContext context = worker.context();
				context.busy(true);
				blocked.countDown();
				awaitUninterruptibly(hold);
				context.busy(false);
			});
			assertThat(blocked.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(pipeline.reload()).isTrue();
			assertThat(reloaded.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(pipeline.abandonedThreads()).isOne();
			assertThat(stage).isNotDone();
			pipeline.post("next");
			if (inTime) {
				stage.complete("done");
			}
			else {
				pipeline.time.advance(Duration.ofSeconds(5));
			}
			pipeline.awaitIdle();
			assertThat(this.finished).hasValue(inTime ? 2 : 1);
			assertThat(this.failures).isEqualTo(inTime ? List.of() : List.of("0 1 TaskTimeoutException"));
		}
		finally {
			hold.countDown();
			stage.cancel(false);
		}
	}

	/** A stage of another kind may throw: the task fails, its worker goes on. */
	@Test
	void whenStageCannotBeObservedThenTaskFailsAndItsWorkerGoesOn() {
		TestHandler handler = handler()
			.task((server, task) -> task.data().equals("broken") ? new UnobservableStage() : "fine");
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			pipeline.post("broken");
			pipeline.post("next");
			pipeline.awaitIdle();
			assertThat(this.failures).containsExactly("0 1 UnsupportedOperationException");
			assertThat(this.finished).hasValue(1);
		}
	}

	/** An interrupt reaches the task it is meant for, or nobody. */
	@ParameterizedTest
	@ValueSource(ints = { 0, 3600 })
	void whenTasksAreCancelledAsTheyEndThenEachEndsOnceAndNoInterruptIsLeft(int timeout) {
		int tasks = 5_000;
		AtomicInteger interrupted = new AtomicInteger();
		AtomicInteger begun = new AtomicInteger();
		TestHandler handler = handler().task((server, task) -> {
			begun.incrementAndGet();
			if (Thread.currentThread().isInterrupted() && !task.isCancelled()) {
				interrupted.incrementAndGet();
			}
			return "done";
		});
		try (Pipeline pipeline = new Pipeline(handler,
				(options) -> options.taskWorkerNum(2).taskTimeout(Duration.ofSeconds(timeout)))) {
			int cancelled = 0;
			for (int i = 0; i < tasks; i++) {
				long id = pipeline.post("a");
				for (int spins = i % 500; spins > 0; spins--) {
					Thread.onSpinWait();
				}
				cancelled += pipeline.tasks.cancel(id) ? 1 : 0;
			}
			pipeline.awaitIdle();
			assertThat(interrupted).hasValue(0);
			assertThat(this.finished.get() + cancelled).isGreaterThanOrEqualTo(tasks);
			assertThat(this.finished).hasValueLessThanOrEqualTo(begun.get());
			assertThat(this.failures).isEmpty();
			assertThat(pipeline.counters().failed()).isZero();
			assertThat(pipeline.time.timers().size()).as("no timer is left").isZero();
		}
	}

	/** Neither its timeout nor the end of the wait for its result is waited for. */
	@Test
	void whenTaskIsCancelledThenNothingWaitsForItsTimeout() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = handler().task((server, task) -> {
			if (task.data().equals("stubborn")) {
				running.countDown();
				awaitUninterruptibly(goOn);
			}
			return null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.maxWaitTime(Duration.ofSeconds(3)))) {
			long stubborn = pipeline.post("stubborn", TaskOptions.none().withTimeout(Duration.ofHours(1)));
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(pipeline.tasks.cancel(stubborn)).isTrue();
			pipeline.time.advance(Duration.ofSeconds(2));
			assertThat(pipeline.tasks.cancel(stubborn)).as("it still runs").isTrue();
			assertThat(pipeline.time.timers().size()).isEqualTo(1);
			assertThat(pipeline.time.advanceToNext()).as("no later than without the second")
				.isEqualTo(Duration.ofSeconds(1));
			assertThat(pipeline.time.timers().size()).isZero();
			goOn.countDown();
			pipeline.awaitIdle();
			pipeline.tasks.waits().async("no result");
			Awaitility.await().until(() -> pipeline.time.timers().size() == 1);
			assertThat(pipeline.tasks.cancel(stubborn + 1)).isTrue();
			assertThat(pipeline.time.timers().size()).isZero();
			pipeline.awaitIdle();
		}
		finally {
			goOn.countDown();
		}
	}

	/** A stop leaves no future behind, whatever depends on the others. */
	@Test
	void whenDependentBlocksTheStopThenTheOtherFuturesStillEnd() {
		CountDownLatch hold = new CountDownLatch(1);
		FailureThread failures = new FailureThread(100);
		List<CompletableFuture<Object>> futures = new ArrayList<>();
		try {
			for (int i = 0; i < 20; i++) {
				CompletableFuture<Object> future = new CompletableFuture<>();
				if (i == 0) {
					future.whenComplete((value, failure) -> awaitUninterruptibly(hold));
				}
				futures.add(future);
				failures.execute(() -> future.completeExceptionally(new IOException()));
			}
			assertThat(CompletableFuture.runAsync(() -> stop(failures), (code) -> new Thread(code).start()))
				.succeedsWithin(Duration.ofSeconds(SECONDS));
			Awaitility.await()
				.atMost(Duration.ofSeconds(SECONDS))
				.until(() -> futures.stream().allMatch(CompletableFuture::isDone));
		}
		finally {
			hold.countDown();
		}
	}

	private static void stop(FailureThread failures) {
		try {
			failures.stop(TimeUnit.MILLISECONDS.toNanos(50));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3L * SECONDS);
		while (System.nanoTime() < end) {
			try {
				if (latch.await(1, TimeUnit.SECONDS)) {
					return;
				}
			}
			catch (InterruptedException ex) {
				// whoever interrupts it must get along without it
			}
		}
	}

	private static void awaitDelayed(Pipeline pipeline, int count) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(SECONDS))
			.pollInterval(Duration.ofMillis(1))
			.until(() -> pipeline.counters().delayed() == count
					&& pipeline.counters().idleWorkers() == pipeline.tasks.taskWorkers().size());
	}

	/** Tells nobody when it ends. */
	private static final class UnobservableStage extends CompletableFuture<Object> {

		@Override
		public CompletableFuture<Object> whenComplete(BiConsumer<? super Object, ? super Throwable> action) {
			throw new UnsupportedOperationException("test");
		}

	}

}
