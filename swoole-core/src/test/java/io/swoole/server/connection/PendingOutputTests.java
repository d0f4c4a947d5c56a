package io.swoole.server.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import io.swoole.server.ListenerOptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PendingOutput}: BUF-01, BUF-06.
 */
class PendingOutputTests {

	private final BufferEvents events = new BufferEvents();

	private PendingOutput pending(long size, long high, long low) {
		ListenerOptions options = ListenerOptions.builder("main")
			.socketBufferSize(size)
			.bufferHighWatermark(high)
			.bufferLowWatermark(low)
			.build();
		return this.events.pending(options);
	}

	@Test
	void whenLimitIsReachedThenOnlyTheCrossingOneIsAccepted() {
		PendingOutput pending = pending(100, 0, 0);
		assertThat(pending.tryAdd(99)).isTrue();
		assertThat(pending.tryAdd(1000)).isTrue();
		assertThat(pending.tryAdd(1)).isFalse();
		pending.remove(1000);
		assertThat(pending.total()).isEqualTo(99);
		assertThat(pending.tryAdd(1)).isTrue();
		assertThat(pending.tryAdd(1)).isFalse();
	}

	@Test
	void whenLimitIsReachedOrConnectionHasEndedThenThereIsNoRoom() {
		PendingOutput pending = pending(100, 0, 0);
		assertThat(pending.hasRoom()).isTrue();
		pending.tryAdd(100);
		assertThat(pending.hasRoom()).isFalse();
		pending.remove(1);
		assertThat(pending.hasRoom()).isTrue();
		pending.end();
		assertThat(pending.hasRoom()).isFalse();
	}

	@Test
	void whenThereIsNoLimitThenEverythingIsAcceptedWithoutEvents() {
		PendingOutput pending = pending(0, 0, 0);
		for (int i = 0; i < 100; i++) {
			assertThat(pending.tryAdd(Integer.MAX_VALUE)).isTrue();
		}
		assertThat(this.events.list).isEmpty();
	}

	@Test
	void whenWatermarksAreCrossedThenEventsAlternate() {
		PendingOutput pending = pending(1000, 100, 10);
		pending.tryAdd(99);
		assertThat(this.events.list).isEmpty();
		pending.tryAdd(1);
		assertThat(this.events.list).containsExactly("full");
		pending.tryAdd(500);
		pending.remove(580);
		assertThat(this.events.list).containsExactly("full");
		pending.remove(10);
		assertThat(this.events.list).containsExactly("full", "empty");
		pending.remove(10);
		pending.tryAdd(50);
		pending.remove(50);
		assertThat(this.events.list).containsExactly("full", "empty");
		pending.tryAdd(100);
		assertThat(this.events.list).containsExactly("full", "empty", "full");
	}

	@Test
	void whenFilesWaitThenWatermarksCountThemAndLimitDoesNot() {
		PendingOutput pending = pending(100, 100, 0);
		assertThat(pending.tryAddFile(1_000_000)).isTrue();
		assertThat(pending.total()).isEqualTo(1_000_000);
		assertThat(this.events.list).containsExactly("full");
		assertThat(pending.tryAdd(50)).isTrue();
		assertThat(pending.tryAddFile(1)).isFalse();
		pending.removeFromFile(1_000_000);
		pending.removeFile();
		pending.remove(50);
		assertThat(pending.total()).isZero();
		assertThat(this.events.list).containsExactly("full", "empty");
		assertThat(pending.tryAddFile(1)).isTrue();
	}

	@Test
	void whenOneThreadRaisesAndAnotherLowersThenEventsAlternateAndTheLastOneIsRight() throws Exception {
		PendingOutput pending = pending(0, 100, 0);
		int rounds = 200_000;
		int threads = 2;
		CountDownLatch go = new CountDownLatch(1);
		List<Thread> raising = new ArrayList<>();
		for (int t = 0; t < threads; t++) {
			raising.add(new Thread(() -> {
				await(go);
				for (int i = 0; i < rounds; i++) {
					pending.tryAdd(60);
				}
			}));
		}
		Thread lowering = new Thread(() -> {
			await(go);
			long left = (long) threads * rounds * 60;
			while (left > 0) {
				long now = pending.total();
				if (now > 0) {
					pending.remove(now);
					left -= now;
				}
			}
		});
		raising.forEach(Thread::start);
		lowering.start();
		go.countDown();
		for (Thread thread : raising) {
			thread.join();
		}
		lowering.join();
		assertThat(pending.total()).isZero();
		List<String> seen = this.events.list;
		for (int i = 0; i < seen.size(); i++) {
			assertThat(seen.get(i)).isEqualTo((i % 2 == 0) ? "full" : "empty");
		}
		assertThat(seen.size() % 2).isZero();
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
