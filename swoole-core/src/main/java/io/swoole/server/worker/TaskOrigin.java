package io.swoole.server.worker;

import io.swoole.server.Internal;

/**
 * On whose behalf a task was posted. Is told of every task from acceptance to settlement,
 * in whatever thread that happens.
 */
@Internal
public interface TaskOrigin {

	/**
	 * A task is about to be accepted.
	 */
	void taskOpened();

	/**
	 * A task has been settled, and the callback of its result has returned.
	 */
	void taskSettled();

}
