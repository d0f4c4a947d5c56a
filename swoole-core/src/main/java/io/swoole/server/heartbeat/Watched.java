package io.swoole.server.heartbeat;

import io.swoole.server.Internal;

/**
 * Something that may not stay for ever. Accessed on the event loop of its {@link Sweep}
 * only.
 */
@Internal
public abstract class Watched {

	static final int NOWHERE = -1;

	private final Sweep sweep;

	/** Where it is in the list of its sweep. */
	int index = NOWHERE;

	/**
	 * Creates something that is not watched yet.
	 * @param sweep will watch it
	 */
	protected Watched(Sweep sweep) {
		this.sweep = sweep;
	}

	/**
	 * Is watched from now on.
	 */
	public final void begin() {
		this.sweep.add(this);
	}

	/**
	 * Is watched no longer.
	 */
	public final void end() {
		this.sweep.remove(this);
	}

	/**
	 * Looks whether the time is up, and acts if it is.
	 * @param now the time in milliseconds
	 * @param floor a time in milliseconds; what happened before counts as if it had
	 * happened then
	 */
	protected abstract void check(long now, long floor);

}
