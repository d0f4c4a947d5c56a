package io.swoole.task;

/**
 * Time has run out: for whoever waits for a result no result came in time, and for a task
 * its handler did not end within the task's timeout.
 */
public class TaskTimeoutException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param message what did not happen in which time
	 */
	public TaskTimeoutException(String message) {
		super(message);
	}

	/**
	 * Creates an exception.
	 * @param message what did not happen in which time
	 * @param cause what ended the waiting early
	 */
	public TaskTimeoutException(String message, Throwable cause) {
		super(message, cause);
	}

}
