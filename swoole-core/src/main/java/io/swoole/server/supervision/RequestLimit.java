package io.swoole.server.supervision;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.Internal;

/**
 * Counts what a worker has handled since it began, up to a limit that lies a little
 * further by chance.
 */
@Internal
public final class RequestLimit {

	private final int limit;

	private final int grace;

	private final AtomicLong left = new AtomicLong();

	/**
	 * Creates a limit.
	 * @param limit the lowest number
	 * @param grace how much more it may be; 0: nothing
	 */
	public RequestLimit(int limit, int grace) {
		this.limit = limit;
		this.grace = grace;
		reset();
	}

	/** The worker begins anew. */
	void reset() {
		this.left.set(this.limit + ((this.grace > 0) ? ThreadLocalRandom.current().nextLong(this.grace) + 1 : 0));
	}

	/**
	 * The worker has handled one; {@code true} if it was the last, or another one more:
	 * nothing may have come of it before.
	 */
	boolean isReached() {
		return this.left.decrementAndGet() <= 0;
	}

}
