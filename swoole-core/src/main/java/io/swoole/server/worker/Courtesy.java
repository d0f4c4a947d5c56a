package io.swoole.server.worker;

import java.util.function.LongSupplier;

import io.swoole.server.Internal;

/**
 * Lets other threads run before a thread goes to sleep. Often they bring just what it
 * would wait for, and it need not sleep and be woken up.
 * <p>
 * A thread that gives its processor away to one that computes gets it back only after
 * milliseconds. When that happens it is not courteous for a while, the longer the more
 * often it happens. Used by one thread.
 */
@Internal
public final class Courtesy {

	/** Who keeps the processor for longer, in nanoseconds, computes. */
	private static final long LONG = 2_000_000;

	/** How long the thread goes to sleep at once after one bad experience. */
	private static final long SHORTEST = 1_000_000;

	/** How long it does so at most. */
	private static final long LONGEST = 100_000_000;

	/** How many good experiences outweigh a bad one. */
	private static final int TRUST = 16;

	private final LongSupplier clock;

	private final Runnable yield;

	private long penalty = SHORTEST;

	private long resume;

	private int good = TRUST;

	/**
	 * Creates the courtesy of one thread.
	 */
	public Courtesy() {
		this(System::nanoTime, Thread::yield);
	}

	Courtesy(LongSupplier clock, Runnable yield) {
		this.clock = clock;
		this.yield = yield;
		this.resume = clock.getAsLong();
	}

	/**
	 * Lets others run once, unless that has proved to be expensive.
	 * @return {@code true} if they have run, so that it is worth looking again
	 */
	public boolean letOthersRun() {
		long begin = this.clock.getAsLong();
		if (begin - this.resume < 0) {
			return false;
		}
		this.yield.run();
		long end = this.clock.getAsLong();
		if (end - begin < LONG) {
			this.good = Math.min(this.good + 1, TRUST);
		}
		else {
			this.penalty = (this.good < TRUST) ? Math.min(4 * this.penalty, LONGEST) : SHORTEST;
			this.resume = end + this.penalty;
			this.good = 0;
		}
		return true;
	}

}
