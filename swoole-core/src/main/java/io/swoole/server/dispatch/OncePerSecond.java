package io.swoole.server.dispatch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets a warning that a client can provoke through once per second.
 */
final class OncePerSecond {

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final AtomicLong next = new AtomicLong(System.nanoTime());

	boolean tryAcquire() {
		long due = this.next.get();
		long now = System.nanoTime();
		return now - due >= 0 && this.next.compareAndSet(due, now + SECOND);
	}

}
