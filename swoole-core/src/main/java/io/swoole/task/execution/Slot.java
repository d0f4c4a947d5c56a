package io.swoole.task.execution;

import io.swoole.server.worker.WorkerContext;

/**
 * What of a task worker an attempt to execute a task occupies.
 */
interface Slot {

	/** Nothing: the attempt has never begun. */
	Slot NONE = new Slot() {
	};

	/** An attempt begins; in its thread. */
	default void begin(RunningTask attempt, WorkerContext context) {
	}

	/** An attempt is over; the next may begin. */
	default void end(RunningTask attempt) {
	}

	/** An attempt is to be over but goes on. */
	default void giveUp(RunningTask attempt) {
	}

}
