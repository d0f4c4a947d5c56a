package io.swoole.task.timer;

import io.swoole.server.Internal;

/**
 * What time it is. Tests bring their own.
 */
@Internal
public interface Ticker {

	/** The time of the machine. */
	Ticker SYSTEM = new Ticker() {

		@Override
		public long nanoTime() {
			return System.nanoTime();
		}

		@Override
		public long currentTimeMillis() {
			return System.currentTimeMillis();
		}

	};

	/**
	 * A time that never jumps.
	 * @return nanoseconds since some moment
	 */
	long nanoTime();

	/**
	 * The time of the calendar.
	 * @return milliseconds since 1970
	 */
	long currentTimeMillis();

}
