package io.swoole.task.execution;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongPredicate;

import io.swoole.task.Task;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskTimeoutException;
import io.swoole.task.policy.RetryPolicy;
import io.swoole.task.queue.Nanos;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.queue.TaskState;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.Ticker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of tasks an attempt of which has failed: they wait for the next
 * one, or have failed for good.
 */
final class TaskFailures {

	private static final Logger logger = LoggerFactory.getLogger(TaskFailures.class);

	private final TaskQueue queue;

	private final ResultRouter results;

	private final Ticker ticker;

	private final RetryPolicy retries;

	private final LongAdder retried = new LongAdder();

	/** Whether a failed task may wait for so long. */
	private volatile LongPredicate mayWait = (nanos) -> true;

	TaskFailures(TaskQueue queue, ResultRouter results, Ticker ticker, RetryPolicy retries) {
		this.queue = queue;
		this.results = results;
		this.ticker = ticker;
		this.retries = retries;
	}

	/** How many attempts have been repeated. */
	long retried() {
		return this.retried.sum();
	}

	/** Sets whether a failed task may wait for so long for its next attempt. */
	void mayWait(LongPredicate mayWait) {
		this.mayWait = mayWait;
	}

	/** An attempt has failed and is over. */
	void failed(TaskEnvelope task, Task attempt, Throwable cause) {
		long delay = isRetryable(task, cause) ? delay(task) : -1;
		if (delay >= 0 && this.queue.retry(task, delay)) {
			this.retried.increment();
			logger.warn("{} of type {} has failed and is tried again in {} ms: {}", attempt, task.terms().type(),
					delay / 1_000_000, cause.toString());
			return;
		}
		failedForGood(task, attempt, cause);
		this.queue.executed(task);
	}

	/** An attempt has failed, and there is to be no other. It may go on. */
	void failedForGood(TaskEnvelope task, Task attempt, Throwable cause) {
		String what = (cause instanceof TaskTimeoutException) ? String.valueOf(cause.getMessage())
				: "Task " + task.id() + " of type " + task.terms().type() + " has failed: " + cause;
		this.results.failed(task, attempt, cause, new TaskFailedException(task.id(), what, cause));
	}

	boolean isRetryable(TaskEnvelope task, Throwable cause) {
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
		if (options.getDeadline() != null
				&& Nanos.until(options.getDeadline(), this.ticker.currentTimeMillis()) <= delay) {
			return -1;
		}
		return this.mayWait.test(delay) ? delay : -1;
	}

}
