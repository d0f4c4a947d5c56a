package io.swoole.server.engine;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts what the application has put into the mailboxes of workers, so that nobody fills
 * that of a worker which does not come to it. From any thread.
 */
final class Backlog {

	/** How much may wait for one worker. */
	static final int LIMIT = 65_536;

	/**
	 * How much may wait for one worker when it adds something itself. It is far more: as
	 * long as a callback runs nothing can become less, so waiting would not help it.
	 */
	static final int OWN_LIMIT = 1_048_576;

	private final AtomicIntegerArray waiting;

	Backlog(int workers) {
		this.waiting = new AtomicIntegerArray(workers);
	}

	/**
	 * Something is about to wait for a worker.
	 * @param workerId the worker
	 * @param own whether it is the worker that adds it
	 * @return {@code false} if too much waits already
	 */
	boolean add(int workerId, boolean own) {
		if (this.waiting.incrementAndGet(workerId) > (own ? OWN_LIMIT : LIMIT)) {
			remove(workerId);
			return false;
		}
		return true;
	}

	/** The worker has come to something. */
	void remove(int workerId) {
		this.waiting.decrementAndGet(workerId);
	}

}
