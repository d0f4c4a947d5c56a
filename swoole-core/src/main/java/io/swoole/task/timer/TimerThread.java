package io.swoole.task.timer;

import java.util.concurrent.locks.LockSupport;

import io.swoole.server.Internal;
import io.swoole.server.worker.SwooleThread;
import org.jspecify.annotations.Nullable;

/**
 * The thread that fires timers. It begins with the first timer: a server whose tasks need
 * none has no such thread.
 */
@Internal
public final class TimerThread {

	private final Timers timers;

	private final String name;

	// guarded by this

	private @Nullable Thread thread;

	private boolean stopped;

	/**
	 * Creates a thread that does not run yet.
	 * @param timers what it fires
	 * @param name its name
	 */
	public TimerThread(Timers timers, String name) {
		this.timers = timers;
		this.name = name;
		timers.onEarlier(this::wake);
	}

	/**
	 * What it fires.
	 * @return the timers
	 */
	public Timers timers() {
		return this.timers;
	}

	/**
	 * Ends the thread; timers fire no more.
	 */
	public synchronized void stop() {
		this.stopped = true;
		LockSupport.unpark(this.thread);
	}

	/**
	 * Waits for the thread to end.
	 * @param millis how long, in milliseconds
	 * @throws InterruptedException if the caller is interrupted
	 */
	public void join(long millis) throws InterruptedException {
		Thread current;
		synchronized (this) {
			current = this.thread;
		}
		if (current != null) {
			current.join(millis);
		}
	}

	private synchronized void wake() {
		if (this.thread != null) {
			LockSupport.unpark(this.thread);
		}
		else if (!this.stopped) {
			Thread next = new SwooleThread(this::run, this.name);
			next.start();
			this.thread = next; // not one that could not be started
		}
	}

	private synchronized boolean isStopped() {
		return this.stopped;
	}

	private void run() {
		while (!isStopped()) {
			long remaining = this.timers.runDue();
			if (remaining == Timers.NEVER) {
				LockSupport.park(this);
			}
			else {
				LockSupport.parkNanos(this, remaining);
			}
			// with an interrupt that something has left behind it would never sleep again
			Thread.interrupted();
		}
	}

}
