package io.swoole.server.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerTimers} with a clock that stands still: TIMER-01, TIMER-02,
 * TIMER-03, TIMER-07.
 */
class WorkerTimersTests {

	private final List<String> runs = new ArrayList<>();

	private final List<Long> ended = new ArrayList<>();

	private long millis;

	private int changes;

	private final WorkerTimers timers = new WorkerTimers(() -> TimeUnit.MILLISECONDS.toNanos(this.millis),
			() -> this.changes++);

	private final WorkerContext context = new WorkerContext(this, 0, null);

	private WorkerTimer add(long id, long periodMillis, boolean repeating, Runnable code) {
		long nanos = TimeUnit.MILLISECONDS.toNanos(periodMillis);
		WorkerTimer timer = new WorkerTimer(id, TimeUnit.MILLISECONDS.toNanos(this.millis) + nanos, nanos, repeating) {
			@Override
			protected void run() {
				WorkerTimersTests.this.runs.add(id + "@" + WorkerTimersTests.this.millis);
				code.run();
			}

			@Override
			protected void ended() {
				WorkerTimersTests.this.ended.add(id);
			}
		};
		this.timers.add(timer);
		return timer;
	}

	private void at(long millis) {
		this.millis = millis;
		this.timers.runDue(this.context);
	}

	/** TIMER-01. */
	@Test
	void whenTimeComesThenTimersRunInItsOrder() {
		add(1, 30, false, () -> {
		});
		add(2, 10, true, () -> {
		});
		add(3, 10, false, () -> {
		});
		assertThat(this.timers.nanosToNext()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
		at(9);
		assertThat(this.runs).isEmpty();
		at(10);
		assertThat(this.runs).containsExactly("2@10", "3@10");
		at(19);
		at(20);
		at(30);
		assertThat(this.runs).containsExactly("2@10", "3@10", "2@20", "1@30", "2@30");
		assertThat(this.ended).containsExactly(3L, 1L);
		assertThat(this.timers.size()).isEqualTo(1);
		assertThat(this.timers.oneShots()).isZero();
		assertThat(this.changes).isEqualTo(3);
	}

	/** TIMER-03. */
	@Test
	void whenRunsAreMissedThenTheyAreNotMadeUpFor() {
		add(1, 10, true, () -> {
			if (this.millis == 10) {
				this.millis = 47;
			}
		});
		at(10);
		at(48);
		at(49);
		assertThat(this.runs).containsExactly("1@10");
		at(50);
		at(95);
		at(99);
		at(100);
		assertThat(this.runs).containsExactly("1@10", "1@50", "1@95", "1@100");
	}

	/** TIMER-02. */
	@Test
	void whenClearedInItsOwnRunThenItRunsNoMore() {
		WorkerTimer[] own = new WorkerTimer[1];
		own[0] = add(1, 10, true, () -> {
			own[0].clear();
			this.timers.remove(own[0]);
		});
		WorkerTimer other = add(2, 10, true, () -> {
		});
		at(10);
		other.clear();
		this.timers.remove(other);
		at(20);
		assertThat(this.runs).containsExactly("1@10", "2@10");
		assertThat(this.timers.size()).isZero();
		assertThat(this.timers.nanosToNext()).isEqualTo(WorkerTimers.NEVER);
	}

	/** TIMER-02: cleared by another thread, which takes it out later. */
	@Test
	void whenClearedFromOutsideThenItDoesNotRun() {
		WorkerTimer once = add(1, 10, false, () -> {
		});
		WorkerTimer again = add(2, 10, true, () -> {
		});
		once.clear();
		again.clear();
		at(10);
		this.timers.remove(once);
		this.timers.remove(again);
		assertThat(this.runs).isEmpty();
		assertThat(this.timers.size()).isZero();
		assertThat(this.timers.oneShots()).isZero();
	}

	/** TIMER-07. */
	@Test
	void whenTimerIsAddedInARunThenItWaitsForTheNextRound() {
		add(1, 10, false, () -> {
			this.millis = 15;
			add(2, 1, false, () -> {
			});
		});
		at(10);
		assertThat(this.runs).containsExactly("1@10");
		at(16);
		assertThat(this.runs).containsExactly("1@10", "2@16");
	}

	/** TIMER-05. */
	@Test
	void whenClosedThenAllEndAndNoneIsTakenUntilReopened() {
		add(1, 10, false, () -> {
		});
		add(2, 10, true, () -> {
		});
		this.timers.close();
		assertThat(this.ended).containsExactly(1L, 2L);
		assertThat(this.timers.isOpen()).isFalse();
		add(3, 10, true, () -> {
		});
		assertThat(this.ended).containsExactly(1L, 2L, 3L);
		at(100);
		assertThat(this.runs).isEmpty();
		this.timers.open();
		add(4, 10, true, () -> {
		});
		at(110);
		assertThat(this.runs).containsExactly("4@110");
	}

	@Test
	void whenTimerThrowsThenTheOthersRun() {
		add(1, 10, true, () -> {
			throw new IllegalStateException("a bug of the engine");
		});
		add(2, 10, true, () -> {
		});
		at(10);
		at(20);
		assertThat(this.runs).containsExactly("1@10", "2@10", "1@20", "2@20");
	}

	@Test
	void whenThreadIsGivenUpInARunThenItTouchesNothingMore() {
		this.context.busy(true);
		add(1, 10, true, () -> this.context.abandon());
		add(2, 10, true, () -> {
		});
		at(10);
		this.timers.close();
		assertThat(this.runs).containsExactly("1@10");
		assertThat(this.ended).containsExactlyInAnyOrder(1L, 2L);
	}

	@Test
	void whenClockOverflowsThenOrderHolds() {
		this.millis = TimeUnit.NANOSECONDS.toMillis(Long.MAX_VALUE) - 5;
		add(1, 20, false, () -> {
		});
		add(2, 2, false, () -> {
		});
		at(this.millis + 3);
		assertThat(this.runs).hasSize(1).first().asString().startsWith("2@");
	}

}
