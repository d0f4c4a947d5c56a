package io.swoole.task.execution;

import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.queue.TaskExecution;

/**
 * What of a task worker an attempt to execute a task occupies. All that is known about an
 * attempt which is to end by itself and has a {@link PostedTask} to begin with.
 */
interface Slot extends TaskExecution {

	/** Nothing: the attempt has never begun. */
	Slot NONE = new Slot() {
	};

	/**
	 * An attempt begins; in its thread.
	 * @param attempt what the application has got of it
	 * @param context the context of the thread
	 */
	default void begin(Task attempt, WorkerContext context) {
	}

	/**
	 * An attempt is over; the next may begin.
	 * @param attempt what the application has got of it
	 * @param detached whether its handler has returned long since
	 */
	default void end(Task attempt, boolean detached) {
	}

	/** An attempt is to be over but goes on. */
	default void giveUp(RunningTask attempt) {
	}

}
