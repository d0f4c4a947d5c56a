package io.swoole.task.queue;

import java.time.Duration;
import java.time.Instant;

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
	 * The time that is left, however far the end is away.
	 * @param end when it is over
	 * @param nowMillis what time it is, in milliseconds since 1970
	 * @return the number of nanoseconds, 0 if it is over
	 */
	public static long until(Instant end, long nowMillis) {
		Duration left = Duration.between(Instant.ofEpochMilli(nowMillis), end);
		return left.isNegative() ? 0 : of(left);
	}

}
