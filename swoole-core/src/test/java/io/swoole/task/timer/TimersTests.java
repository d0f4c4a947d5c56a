package io.swoole.task.timer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Timers} and {@link TimerThread}. The time begins shortly before the
 * number of nanoseconds overflows.
 */
class TimersTests {

	private final VirtualTime time = new VirtualTime();

	private final List<String> fired = new ArrayList<>();

	@Test
	void whenTimePassesThenTimersFireInTheirOrderEachOnce() {
		schedule("c", 30);
		schedule("a", 10);
		schedule("b", 20);
		this.time.advance(Duration.ofNanos(9));
		assertThat(this.fired).isEmpty();
		this.time.advance(Duration.ofNanos(1));
		assertThat(this.fired).containsExactly("a");
		this.time.advance(Duration.ofSeconds(10));
		assertThat(this.fired).containsExactly("a", "b", "c");
		assertThat(this.time.timers().size()).isZero();
		assertThat(this.time.timers().runDue()).isEqualTo(Timers.NEVER);
	}

	@Test
	void whenTimerIsCancelledThenItDoesNotFire() {
		Timer timer = schedule("a", 10);
		assertThat(this.time.timers().remaining(timer)).isEqualTo(10);
		assertThat(this.time.timers().cancel(timer)).isTrue();
		assertThat(this.time.timers().cancel(timer)).isFalse();
		assertThat(this.time.timers().remaining(timer)).isZero();
		this.time.advance(Duration.ofSeconds(1));
		assertThat(this.fired).isEmpty();
	}

	@Test
	void whenTimerIsScheduledAgainThenOnlyTheLastTimeCounts() {
		Timer timer = schedule("a", 10);
		this.time.timers().schedule(timer, 50);
		this.time.advance(Duration.ofNanos(49));
		assertThat(this.fired).isEmpty();
		this.time.advance(Duration.ofNanos(1));
		this.time.timers().schedule(timer, 5);
		this.time.advance(Duration.ofNanos(5));
		assertThat(this.fired).containsExactly("a", "a");
	}

	@Test
	void whenTimerThrowsThenTheOthersStillFire() {
		this.time.timers().schedule(new Timer() {
			@Override
			protected void fire() {
				throw new IllegalStateException("test");
			}
		}, 1);
		schedule("a", 1);
		this.time.advance(Duration.ofNanos(1));
		assertThat(this.fired).containsExactly("a");
	}

	@Test
	void whenDelayIsEndlessOrNegativeThenItIsNeverOrAtOnce() {
		schedule("never", Long.MAX_VALUE);
		schedule("at once", -5);
		this.time.advance(Duration.ofDays(10_000));
		assertThat(this.fired).containsExactly("at once");
	}

	@Test
	void whenThousandsComeAndGoThenOrderHolds() {
		Random random = new Random(42);
		List<Due> expected = new ArrayList<>();
		List<Due> all = new ArrayList<>();
		List<Long> order = new ArrayList<>();
		for (int i = 0; i < 5000; i++) {
			Due timer = new Due(random.nextInt(100_000), order);
			all.add(timer);
			this.time.timers().schedule(timer, timer.delay);
		}
		for (Due timer : all) {
			if (random.nextBoolean()) {
				assertThat(this.time.timers().cancel(timer)).isTrue();
			}
			else {
				expected.add(timer);
			}
		}
		this.time.advance(Duration.ofNanos(100_000));
		expected.sort(Comparator.comparingLong((timer) -> timer.delay));
		assertThat(order).isEqualTo(expected.stream().map((timer) -> timer.delay).toList());
	}

	@Test
	void whenThreadRunsTimersThenAnEarlierOneWakesIt() throws Exception {
		Timers timers = new Timers(Ticker.SYSTEM);
		TimerThread thread = new TimerThread(timers, "swoole-test-timer");
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).doesNotContain("swoole-test-timer");
		CountDownLatch early = new CountDownLatch(1);
		timers.schedule(new Due(0, new ArrayList<>()), TimeUnit.HOURS.toNanos(1));
		timers.schedule(new Timer() {
			@Override
			protected void fire() {
				early.countDown();
			}
		}, 1);
		assertThat(early.await(20, TimeUnit.SECONDS)).isTrue();
		thread.stop();
		thread.join(20_000);
		timers.schedule(new Due(0, new ArrayList<>()), 1);
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).doesNotContain("swoole-test-timer");
	}

	private Timer schedule(String name, long delay) {
		Timer timer = new Timer() {
			@Override
			protected void fire() {
				TimersTests.this.fired.add(name);
			}
		};
		this.time.timers().schedule(timer, delay);
		return timer;
	}

	private static final class Due extends Timer {

		private final long delay;

		private final List<Long> fired;

		Due(long delay, List<Long> fired) {
			this.delay = delay;
			this.fired = fired;
		}

		@Override
		protected void fire() {
			this.fired.add(this.delay);
		}

	}

}
