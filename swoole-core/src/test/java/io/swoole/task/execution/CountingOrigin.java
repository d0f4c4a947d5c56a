package io.swoole.task.execution;

import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.worker.TaskOrigin;

/**
 * A connection that counts what it is told about the tasks posted for it.
 */
final class CountingOrigin implements TaskOrigin {

	private final AtomicInteger opened = new AtomicInteger();

	private final AtomicInteger settled = new AtomicInteger();

	@Override
	public void taskOpened() {
		this.opened.incrementAndGet();
	}

	@Override
	public void taskSettled() {
		this.settled.incrementAndGet();
	}

	int opened() {
		return this.opened.get();
	}

	/** How many tasks it has to wait for before it may be closed. */
	int open() {
		return this.opened.get() - this.settled.get();
	}

}
