package io.swoole.server.heartbeat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
