package io.swoole.task;

import org.jspecify.annotations.Nullable;

/**
 * A task has failed for good: it has thrown, its timeout has passed, its deadline has
 * passed or it was cancelled. The cause is what the task has thrown, or a
 * {@link TaskTimeoutException}.
 */
public class TaskFailedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final long taskId;

	/**
	 * Creates an exception.
	 * @param taskId the task
	 * @param message what has happened
	 * @param cause what the task has thrown, {@code null} if nothing
	 */
	public TaskFailedException(long taskId, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.taskId = taskId;
	}

	/**
	 * The task that has failed.
	 * @return its id
	 */
	public long getTaskId() {
		return this.taskId;
	}

}
