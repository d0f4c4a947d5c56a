package io.swoole.task.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.task.TaskOptions;
import io.swoole.task.TaskType;
import io.swoole.task.overload.TaskCapacity;
import io.swoole.task.timer.VirtualTime;
import io.swoole.testing.FakeWorker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MemoryTaskQueue}: one queue for all task workers, and priorities,
 * delays, deadlines, keys and limits.
 */
class MemoryTaskQueueTests {

	private static final TaskTerms PLAIN = new TaskTerms(TaskType.of("plain"), 0, 0, 0, 0, null);

	private final VirtualTime time = new VirtualTime();

	private final AtomicLong ids = new AtomicLong();

	private final List<Integer> ready = new ArrayList<>();

	private final List<Long> expired = new ArrayList<>();

	private final MemoryTaskQueue queue = new MemoryTaskQueue(new TaskCapacity(10_000, 1), 2, this.ids,
			this.time.timers(), new DeadLetterStore(3, this.time), new TaskQueue.Listener() {

				@Override
				public void ready(int target) {
					MemoryTaskQueueTests.this.ready.add(target);
				}

				@Override
				public void expired(TaskEnvelope task) {
					MemoryTaskQueueTests.this.expired.add(task.id());
				}

			});

	@Test
	void whenTasksAreUntargetedAndTargetedThenOlderHeadGoesFirst() {
		add(TaskEnvelope.ANY);
		add(0);
		add(1);
		add(TaskEnvelope.ANY);
		assertThat(claim(1)).isEqualTo(0);
		assertThat(claim(1)).isEqualTo(2);
		assertThat(claim(1)).isEqualTo(3);
		assertThat(claim(1)).isNull();
		assertThat(this.queue.hasUntargeted()).isFalse();
		assertThat(claim(0)).isEqualTo(1);
		assertThat(this.ready).containsExactly(-1, 0, 1, -1);
		assertThat(this.queue.waiting()).isZero();
	}

	@Test
	void whenPrioritiesDifferThenHighestGoesFirstThenOldest() {
		add(TaskOptions.none());
		add(TaskOptions.none().withPriority(0));
		add(TaskOptions.none().withPriority(9));
		add(TaskOptions.none().withPriority(9).withWorker(0));
		add(TaskOptions.none().withPriority(5).withWorker(0));
		add(TaskOptions.none());
		assertThat(claimAll(0)).containsExactly(2L, 3L, 4L, 0L, 5L, 1L);
	}

