package io.swoole.task.result;

import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskExpiredException;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskRejectedException;
import org.jspecify.annotations.Nullable;

/**
 * Failures of tasks in the thread of whoever waits for the result: with the stack trace
 * of the wait, not that of the task worker.
 */
final class Failures {

	private Failures() {
	}

	static RuntimeException inCaller(@Nullable Throwable failure) {
		if (failure instanceof TaskCancelledException cancelled) {
			return new TaskCancelledException(cancelled.getTaskId(), String.valueOf(cancelled.getMessage()));
		}
		if (failure instanceof TaskExpiredException expired) {
			return new TaskExpiredException(expired.getTaskId(), String.valueOf(expired.getMessage()));
		}
		if (failure instanceof TaskFailedException failed) {
			return new TaskFailedException(failed.getTaskId(), String.valueOf(failed.getMessage()), failed.getCause());
		}
		if (failure instanceof TaskRejectedException rejected) {
			return new TaskRejectedException(String.valueOf(rejected.getMessage()));
		}
		return (failure instanceof RuntimeException unchecked) ? unchecked : new IllegalStateException(failure);
	}

}
