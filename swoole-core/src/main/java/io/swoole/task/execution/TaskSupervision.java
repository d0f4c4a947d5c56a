package io.swoole.task.execution;

import java.util.function.BooleanSupplier;

import io.swoole.server.Internal;

/**
 * Looks after task workers: lets them begin anew, or go on with another thread. All
 * methods may be called from any thread and return at once.
 */
@Internal
public interface TaskSupervision {

	/**
	 * A worker has executed a task.
	 * @param taskWorker the index of the task worker
	 */
	void handled(int taskWorker);

	/**
	 * A worker was to end its task and has not.
	 * @param taskWorker the index of the task worker
	 * @param atIt tells whether it is still at that task; from any thread
	 */
	void giveUp(int taskWorker, BooleanSupplier atIt);

	/**
	 * A virtual thread was to end its task and has not.
	 * @param thread the thread
	 * @return {@code false} if too many threads have been given up already
	 */
	boolean giveUp(Thread thread);

}
