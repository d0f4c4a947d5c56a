package io.swoole.server.heartbeat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.swoole.server.ServerOptions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Sweep}.
 */
class SweepTests {

	private final EventLoop loop = new DefaultEventLoop();

	private final Heartbeat heartbeat = new Heartbeat(
			ServerOptions.builder().heartbeatCheckInterval(Duration.ofMillis(20)).build());

	private final Sweep sweep = new Sweep(this.loop, this.heartbeat);

	@AfterEach
	void stop() {
		this.loop.shutdownGracefully();
	}

	@Test
	void whenManyAreWatchedThenEachIsLookedAtUntilItEnds() throws Exception {
		List<Entry> entries = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			entries.add(new Entry(this.sweep, 1 + i % 3));
		}
		this.loop.submit(() -> entries.forEach(Watched::begin)).get();
		Awaitility.await().until(() -> this.loop.submit(() -> entries.stream().allMatch(Entry::isDone)).get());
		assertThat(this.loop.submit(() -> {
			Set<Integer> looks = new HashSet<>();
			entries.forEach((entry) -> looks.add(entry.looks - entry.most));
			return looks;
		}).get()).as("looks beyond the end").containsExactly(0);
	}

	@Test
	void whenNothingIsLeftThenTimerStopsAndStartsAgainWithTheNext() throws Exception {
		Entry first = new Entry(this.sweep, 1);
		this.loop.submit(first::begin).get();
		Awaitility.await().until(() -> this.loop.submit(first::isDone).get());
		Entry second = new Entry(this.sweep, 2);
		this.loop.submit(second::begin).get();
		Awaitility.await().until(() -> this.loop.submit(second::isDone).get());
	}

	@Test
	void whenOthersEndDuringTheSweepThenNothingIsMissed() throws Exception {
		List<Entry> entries = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			entries.add(new Entry(this.sweep, 1));
		}
		Watched killer = new Watched(this.sweep) {
			@Override
			protected void check(long now, long floor) {
				entries.subList(0, 50).forEach(Watched::end);
				end();
			}
		};
		this.loop.submit(() -> {
			entries.forEach(Watched::begin);
			killer.begin();
			killer.begin();
		}).get();
		Awaitility.await()
			.until(() -> this.loop.submit(() -> entries.subList(50, 100).stream().allMatch(Entry::isDone)).get());
		assertThat(entries.subList(0, 50)).noneMatch(Entry::isDone);
	}

	/** Nobody has been silent for an hour because the clock was put forward by one. */
	@Test
	void whenSystemClockIsPutForwardThenTimeBeginsAnew() throws Exception {
		AtomicLong ahead = new AtomicLong();
		Sweep jumping = new Sweep(this.loop, this.heartbeat, () -> System.currentTimeMillis() + ahead.get());
		List<Long> silence = new CopyOnWriteArrayList<>();
		long spoken = System.currentTimeMillis();
		Watched client = new Watched(jumping) {
			@Override
			protected void check(long now, long floor) {
				silence.add(now - Math.max(floor, spoken));
			}
		};
		this.loop.submit(client::begin).get();
		Awaitility.await().until(() -> silence.size() > 3);
		ahead.set(TimeUnit.HOURS.toMillis(1));
		int before = silence.size();
		Awaitility.await().until(() -> silence.size() > before + 3);
		assertThat(silence).allMatch((millis) -> millis < TimeUnit.MINUTES.toMillis(10));
		assertThat(this.heartbeat.floorMillis()).isPositive();
		this.loop.submit(client::end).get();
	}

	/** One failure must not end the timer of all. */
	@Test
	void whenSomethingFailsThenOthersAreStillWatched() throws Exception {
		Watched failing = new Watched(this.sweep) {
			@Override
			protected void check(long now, long floor) {
				throw new IllegalStateException("expected");
			}
		};
		Entry other = new Entry(this.sweep, 3);
		this.loop.submit(() -> {
			other.begin();
			failing.begin();
		}).get();
		Awaitility.await().until(() -> this.loop.submit(other::isDone).get());
		this.loop.submit(failing::end).get();
	}

	private static final class Entry extends Watched {

		private final int most;

		private int looks;

		Entry(Sweep sweep, int most) {
			super(sweep);
			this.most = most;
		}

		@Override
		protected void check(long now, long floor) {
			if (++this.looks == this.most) {
				end();
			}
		}

		boolean isDone() {
			return this.looks >= this.most;
		}

	}

}
