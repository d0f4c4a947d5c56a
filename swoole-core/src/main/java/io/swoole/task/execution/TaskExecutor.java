package io.swoole.task.execution;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongPredicate;

import io.swoole.server.TaskInterceptor.Callback;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.callback.TaskFailure;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskExpiredException;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskTimeoutException;
import io.swoole.task.interception.TaskInterceptors;
import io.swoole.task.policy.RetryPolicy;
import io.swoole.task.queue.Nanos;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.queue.TaskState;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.Timer;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes tasks, each attempt with its timeout, and decides what becomes of failures.
 */
final class TaskExecutor {

	private static final Logger logger = LoggerFactory.getLogger(TaskExecutor.class);

	private final TaskQueue queue;

	private final ResultRouter results;

	private final Callbacks callbacks;

	private final @Nullable TaskInterceptors interceptors;

	private final Timers timers;

	private final RetryPolicy retries;

	/** How long an attempt that is to end may take until its thread is given up. */
	private final long patience;

	/** Cancels stages of tasks that are to end. */
	private final Executor cancellations;

	private final LongAdder retried = new LongAdder();

	/** Whether a failed task may wait for so long. */
	private volatile LongPredicate mayWait = (nanos) -> true;

	private volatile boolean stopping;

	TaskExecutor(TaskQueue queue, ResultRouter results, Callbacks callbacks, @Nullable TaskInterceptors interceptors,
			Timers timers, RetryPolicy retries, Duration patience, Executor cancellations) {
		this.queue = queue;
		this.results = results;
		this.callbacks = callbacks;
		this.interceptors = interceptors;
		this.timers = timers;
		this.retries = retries;
		this.patience = Nanos.of(patience);
		this.cancellations = cancellations;
	}

	long retried() {
		return this.retried.sum();
	}

	/** The server stops: failed tasks wait no longer than that for their next attempt. */
	void stopping(LongPredicate mayWait) {
		this.mayWait = mayWait;
		this.stopping = true;
	}

	/**
	 * Executes a task a worker has claimed.
	 * @param task the task
	 * @param context the context of the calling thread
	 * @param slot is told when the attempt is over
	 */
	void execute(TaskEnvelope task, WorkerContext context, Slot slot) {
		RunningTask attempt = new RunningTask(task, context.workerId(), this.results, Thread.currentThread(), slot,
				this.cancellations);
		try {
			execute(attempt, context);
		}
		catch (Throwable ex) {
			ended(attempt, ex); // its worker must not wait for it
			throw ex;
		}
		finally {
			// an interrupt meant for this task must not reach the next one
			Thread.interrupted();
		}
	}

	private void execute(RunningTask attempt, WorkerContext context) {
		TaskEnvelope task = attempt.envelope();
		attempt.slot().begin(attempt, context);
		task.execution(attempt);
		long timeout = timeout(task);
		if (timeout > 0) {
			watch(attempt, timeout);
		}
		// a task cancelled after it was claimed is not begun
		Object outcome = (task.state() == TaskState.RUNNING) ? call(context, attempt) : null;
		if (outcome instanceof CompletionStage<?> stage) {
			attempt.goOn(stage);
			stage.whenComplete((result, failure) -> completed(attempt, result, failure));
		}
		else if (outcome instanceof TaskFailure failure) {
			ended(attempt, failure.cause());
		}
		else {
			if (outcome != null) {
				attempt.finish(outcome);
			}
			ended(attempt, null);
		}
	}

	private @Nullable Object call(WorkerContext context, RunningTask attempt) {
		TaskEnvelope task = attempt.envelope();
		TaskInterceptors interceptors = this.interceptors;
		if (interceptors == null) {
			return this.callbacks.task(context, attempt, task.terms().type());
		}
		if (!interceptors.areNeededAround(Callback.TASK, task)) {
			try {
				return this.callbacks.task(context, attempt, task.terms().type());
			}
			finally {
				interceptors.cleanUp(Callback.TASK, task);
			}
		}
		@Nullable Object[] outcome = new Object[1];
		interceptors.around(Callback.TASK, task,
				() -> outcome[0] = this.callbacks.task(context, attempt, task.terms().type()));
		return outcome[0];
	}

