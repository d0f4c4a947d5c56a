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
