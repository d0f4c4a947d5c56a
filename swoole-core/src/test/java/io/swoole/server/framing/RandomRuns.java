package io.swoole.server.framing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Runs a test many times, each time with random numbers of its own. The seed that makes a
 * run fail is part of the failure; the system property {@code swoole.fuzz.seed} runs it
 * again.
 */
final class RandomRuns {

	private static final String SEED = "swoole.fuzz.seed";

	private final int count;

	private RandomRuns(int count) {
		this.count = count;
	}

	static RandomRuns of(int count) {
		return new RandomRuns((Long.getLong(SEED) != null) ? 1 : count);
	}

	void run(FramingMode mode, Consumer<Random> test) {
		long first = Long.getLong(SEED, System.nanoTime());
		for (long seed = first; seed < first + this.count; seed++) {
			try {
				test.accept(new Random(seed));
			}
			catch (Throwable ex) {
				throw new AssertionError("%s fails with -D%s=%d".formatted(mode, SEED, seed), ex);
			}
		}
	}

	/** Cuts a stream at random places. */
	static List<byte[]> segments(Random random, byte[] stream) {
		int largest = switch (random.nextInt(4)) {
			case 0 -> 1;
			case 1 -> 8;
			case 2 -> 100;
			default -> Math.max(1, stream.length);
		};
		List<byte[]> segments = new ArrayList<>();
		for (int at = 0; at < stream.length;) {
			int end = Math.min(stream.length, at + 1 + random.nextInt(largest));
			segments.add(Arrays.copyOfRange(stream, at, end));
			at = end;
		}
		return segments;
	}

}
