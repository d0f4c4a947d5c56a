package io.swoole.task.queue;

import java.time.Duration;

import io.swoole.server.Internal;

/**
 * Times in nanoseconds that never overflow: what is longer than 146 years is 146 years.
 */
@Internal
public final class Nanos {

	private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

	private Nanos() {
	}

	/**
	 * A time in nanoseconds.
	 * @param time the time
	 * @return the number of nanoseconds
	 */
	public static long of(Duration time) {
		return (time.compareTo(LONGEST) < 0) ? time.toNanos() : LONGEST.toNanos();
	}

	/**
	 * A time in nanoseconds.
	 * @param millis the time in milliseconds, negative for none
	 * @return the number of nanoseconds
	 */
	public static long ofMillis(long millis) {
		return of(Duration.ofMillis(Math.max(0, millis)));
	}

}
