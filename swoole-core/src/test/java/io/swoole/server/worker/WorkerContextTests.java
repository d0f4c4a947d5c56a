package io.swoole.server.worker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerContext}, of a callback whose thread is given up: WORK-06.
 */
class WorkerContextTests {

	private static final int ROUNDS = 5_000;

	/** The callback and who gives its thread up may want it at the same time. */
	@Test
	void whenTwoTakeThePlaceThenOneOfThemGetsIt() throws Exception {
		WorkerContext context = new WorkerContext(this, 0, null);
		CyclicBarrier begin = new CyclicBarrier(2, () -> context.place(true));
		CompletableFuture<Integer> other = new CompletableFuture<>();
		new Thread(() -> other.complete(takePlaces(context, begin))).start();
		int taken = takePlaces(context, begin);
		assertThat(taken + other.get(20, TimeUnit.SECONDS)).isEqualTo(ROUNDS);
		assertThat(context.takePlace()).isFalse();
	}

	private static int takePlaces(WorkerContext context, CyclicBarrier begin) {
		int taken = 0;
		for (int i = 0; i < ROUNDS; i++) {
			try {
				begin.await(20, TimeUnit.SECONDS);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
			taken += context.takePlace() ? 1 : 0;
		}
		return taken;
	}

}
