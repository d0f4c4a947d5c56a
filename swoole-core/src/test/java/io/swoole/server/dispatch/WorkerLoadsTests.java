package io.swoole.server.dispatch;

import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerLoads} (DISP-07 to DISP-09).
 */
class WorkerLoadsTests {

	private final WorkerLoads loads = new WorkerLoads(3);

	@Test
	void whenWorkersAreEquallyBusyThenTheyTakeTurns() {
		Map<Integer, Integer> counts = new TreeMap<>();
		for (int i = 0; i < 30; i++) {
			counts.merge(this.loads.least(), 1, Integer::sum);
		}
		assertThat(counts).isEqualTo(Map.of(0, 10, 1, 10, 2, 10));
	}

	@Test
	void whenOneWorkerHasLeastThenItIsChosen() {
		this.loads.begin(0);
		this.loads.begin(0);
		this.loads.begin(1);
		this.loads.begin(2);
		this.loads.begin(2);
		for (int i = 0; i < 5; i++) {
			assertThat(this.loads.least()).isEqualTo(1);
		}
		this.loads.end(0);
		this.loads.end(0);
		for (int i = 0; i < 5; i++) {
			assertThat(this.loads.least()).isZero();
		}
	}

	@Test
	void whenThereIsOneWorkerThenItIsChosen() {
		WorkerLoads one = new WorkerLoads(1);
		assertThat(one.least()).isZero();
		one.begin(0);
		assertThat(one.least()).isZero();
	}

}
