package io.swoole.server.logging;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Warns at most once per second of what clients can make happen as often as they like. A
 * warning tells how many were left out since the one before. May be used from any thread.
 */
@Internal
public final class LimitedLog {

	private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

	private final Logger logger;

	private final LongAdder leftOut = new LongAdder();

	private final AtomicLong next = new AtomicLong(System.nanoTime());

	/**
	 * Creates a log that has not warned yet.
	 * @param logger where the warnings go
	 */
	public LimitedLog(Logger logger) {
		this.logger = logger;
	}

	/**
	 * Warns, or counts.
	 * @param format the message
	 * @param arguments what it is about
	 */
	public void warn(String format, @Nullable Object... arguments) {
		long due = this.next.get();
		long now = System.nanoTime();
		if (now - due < 0 || !this.next.compareAndSet(due, now + PAUSE)) {
			this.leftOut.increment();
			return;
		}
		long before = this.leftOut.sumThenReset();
		if (before == 0) {
			this.logger.warn(format, arguments);
		}
		else {
			@Nullable Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
			all[arguments.length] = before;
			this.logger.warn(format + " ({} more of these were not logged)", all);
		}
	}

}
