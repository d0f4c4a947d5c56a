package io.swoole.task.timer;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A time that stands still until a test moves it.
 */
public final class VirtualTime implements Ticker {

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);

	private final long begin = this.nanos.get();

	private final Timers timers = new Timers(this);

	/** The timers that go by this time. */
	public Timers timers() {
		return this.timers;
	}

	/** Moves the time and fires what is due meanwhile, each at its time. */
	public void advance(Duration time) {
		long end = this.nanos.get() + time.toNanos();
		long remaining = this.timers.runDue();
		while (remaining != Timers.NEVER && this.nanos.get() + remaining - end <= 0) {
			this.nanos.addAndGet(remaining);
			remaining = this.timers.runDue();
		}
		this.nanos.set(end);
		this.timers.runDue();
	}

	/**
	 * Moves the time to the next timer and fires what is due then. What begins in other
	 * threads because of that begins at exactly this time, however long they take:
	 * {@link #advance} may move on meanwhile.
	 * @return how long the timer has run from now on
	 */
	public Duration advanceToNext() {
		long remaining = this.timers.runDue();
		if (remaining == Timers.NEVER) {
			throw new IllegalStateException("No timer runs");
		}
		this.nanos.addAndGet(remaining);
		this.timers.runDue();
		return Duration.ofNanos(remaining);
	}

	/** The time of the calendar. */
	public Instant now() {
		return Instant.ofEpochMilli(currentTimeMillis());
	}

	@Override
	public long nanoTime() {
		return this.nanos.get();
	}

	@Override
	public long currentTimeMillis() {
		return 1_700_000_000_000L + (this.nanos.get() - this.begin) / 1_000_000;
	}

}
