package io.swoole.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a callback does that does not end before it is released, however often it is
 * interrupted.
 */
final class StubbornCallback {

	private static final int SECONDS = 20;

	private final Semaphore entered = new Semaphore(0);

	private final CountDownLatch release = new CountDownLatch(1);

	private final AtomicInteger interrupts = new AtomicInteger();

	/** Hangs; several threads may. */
	void run() {
		this.entered.release();
		while (true) {
			try {
				this.release.await();
				return;
			}
			catch (InterruptedException ex) {
				this.interrupts.incrementAndGet();
			}
		}
	}

	/** Waits until a number of threads hang. */
	void awaitEntered(int threads) throws InterruptedException {
		assertThat(this.entered.tryAcquire(threads, SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	int interrupts() {
		return this.interrupts.get();
	}

	void release() {
		this.release.countDown();
	}

}
