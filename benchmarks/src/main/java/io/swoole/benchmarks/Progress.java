package io.swoole.benchmarks;

import java.util.concurrent.TimeUnit;

/**
 * Tells which step of many comes next, and about how long all that are left will take.
 */
final class Progress {

	private final long start = System.nanoTime();

	private final int steps;

	private final int expectedSeconds;

	private int done;

	/**
	 * Begins with the first step.
	 * @param steps how many steps there are
	 * @param expectedSeconds how long a step takes, as long as none has been taken
	 */
	Progress(int steps, int expectedSeconds) {
		this.steps = steps;
		this.expectedSeconds = expectedSeconds;
	}

	String next(String name) {
		long passed = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - this.start);
		double each = (this.done == 0) ? this.expectedSeconds : (double) passed / this.done;
		double left = each * (this.steps - this.done);
		this.done++;
		return "%d of %d (%.0f min left): %s".formatted(this.done, this.steps, Math.ceil(left / 60), name);
	}

}