	private void completed(RunningTask attempt, @Nullable Object result, @Nullable Throwable thrown) {
		Throwable failure = (thrown instanceof CompletionException && thrown.getCause() != null) ? thrown.getCause()
				: thrown;
		try {
			if (failure != null) {
				this.callbacks.taskThrew(attempt, failure);
			}
			else if (result != null) {
				attempt.finish(result);
			}
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure around {}; the task worker goes on", attempt, ex);
			ended(attempt, ex);
		}
		ended(attempt, failure);
	}

	private void ended(RunningTask attempt, @Nullable Throwable failure) {
		if (!attempt.end()) {
			return; // it was given up; what it does no longer matters
		}
		try {
			Timer timer = attempt.timer();
			if (timer != null) {
				this.timers.cancel(timer);
			}
			TaskEnvelope task = attempt.envelope();
			Throwable cause = (attempt.cause() != null) ? attempt.cause() : failure;
			if (cause == null) {
				this.results.returned(task);
				this.queue.executed(task);
			}
			else {
				attempt.close();
				failed(attempt, cause);
			}
		}
		finally {
			attempt.slot().end(attempt);
		}
	}

	/** An attempt has failed: the task waits for the next one, or has failed for good. */
	private void failed(RunningTask attempt, Throwable cause) {
		TaskEnvelope task = attempt.envelope();
		long delay = isRetryable(task, cause) ? delay(task) : -1;
		if (delay >= 0 && this.queue.retry(task, delay)) {
			this.retried.increment();
			logger.warn("{} of type {} has failed and is tried again in {} ms: {}", attempt, task.terms().type(),
					delay / 1_000_000, cause.toString());
			return;
		}
		failedForGood(attempt, cause);
		this.queue.executed(task);
	}

	private void failedForGood(RunningTask attempt, Throwable cause) {
		TaskEnvelope task = attempt.envelope();
		String what = (cause instanceof TaskTimeoutException) ? String.valueOf(cause.getMessage())
				: "Task " + task.id() + " of type " + task.terms().type() + " has failed: " + cause;
		this.results.failed(task, attempt, cause, new TaskFailedException(task.id(), what, cause));
	}

	private boolean isRetryable(TaskEnvelope task, Throwable cause) {
		int retries = task.options().getRetries();
		return task.state() == TaskState.RUNNING
				&& task.attempts() <= ((retries >= 0) ? retries : task.terms().retries())
				&& this.retries.isRetryable(cause);
	}

	/** How long a task waits for its next attempt; −1 if that is too long. */
	private long delay(TaskEnvelope task) {
		TaskOptions options = task.options();
		long backoff = (options.getBackoff() != null) ? Nanos.of(options.getBackoff()) : task.terms().backoff();
		long delay = this.retries.delay(task.attempts(), backoff, Math.max(backoff, task.terms().maxBackoff()));
		if (options.getDeadline() != null) {
			long left = options.getDeadline().toEpochMilli() - this.timers.ticker().currentTimeMillis();
			if (Nanos.ofMillis(left) <= delay) {
				return -1;
			}
		}
		return this.mayWait.test(delay) ? delay : -1;
	}

	// the end by force

	private long timeout(TaskEnvelope task) {
		Duration own = task.options().getTimeout();
		return (own != null) ? Nanos.of(own) : task.terms().timeout();
	}

	private void watch(RunningTask attempt, long timeout) {
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
			if (!isRetryable(task, cause)) {
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
		return (task.execution() instanceof RunningTask attempt
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
		Timer timer = new Timer() {
			@Override
			protected void fire() {
				if (!attempt.isOver()) {
					attempt.slot().giveUp(attempt);
				}
			}
		};
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
		this.queue.executed(task);
		return true;
	}

	/** A task has not been started by its deadline. */
	void expired(TaskEnvelope task) {
		this.results.expired(task, new RunningTask(task, -1, this.results, null, Slot.NONE, this.cancellations),
				new TaskExpiredException(task.id(), "Task " + task.id() + " of type " + task.terms().type()
						+ " was not started by its deadline " + task.options().getDeadline()));
	}

}
