package io.swoole.task.timer;

import io.swoole.server.Internal;

/**
 * Something that happens at a certain time, once per {@link Timers#schedule}.
 */
@Internal
public abstract class Timer {

	/** Not in the heap. */
	static final int NOWHERE = -1;

	// both guarded by the lock of the timers

	int index = NOWHERE;

	long due;

	/**
	 * The time has come. Runs in the thread of the timers, so it must be short and must
	 * not call application code.
	 */
	protected abstract void fire();

}
