package io.swoole.task;

/**
 * A task was not started, or after a failure not started again, by its deadline.
 *
 * @see TaskOptions#withDeadline
 */
public class TaskExpiredException extends TaskFailedException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param taskId the task
	 * @param message what has happened
	 */
	public TaskExpiredException(long taskId, String message) {
		super(taskId, message, null);
	}

}
