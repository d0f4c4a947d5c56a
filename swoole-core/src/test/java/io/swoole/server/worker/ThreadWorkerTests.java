package io.swoole.server.worker;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ThreadWorker}: WORK-13, TIMER-01.
 */
class ThreadWorkerTests {

	private static final int SECONDS = 20;

	private final ThreadWorker worker = new ThreadWorker(this, 0);

	/** A thread that comes back late leaves the timers of its successor alone. */
	@Test
	void whenAbandonedThreadComesBackThenOnlyTheSuccessorRunsTimers() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch comeBack = new CountDownLatch(1);
		Thread[] old = new Thread[1];
		// a busy worker looks at its timers after the 16th event
		for (int i = 0; i < 15; i++) {
			this.worker.post(Event.of(() -> {
			}));
		}
		this.worker.post(Event.of(() -> {
			old[0] = Thread.currentThread();
			this.worker.context().busy(true);
			entered.countDown();
			awaitUninterruptibly(comeBack);
		}));
		assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		List<Thread> ranIn = new CopyOnWriteArrayList<>();
		CountDownLatch threeTicks = new CountDownLatch(3);
		CountDownLatch added = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		assertThat(this.worker.replace(this.worker.context().progress(), Event.of(() -> {
			this.worker.timers().add(tick(() -> {
				ranIn.add(Thread.currentThread());
				threeTicks.countDown();
			}));
			added.countDown();
			awaitUninterruptibly(goOn);
		}))).isTrue();
		assertThat(added.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		comeBack.countDown();
		old[0].join(TimeUnit.SECONDS.toMillis(SECONDS));
		assertThat(old[0].isAlive()).isFalse();
		goOn.countDown();
		assertThat(threeTicks.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		assertThat(ranIn).doesNotContain(old[0]);
		this.worker.stop();
		assertThat(this.worker.join(TimeUnit.SECONDS.toNanos(SECONDS))).isTrue();
	}

	private static WorkerTimer tick(Runnable code) {
		return new WorkerTimer(1, System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(1), true) {
			@Override
			protected void run() {
				code.run();
			}

			@Override
			protected void ended() {
			}
		};
	}

	/** Being given up comes with an interrupt. */
	private static void awaitUninterruptibly(CountDownLatch latch) {
		while (true) {
			try {
				latch.await();
				return;
			}
			catch (InterruptedException ex) {
				// that does not end it
			}
		}
	}

}
