package io.swoole.task;

/**
 * A task was cancelled with {@link io.swoole.server.SwooleServer#cancelTask}.
 */
public class TaskCancelledException extends TaskFailedException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param taskId the task
	 * @param message what has happened
	 */
	public TaskCancelledException(long taskId, String message) {
		super(taskId, message, null);
	}

}
