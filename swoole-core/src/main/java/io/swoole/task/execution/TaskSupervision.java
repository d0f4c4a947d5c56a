package io.swoole.task.execution;

import io.swoole.server.Internal;

/**
 * Looks after task workers: lets them begin anew, or go on with another thread. Both
 * methods may be called from any thread and return at once.
 */
@Internal
public interface TaskSupervision {

	/**
	 * A worker has executed as many tasks as it should.
	 * @param taskWorker the index of the task worker
	 */
	void restart(int taskWorker);

	/**
	 * A worker was to end its task and has not.
	 * @param taskWorker the index of the task worker
	 */
	void giveUp(int taskWorker);

}
