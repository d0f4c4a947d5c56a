package io.swoole.task.queue;

import io.swoole.server.Internal;

/**
 * How far a task has come. It ends in exactly one of the states from {@link #FINISHED}
 * on.
 */
@Internal
public enum TaskState {

	/** Accepted, or failed and to be tried again; nobody executes it. */
	WAITING,

	/** A task worker executes it, and it has no result yet. */
	RUNNING,

	/** Its handler has returned without a result, and somebody still hopes for one. */
	RETURNED,

	/** It has delivered a result. */
	FINISHED,

	/** Its handler has returned without a result, and nobody waits for one. */
	ENDED,

	/** It has thrown or exceeded its timeout, for good. */
	FAILED,

	/** It was cancelled. */
	CANCELLED,

	/** It was not started by its deadline. */
	EXPIRED,

	/** The server has stopped before it ended. */
	LOST;

	/**
	 * Whether the task has ended: this state is its last one.
	 * @return {@code true} if so
	 */
	public boolean isSettled() {
		return ordinal() >= FINISHED.ordinal();
	}

	/**
	 * Whether further results of a plain task are still delivered.
	 * @return {@code true} if so
	 */
	public boolean takesResults() {
		return ordinal() <= ENDED.ordinal();
	}

}
