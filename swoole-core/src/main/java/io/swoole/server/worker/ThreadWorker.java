package io.swoole.server.worker;

import java.util.concurrent.locks.LockSupport;

import io.swoole.server.Internal;

/**
 * A worker of mode {@code process}: a thread beside the event loops. It may block without
 * stopping reads and writes.
 */
@Internal
public final class ThreadWorker extends WorkerThread implements Worker {

	/** A busy worker looks at its timers once in so many events. */
	private static final int LOOK_AT_TIMERS = 15;

	private final Object server;

	private volatile boolean parked;

	private volatile boolean stopped;

	/**
	 * Creates a worker and starts its thread.
	 * @param server the server it belongs to
	 * @param id its id
	 */
	public ThreadWorker(Object server, int id) {
		super(id, "swoole-worker-" + id);
		this.server = server;
		startThread();
	}

	@Override
	protected WorkerContext newContext() {
		return new WorkerContext(this.server, id(), this);
	}

	/**
	 * Ends the thread after the events posted so far.
	 */
	public void stop() {
		post(Event.of(() -> this.stopped = true));
	}

	@Override
	protected void work(WorkerContext context) {
		int count = 0;
		while (!this.stopped && !context.isAbandoned()) {
			boolean idle = !runNext();
			if (idle || (++count & LOOK_AT_TIMERS) == 0) {
				runTimers(context);
			}
			if (idle && !context.isAbandoned()) {
				park();
			}
		}
	}

	@Override
	protected void posted() {
		if (this.parked) {
			this.parked = false;
			unpark();
		}
	}

	private void park() {
		this.parked = true;
		if (isIdle()) {
			long nanos = nanosToTimer();
			if (nanos == Long.MAX_VALUE) {
				LockSupport.park(this);
			}
			else {
				LockSupport.parkNanos(this, nanos);
			}
		}
		this.parked = false;
		// an interrupt that nobody has waited for must not spin the loop
		Thread.interrupted();
	}

}
