package io.swoole.task;

/**
 * A task was not accepted: too many tasks are open, the server is stopping, nobody takes
 * its payload, or it is a dead letter whose key is in use.
 */
public class TaskRejectedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param message why, and what to do
	 */
	public TaskRejectedException(String message) {
		super(message);
	}

}
