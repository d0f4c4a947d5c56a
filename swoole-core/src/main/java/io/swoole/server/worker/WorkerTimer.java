package io.swoole.server.worker;

import io.swoole.server.Internal;

/**
 * A timer of one worker.
 */
@Internal
public abstract class WorkerTimer {

	private final long id;

	private final long periodNanos;

	private final boolean repeating;

	private volatile boolean cleared;

	/** When it runs next; accessed by its worker only. */
	private long due;

	/**
	 * Creates a timer that does not run yet.
	 * @param id its id
	 * @param due when it runs first, by the clock of its worker
	 * @param periodNanos the time between two runs
	 * @param repeating whether it runs more than once
	 */
	protected WorkerTimer(long id, long due, long periodNanos, boolean repeating) {
		this.id = id;
		this.due = due;
		this.periodNanos = periodNanos;
		this.repeating = repeating;
	}

	/**
	 * Does what it is for; called in its worker, must not throw.
	 */
	protected abstract void run();

	/**
	 * It will not run again after this time, or not at all; called in its worker, but not
	 * for a timer that has been cleared.
	 */
	protected abstract void ended();

	/**
	 * It shall not run again; from any thread.
	 */
	public final void clear() {
		this.cleared = true;
	}

	final boolean isCleared() {
		return this.cleared;
	}

	final boolean isRepeating() {
		return this.repeating;
	}

	final long id() {
		return this.id;
	}

	final long due() {
		return this.due;
	}

	/** Moves to the next time after now, without making up for missed ones. */
	final void advance(long now) {
		long missed = Math.max(0, now - this.due) / this.periodNanos;
		this.due += (missed + 1) * this.periodNanos;
	}

	@Override
	public String toString() {
		return "Timer[id=" + this.id + "]";
	}

}