	@Test
	void whenUrgentTasksKeepComingThenEverySixteenthIsTheOldest() {
		add(TaskOptions.none().withPriority(1));
		add(TaskOptions.none().withPriority(0));
		List<Long> claimed = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			add(TaskOptions.none().withPriority(9));
			claimed.add(claim(0));
		}
		assertThat(claimed.get(15)).isEqualTo(0);
		assertThat(claimed.get(31)).isEqualTo(1);
		assertThat(claimed.subList(0, 15)).isSorted().startsWith(2L);
	}

	@Test
	void whenTaskIsDelayedThenItWaitsForItsTimeAndGoesBehindThoseThatCameBefore() {
		TaskEnvelope delayed = add(TaskOptions.none().withDelay(Duration.ofSeconds(5)));
		assertThat(this.queue.delayed()).isEqualTo(1);
		assertThat(this.queue.waiting()).isEqualTo(1);
		assertThat(this.queue.delayedFor(Duration.ofSeconds(4).toNanos())).containsExactly(delayed);
		assertThat(this.queue.delayedFor(Duration.ofSeconds(5).toNanos())).isEmpty();
		this.time.advance(Duration.ofMillis(4999));
		assertThat(claim(0)).isNull();
		add(TaskOptions.none());
		this.ready.clear();
		this.time.advance(Duration.ofMillis(1));
		assertThat(this.ready).containsExactly(-1);
		assertThat(this.queue.delayed()).isZero();
		add(TaskOptions.none());
		assertThat(claimAll(0)).containsExactly(1L, 0L, 2L);
	}

	@Test
	void whenDeadlinePassesThenTaskThatHasNotBeenStartedExpires() {
		TaskEnvelope late = add(TaskOptions.none().withDeadline(this.time.now().plusSeconds(1)));
		add(TaskOptions.none().withDeadline(this.time.now().plusSeconds(2)).withDelay(Duration.ofSeconds(5)));
		TaskEnvelope started = add(TaskOptions.none().withDeadline(this.time.now().plusSeconds(3)).withPriority(9));
		add(TaskOptions.none().withDeadline(this.time.now().minusSeconds(1)));
		assertThat(claim(0)).isEqualTo(started.id());
		this.time.advance(Duration.ofSeconds(10));
		assertThat(this.expired).containsExactly(3L, 0L, 1L);
		assertThat(late.state()).isEqualTo(TaskState.EXPIRED);
		assertThat(started.state()).isEqualTo(TaskState.RUNNING);
		assertThat(claim(0)).isNull();
		assertThat(this.queue.waiting()).isZero();
		assertThat(this.queue.delayed()).isZero();
		assertThat(this.time.timers().size()).isZero();
	}

	@Test
	void whenTaskWaitsAgainThenItsDeadlineStillCounts() {
		TaskOptions options = TaskOptions.none().withDeadline(this.time.now().plusSeconds(5));
		TaskEnvelope givenBack = add(options);
		claimTask(0);
		this.queue.unclaim(givenBack);
		TaskEnvelope failed = add(options.withPriority(9));
		claimTask(0);
		assertThat(this.queue.retry(failed, Duration.ofSeconds(1).toNanos())).isTrue();
		TaskEnvelope withdrawn = add(options.withPriority(9));
		claimTask(0);
		assertThat(this.queue.retry(withdrawn, Duration.ofSeconds(1).toNanos())).isTrue();
		assertThat(this.queue.withdraw(withdrawn, TaskState.CANCELLED)).isTrue();
		this.time.advance(Duration.ofMillis(4_999));
		assertThat(this.expired).isEmpty();
		assertThat(this.queue.waiting()).isEqualTo(2);
		this.time.advance(Duration.ofMillis(1));
		assertThat(this.expired).containsExactlyInAnyOrder(givenBack.id(), failed.id());
		assertThat(claim(0)).isNull();
		assertThat(this.queue.waiting()).isZero();
		assertThat(this.time.timers().size()).isZero();
	}

	/** A deadline that does not fit into milliseconds is as good as any other. */
	@Test
	void whenDeadlineIsTheFirstOrLastOfAllThenTaskExpiresAtOnceOrNever() {
		TaskEnvelope never = add(TaskOptions.none().withKey("never").withDeadline(Instant.MAX));
		TaskEnvelope always = add(TaskOptions.none().withKey("always").withDeadline(Instant.MIN));
		this.time.advance(Duration.ofDays(365));
		assertThat(this.expired).containsExactly(always.id());
		this.queue.complete(always);
		assertThat(this.queue.waiting()).isEqualTo(1);
		assertThat(claimTask(0)).isSameAs(never);
		end(never);
		assertThat(this.queue.open()).isZero();
		assertThat(this.queue.tasks()).isEmpty();
		assertThat(this.time.timers().size()).isZero();
	}

	@Test
	void whenKeyIsInUseThenSecondTaskIsDroppedUntilTheFirstHasEnded() {
		TaskOptions options = TaskOptions.none().withKey("report");
		TaskEnvelope first = add(options);
		assertThat(this.queue.open()).isEqualTo(1);
		assertThat(add(options)).isSameAs(first);
		assertThat(this.queue.open()).isEqualTo(1);
		claim(0);
		assertThat(add(options)).isSameAs(first);
		this.queue.retry(first, 1000);
		assertThat(add(options)).isSameAs(first);
		this.time.advance(Duration.ofSeconds(1));
		claim(0);
		first.change(TaskState.RUNNING, TaskState.FINISHED);
		this.queue.complete(first);
		assertThat(add(options)).as("it has delivered a result and still runs").isSameAs(first);
		this.queue.executed(first);
		TaskEnvelope second = add(options);
		assertThat(second).isNotSameAs(first);
		this.queue.withdraw(second, TaskState.CANCELLED);
		assertThat(add(options)).isNotSameAs(second);
		assertThat(add(TaskOptions.none().withKey("other")).id()).isGreaterThan(second.id());
	}

	@Test
	void whenTypeHasReachedItsLimitThenOthersGoOnAndItsTasksStartInOrder() {
		TaskTerms two = limited(2);
		for (int i = 0; i < 4; i++) {
			add(two, TaskOptions.none());
		}
		add(TaskOptions.none());
		TaskEnvelope first = claimTask(0);
		claimTask(1);
		assertThat(claim(0)).isEqualTo(4);
		assertThat(claim(1)).isNull();
		assertThat(this.queue.hasUntargeted()).isFalse();
		assertThat(this.queue.waiting()).isEqualTo(2);
		this.ready.clear();
		end(first);
		assertThat(this.ready).containsExactly(-1);
		assertThat(claim(1)).isEqualTo(2);
		assertThat(claim(0)).isNull();
	}

	@Test
	void whenLimitedTasksNameWorkersThenEachWaitsForItsOwn() {
		TaskTerms one = limited(1);
		TaskEnvelope running = add(one, TaskOptions.none());
		add(one, TaskOptions.none().withWorker(1));
		add(one, TaskOptions.none());
		assertThat(claimTask(0)).isSameAs(running);
		assertThat(claim(0)).isNull();
		this.ready.clear();
		end(running);
		assertThat(this.ready).containsExactlyInAnyOrder(-1, 1);
		assertThat(claim(0)).isEqualTo(2);
		assertThat(claim(1)).isNull();
	}

	@Test
	void whenOlderTaskIsHeldBackByItsLimitThenItGoesBeforeNewerOnesAfterwards() {
		TaskTerms one = limited(1);
		TaskEnvelope first = add(one, TaskOptions.none());
		add(one, TaskOptions.none());
		for (int i = 0; i < 10; i++) {
			add(TaskOptions.none());
		}
		claimTask(0);
		assertThat(claim(0)).isEqualTo(2);
		end(first);
		assertThat(claim(0)).isEqualTo(1);
	}

	@Test
	void whenLimitedTaskFailsAndWaitsThenItGivesWay() {
		TaskTerms one = limited(1);
		TaskEnvelope first = add(one, TaskOptions.none());
		add(one, TaskOptions.none());
		claimTask(0);
		this.ready.clear();
		assertThat(this.queue.retry(first, 1_000_000)).isTrue();
		assertThat(this.ready).containsExactly(-1);
		assertThat(this.queue.delayed()).isEqualTo(1);
		assertThat(claim(0)).isEqualTo(1);
		this.time.advance(Duration.ofMillis(1));
		assertThat(claim(1)).isNull();
		assertThat(this.queue.waiting()).isEqualTo(1);
	}

	@Test
	void whenWaitingTasksAreWithdrawnThenTheyAreSkippedAndCounted() {
		TaskEnvelope plain = add(TaskOptions.none());
		TaskEnvelope limitedTask = add(limited(1), TaskOptions.none());
		TaskEnvelope delayed = add(TaskOptions.none().withDelay(Duration.ofSeconds(1)));
		TaskEnvelope targeted = add(TaskOptions.none().withWorker(0));
		TaskEnvelope last = add(TaskOptions.none());
		for (TaskEnvelope task : List.of(plain, limitedTask, delayed, targeted)) {
			assertThat(this.queue.withdraw(task, TaskState.CANCELLED)).isTrue();
			assertThat(this.queue.withdraw(task, TaskState.CANCELLED)).isFalse();
			this.queue.complete(task);
		}
		assertThat(this.queue.waiting()).isEqualTo(1);
		assertThat(this.queue.open()).isEqualTo(1);
		assertThat(this.queue.delayed()).isZero();
		assertThat(this.queue.tasks()).containsExactly(last);
		this.time.advance(Duration.ofSeconds(2));
		assertThat(claimAll(0)).containsExactly(last.id());
		assertThat(this.queue.tasks()).isEmpty();
	}

	@Test
	void whenManyTasksArePostedAndWithdrawnThenNothingOfThemIsKept() {
		TaskEnvelope first = add(TaskOptions.none());
		for (int i = 0; i < 100_000; i++) {
			TaskEnvelope task = add(TaskOptions.none().withPriority(i % 10));
			this.queue.withdraw(task, TaskState.CANCELLED);
			this.queue.complete(task);
		}
		assertThat(this.queue.queued()).isLessThan(2000);
		assertThat(this.queue.tasks()).containsExactly(first);
		assertThat(claimAll(0)).containsExactly(first.id());
	}

	@Test
	void whenWorkerIsAbsentThenOthersTakeItsTasks() {
		add(0);
		add(limited(1), TaskOptions.none().withWorker(0));
		assertThat(claim(1)).isNull();
		this.ready.clear();
		this.queue.absent(0, true);
		assertThat(this.ready).containsExactly(-1);
		add(TaskOptions.none().withWorker(0).withPriority(9));
		assertThat(claimAll(1)).containsExactly(2L, 0L, 1L);
		this.queue.absent(0, false);
		add(0);
		assertThat(claim(1)).isNull();
		assertThat(claim(0)).isEqualTo(3);
	}

	@Test
	void whenTaskMovedToOthersAndItsWorkerIsBackThenStillEveryTaskIsFound() {
		add(TaskOptions.none().withWorker(0).withPriority(9));
		this.queue.absent(0, true);
		this.queue.absent(0, false);
		add(TaskOptions.none().withWorker(0));
		assertThat(claimAll(0)).containsExactly(0L, 1L);
	}

	/** Who adds a task while a worker leaves must not keep it away for good. */
	@Test
	void whenTasksAreAddedWhileWorkerLeavesThenItCanComeBack() {
		ReadyTasks tasks = new ReadyTasks(2, (target) -> {
		});
		for (int round = 0; round < 100; round++) {
			CompletableFuture<Void> leaving = CompletableFuture.runAsync(() -> {
				for (int i = 0; i < 10; i++) {
					tasks.absent(0, true);
					tasks.absent(0, false);
				}
			});
			for (int i = 0; i < 10 || !leaving.isDone(); i++) {
				tasks.add(envelope(PLAIN, TaskOptions.none().withWorker(0)));
			}
			leaving.join();
			while (tasks.take(0) != null) {
				// all of them can be taken
			}
			assertThat(tasks.size()).isZero();
			tasks.add(envelope(PLAIN, TaskOptions.none().withWorker(0)));
			assertThat(tasks.take(1)).as("round %s", round).isNull();
			assertThat(tasks.take(0)).isNotNull();
		}
	}

	@Test
	void whenClaimedTaskIsGivenBackThenItWaitsAgain() {
		TaskEnvelope task = add(TaskOptions.none());
		claimTask(0);
		this.queue.unclaim(task);
		assertThat(this.queue.waiting()).isEqualTo(1);
		assertThat(task.attempts()).isZero();
		assertThat(claimTask(1)).isSameAs(task);
		assertThat(task.attempts()).isEqualTo(1);
	}

	@Test
	void whenPlacesAreReservedThenAllOrNone() {
		assertThat(this.queue.reserve(9_000)).isTrue();
		assertThat(this.queue.reserve(1_001)).isFalse();
		assertThat(this.queue.reserve(1_000)).isTrue();
		this.queue.giveBack(1);
		assertThat(this.queue.reserve(1)).isTrue();
	}

	@Test
	void whenRingHasComeRoundThenOldTasksAreStillFound() {
		OpenTasks tasks = new OpenTasks(16);
		List<TaskEnvelope> kept = new ArrayList<>();
		for (int i = 0; i < 1000; i++) {
			TaskEnvelope task = envelope(PLAIN, TaskOptions.none());
			tasks.add(task);
			if (i % 7 == 0) {
				kept.add(task);
			}
			else {
				task.endOpen();
				tasks.remove(task);
			}
		}
		List<TaskEnvelope> all = new ArrayList<>();
		tasks.forEach(all::add);
		assertThat(all).containsExactlyInAnyOrderElementsOf(kept);
		for (TaskEnvelope task : kept) {
			assertThat(tasks.find(task.id())).isSameAs(task);
			task.endOpen();
			tasks.remove(task);
			assertThat(tasks.find(task.id())).isNull();
		}
		assertThat(tasks.find(-1)).isNull();
	}

	@Test
	void whenDeadLettersAreTooManyThenOldestIsDropped() {
		DeadLetterStore store = this.queue.deadLetters();
		Exception cause = new Exception("test");
		for (int i = 0; i < 5; i++) {
			store.add(envelope(PLAIN, TaskOptions.none()), cause);
		}
		assertThat(store.size()).isEqualTo(3);
		assertThat(store.dropped()).isEqualTo(2);
		assertThat(store.list(2)).extracting((letter) -> letter.taskId()).containsExactly(2L, 3L);
		DeadLetterStore.Entry taken = store.take(3);
		assertThat(taken).isNotNull();
		assertThat(store.take(3)).isNull();
		store.put(taken);
		assertThat(store.list(9)).extracting((letter) -> letter.taskId()).containsExactly(2L, 3L, 4L);
		assertThat(store.list(1).get(0).failedAt()).isEqualTo(this.time.now());
	}

	private TaskTerms limited(int concurrency) {
		return new TaskTerms(TaskType.of("limited").withConcurrency(concurrency), 0, 0, 0, 0,
				new TypeLimit(concurrency));
	}

	private TaskEnvelope add(int target) {
		return add(TaskOptions.none().withWorker(target));
	}

	private TaskEnvelope add(TaskOptions options) {
		return add(PLAIN, options);
	}

	private TaskEnvelope add(TaskTerms terms, TaskOptions options) {
		assertThat(this.queue.reserve(1)).isTrue();
		return this.queue.accept(envelope(terms, options));
	}

	private TaskEnvelope envelope(TaskTerms terms, TaskOptions options) {
		return new TaskEnvelope(this.ids.getAndIncrement(), "data", terms, options, null, 0, new FakeWorker(), null,
				options.getWorker());
	}

	private @Nullable Long claim(int worker) {
		TaskEnvelope task = this.queue.claim(worker);
		return (task != null) ? task.id() : null;
	}

	private TaskEnvelope claimTask(int worker) {
		TaskEnvelope task = this.queue.claim(worker);
		assertThat(task).isNotNull();
		return task;
	}

	private List<Long> claimAll(int worker) {
		List<Long> ids = new ArrayList<>();
		for (TaskEnvelope task = this.queue.claim(worker); task != null; task = this.queue.claim(worker)) {
			ids.add(task.id());
			end(task);
		}
		return ids;
	}

	private void end(TaskEnvelope task) {
		task.change(TaskState.RUNNING, TaskState.ENDED);
		this.queue.complete(task);
		this.queue.executed(task);
	}

}
