package io.swoole.task.execution;

import java.time.Duration;

import io.swoole.task.Task;
import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskExpiredException;
import io.swoole.task.TaskTimeoutException;
import io.swoole.task.queue.Nanos;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.Timer;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends by force what does not, or must not, end by itself: attempts that take too long or
 * are cancelled, and tasks that were not started in time.
 */
final class ForcedEnds {

	private static final Logger logger = LoggerFactory.getLogger(ForcedEnds.class);

	private final TaskQueue queue;

	private final ResultRouter results;

	private final Timers timers;

	private final TaskFailures failures;

	/** How long an attempt that is to end may take until its thread is given up. */
	private final long patience;

	/** Cancels stages of tasks that are to end. */
	private final FailureThread cancellations;

	private volatile boolean stopping;

	ForcedEnds(TaskQueue queue, ResultRouter results, Timers timers, TaskFailures failures, Duration patience,
			FailureThread cancellations) {
		this.queue = queue;
		this.results = results;
		this.timers = timers;
		this.failures = failures;
		this.patience = Nanos.of(patience);
		this.cancellations = cancellations;
	}

	/** The server stops. */
	void stopping() {
		this.stopping = true;
	}

	/** An attempt that can be ended by force from the beginning; in its thread. */
	RunningTask attempt(TaskEnvelope task, int taskWorkerId, Slot slot) {
		return new RunningTask(task, taskWorkerId, this.results, Thread.currentThread(), slot, this.cancellations);
	}

	/** An attempt whose handler has returned, and which goes on without its thread. */
	RunningTask detached(PostedTask task, Slot slot) {
		RunningTask attempt = current(task);
		if (attempt == null) {
			attempt = new RunningTask(task, this.results, slot, this.cancellations);
			attempt.close(); // it was given up
			attempt.end();
		}
		return attempt;
	}

	/**
	 * The attempt of which the application has got a handle.
	 * @return the attempt, {@code null} if it is over
	 */
	@Nullable RunningTask attempt(Task handle) {
		RunningTask attempt = (handle instanceof PostedTask posted) ? current(posted) : RunningTask.of(handle);
		return (attempt != null && attempt.handle() == handle) ? attempt : null;
	}

	/** The attempt that goes on now, if one does. */
	private @Nullable RunningTask current(TaskEnvelope task) {
		if (task.execution() instanceof Slot slot && task instanceof PostedTask posted) {
			RunningTask attempt = new RunningTask(posted, this.results, slot, this.cancellations);
			if (task.execution(slot, attempt)) {
				return attempt;
			}
		}
		return (task.execution() instanceof RunningTask attempt) ? attempt : null;
	}

	/** Lets an attempt end when it takes too long. */
	void watch(RunningTask attempt, long timeout) {
		Timer timer = new Timer() {
			@Override
			protected void fire() {
				timedOut(attempt, timeout);
			}
		};
		attempt.timer(timer);
		this.timers.schedule(timer, timeout);
	}

	private void timedOut(RunningTask attempt, long timeout) {
		TaskEnvelope task = attempt.envelope();
		TaskTimeoutException cause = new TaskTimeoutException("Task " + task.id() + " of type " + task.terms().type()
				+ " did not end within its timeout of " + timeout / 1_000_000 + " ms");
		boolean aborted = attempt.abort(cause, () -> {
			// the next attempt must not begin before this one has ended
			if (!this.failures.isRetryable(task, cause)) {
				failedForGood(attempt, cause);
			}
		});
		if (aborted) {
			logger.warn("{}; it is interrupted [{}]", cause.getMessage(), attempt);
			giveUpLater(attempt);
		}
	}

	/** Ends a task because somebody wants it; {@code false} if it has ended before. */
	boolean cancel(TaskEnvelope task) {
		boolean cancelled = this.results.cancel(task);
		RunningTask attempt = interrupt(task);
		if (attempt != null) {
			giveUpLater(attempt);
		}
		return cancelled || attempt != null;
	}

	/** Interrupts a task if it is executed, and returns the attempt. */
	@Nullable RunningTask interrupt(TaskEnvelope task) {
		RunningTask attempt = current(task);
		return (attempt != null
				&& attempt.abort(new TaskCancelledException(task.id(), attempt + " was cancelled"), () -> {
				})) ? attempt : null;
	}

	/** Interrupts an attempt that outlasts the restart of its worker, and gives it up. */
	void endLater(RunningTask attempt) {
		if (this.stopping) {
			return; // the stop has a deadline of its own
		}
		TaskEnvelope task = attempt.envelope();
		Throwable cause = new TaskTimeoutException("Task " + task.id() + " of type " + task.terms().type()
				+ " was given up: it outlasted the restart of its worker");
		this.timers.schedule(new Timer() {
			@Override
			protected void fire() {
				if (attempt.abort(cause, () -> failedForGood(attempt, cause))) {
					attempt.slot().giveUp(attempt);
				}
			}
		}, this.patience);
	}

	private void giveUpLater(RunningTask attempt) {
		Timer before = attempt.timer();
		if (before instanceof GiveUp && this.timers.remaining(before) > 0) {
			return; // its end was forced before, and so long it may take
		}
		if (before != null) {
			this.timers.cancel(before);
		}
		Timer timer = new GiveUp(attempt);
		attempt.timer(timer);
		this.timers.schedule(timer, this.patience);
		if (attempt.isOver()) {
			this.timers.cancel(timer); // it has ended meanwhile
		}
	}

	/**
	 * An attempt is no longer waited for; its thread may still be at it. As it may, the
	 * task is not tried again.
	 * @return {@code false} if it is over
	 */
	boolean giveUp(RunningTask attempt) {
		TaskEnvelope task = attempt.envelope();
		Throwable cause = attempt.cause();
		Throwable reason = (cause != null) ? cause : new TaskTimeoutException("Task " + task.id() + " of type "
				+ task.terms().type() + " was given up: it held its task worker for too long");
		if (!attempt.giveUp(reason, () -> failedForGood(attempt, reason))) {
			return false;
		}
		Timer timer = attempt.timer();
		if (timer != null) {
			this.timers.cancel(timer);
		}
		this.queue.executed(task);
		return true;
	}

	private void failedForGood(RunningTask attempt, Throwable cause) {
		this.failures.failedForGood(attempt.envelope(), attempt.handle(), cause);
	}

	/** A task has not been started by its deadline. */
	void expired(TaskEnvelope task) {
		this.results.expired(task, new RunningTask(task, -1, this.results, null, Slot.NONE, this.cancellations),
				new TaskExpiredException(task.id(), "Task " + task.id() + " of type " + task.terms().type()
						+ " was not started by its deadline " + task.options().getDeadline()));
	}

	/**
	 * Gives up an attempt that was to end and goes on.
	 */
	private static final class GiveUp extends Timer {

		private final RunningTask attempt;

		GiveUp(RunningTask attempt) {
			this.attempt = attempt;
		}

		@Override
		protected void fire() {
			if (!this.attempt.isOver()) {
				this.attempt.slot().giveUp(this.attempt);
			}
		}

	}

}
