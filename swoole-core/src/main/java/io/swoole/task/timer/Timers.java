package io.swoole.task.timer;

import java.util.ArrayList;

import io.swoole.server.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All timers of a server's tasks, ordered by time in a binary heap; starting and
 * cancelling one costs the logarithm of their number. Somebody has to call
 * {@link #runDue()}: a {@link TimerThread}, or a test that moves the time itself.
 */
@Internal
public final class Timers {

	/** There is no timer. */
	public static final long NEVER = Long.MAX_VALUE;

	private static final Logger logger = LoggerFactory.getLogger(Timers.class);

	private final Ticker ticker;

	private final Object lock = new Object();

	// guarded by the lock

	private final ArrayList<Timer> heap = new ArrayList<>();

	private Runnable onEarlier = () -> {
	};

	/**
	 * Creates timers that nobody runs yet.
	 * @param ticker the time
	 */
	public Timers(Ticker ticker) {
		this.ticker = ticker;
	}

	/**
	 * The time these timers go by.
	 * @return the time
	 */
	public Ticker ticker() {
		return this.ticker;
	}

	/**
	 * Sets what to do when the earliest timer changes to an earlier one.
	 * @param onEarlier the action, which must be short
	 */
	void onEarlier(Runnable onEarlier) {
		synchronized (this.lock) {
			this.onEarlier = onEarlier;
		}
	}

	/**
	 * Starts a timer, or starts it anew.
	 * @param timer the timer
	 * @param delay after how many nanoseconds it fires
	 */
	public void schedule(Timer timer, long delay) {
		Runnable action = null;
		synchronized (this.lock) {
			remove(timer);
			timer.due = this.ticker.nanoTime() + Math.max(0, Math.min(delay, Long.MAX_VALUE / 2));
			this.heap.add(timer);
			moveUp(this.heap.size() - 1, timer);
			if (timer.index == 0) {
				action = this.onEarlier;
			}
		}
		if (action != null) {
			action.run();
		}
	}

	/**
	 * Stops a timer.
	 * @param timer the timer
	 * @return {@code false} if it was not running: it fires, has fired or was stopped
	 */
	public boolean cancel(Timer timer) {
		synchronized (this.lock) {
			return remove(timer);
		}
	}

	/**
	 * How long a timer still runs.
	 * @param timer the timer
	 * @return the time in nanoseconds, not positive if it does not run
	 */
	public long remaining(Timer timer) {
		synchronized (this.lock) {
			return (timer.index != Timer.NOWHERE) ? timer.due - this.ticker.nanoTime() : 0;
		}
	}

	/**
	 * How many timers run.
	 * @return the number
	 */
	public int size() {
		synchronized (this.lock) {
			return this.heap.size();
		}
	}

	/**
	 * Fires all timers whose time has come, in their order, in the calling thread.
	 * @return after how many nanoseconds the next one is due, {@link #NEVER} if there is
	 * none
	 */
	public long runDue() {
		while (true) {
			Timer timer;
			synchronized (this.lock) {
				if (this.heap.isEmpty()) {
					return NEVER;
				}
				timer = this.heap.get(0);
				long remaining = timer.due - this.ticker.nanoTime();
				if (remaining > 0) {
					return remaining;
				}
				remove(timer);
			}
			try {
				timer.fire();
			}
			catch (Throwable ex) {
				logger.error("Unexpected failure of {}; the timers go on", timer, ex);
			}
		}
	}

	private boolean remove(Timer timer) {
		int index = timer.index;
		if (index == Timer.NOWHERE) {
			return false;
		}
		timer.index = Timer.NOWHERE;
		Timer last = this.heap.remove(this.heap.size() - 1);
		if (last != timer) {
			moveDown(index, last);
			if (last.index == index) {
				moveUp(index, last);
			}
		}
		return true;
	}

	private void moveUp(int from, Timer timer) {
		int index = from;
		while (index > 0) {
			int parent = (index - 1) >>> 1;
			if (this.heap.get(parent).due - timer.due <= 0) {
				break;
			}
			place(index, this.heap.get(parent));
			index = parent;
		}
		place(index, timer);
	}

	private void moveDown(int from, Timer timer) {
		int index = from;
		while (index < this.heap.size() >>> 1) {
			int child = index * 2 + 1;
			if (child + 1 < this.heap.size() && this.heap.get(child + 1).due - this.heap.get(child).due < 0) {
				child++;
			}
			if (timer.due - this.heap.get(child).due <= 0) {
				break;
			}
			place(index, this.heap.get(child));
			index = child;
		}
		place(index, timer);
	}

	private void place(int index, Timer timer) {
		this.heap.set(index, timer);
		timer.index = index;
	}

}
