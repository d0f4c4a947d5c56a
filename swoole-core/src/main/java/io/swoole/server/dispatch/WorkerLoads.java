package io.swoole.server.dispatch;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How many packets each worker has in its queue or in hand. Kept only for the dispatch
 * modes that ask.
 */
final class WorkerLoads {

	/** Counters of different workers share no cache line. */
	private static final int STRIDE = 32;

	private final int size;

	private final AtomicIntegerArray loads;

	private final AtomicInteger turn = new AtomicInteger();

	WorkerLoads(int size) {
		this.size = size;
		this.loads = new AtomicIntegerArray(size * STRIDE);
	}

	void begin(int worker) {
		this.loads.incrementAndGet(worker * STRIDE);
	}

	void end(int worker) {
		this.loads.decrementAndGet(worker * STRIDE);
	}

	/** The worker with the least to do; equals take turns. */
	int least() {
		int first = Math.floorMod(this.turn.getAndIncrement(), this.size);
		int best = first;
		int least = this.loads.get(first * STRIDE);
		for (int i = 1; i < this.size && least > 0; i++) {
			int worker = (first + i) % this.size;
			int load = this.loads.get(worker * STRIDE);
			if (load < least) {
				best = worker;
				least = load;
			}
		}
		return best;
	}

}
