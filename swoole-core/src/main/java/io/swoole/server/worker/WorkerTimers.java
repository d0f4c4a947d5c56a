package io.swoole.server.worker;

import java.util.TreeSet;
import java.util.function.LongSupplier;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timers of one worker, from its start to its stop. Accessed in the worker only, but
 * for {@link #size} and {@link #oneShots}.
 */
@Internal
public final class WorkerTimers {

	/** No timer is waiting. */
	static final long NEVER = Long.MAX_VALUE;

	private static final Logger logger = LoggerFactory.getLogger(WorkerTimers.class);

	private final LongSupplier clock;

	private final Runnable changed;

	/** By time; those of the same time in the order of their creation. */
	private final TreeSet<WorkerTimer> waiting = new TreeSet<>((one, other) -> {
		int byDue = Long.signum(one.due() - other.due());
		return (byDue != 0) ? byDue : Long.compare(one.id(), other.id());
	});

	/** How many timers have not run for the last time. */
	private volatile int size;

	private volatile int oneShots;

	private boolean closed;

	/** The timer whose callback runs. */
	private @Nullable WorkerTimer running;

	/**
	 * Creates an empty set of timers.
	 * @param clock tells the time in nanoseconds
	 * @param changed is run, in the worker, when another timer may be the next
	 */
	WorkerTimers(LongSupplier clock, Runnable changed) {
		this.clock = clock;
		this.changed = changed;
	}

	/**
	 * How many timers there are; from any thread.
	 * @return the number
	 */
	public int size() {
		return this.size;
	}

	/**
	 * How many timers there are that run only once; from any thread.
	 * @return the number
	 */
	public int oneShots() {
		return this.oneShots;
	}

	/**
	 * Whether timers can be added.
	 * @return {@code false} while the worker stops
	 */
	public boolean isOpen() {
		return !this.closed;
	}

	/**
	 * Adds a timer. While the worker stops it ends at once.
	 * @param timer the timer
	 */
	public void add(WorkerTimer timer) {
		if (timer.isCleared()) {
			return;
		}
		if (this.closed) {
			timer.ended();
			return;
		}
		this.waiting.add(timer);
		count(timer, 1);
		this.changed.run();
	}

	/**
	 * Takes a timer out that has been cleared.
	 * @param timer the timer
	 */
	public void remove(WorkerTimer timer) {
		if (this.waiting.remove(timer)) {
			count(timer, -1);
		}
	}

	/** Only the worker writes. */
	private void count(WorkerTimer timer, int difference) {
		this.size += difference;
		if (!timer.isRepeating()) {
			this.oneShots += difference;
		}
	}

	/**
	 * Ends all timers and takes no more.
	 */
	public void close() {
		this.closed = true;
		this.waiting.forEach(WorkerTimer::ended);
		if (this.running != null) {
			this.running.ended();
		}
		this.waiting.clear();
		this.size = 0;
		this.oneShots = 0;
	}

	/**
	 * Takes timers again.
	 */
	public void open() {
		this.closed = false;
	}

	boolean isEmpty() {
		return this.waiting.isEmpty();
	}

	/** How many nanoseconds it is until the next timer is due; zero or less: it is. */
	long nanosToNext() {
		return this.waiting.isEmpty() ? NEVER : this.waiting.first().due() - this.clock.getAsLong();
	}

	/**
	 * Runs the timers that are due. Those that are added meanwhile wait for the next
	 * time.
	 */
	void runDue(WorkerContext context) {
		if (this.waiting.isEmpty()) {
			return;
		}
		long now = this.clock.getAsLong();
		while (!this.waiting.isEmpty() && this.waiting.first().due() - now <= 0) {
			WorkerTimer timer = this.waiting.first();
			this.waiting.remove(timer);
			this.running = timer;
			run(timer);
			if (context.isAbandoned()) {
				return;
			}
			this.running = null;
			again(timer);
		}
	}

	private void run(WorkerTimer timer) {
		if (timer.isCleared()) {
			return;
		}
		if (!timer.isRepeating()) {
			timer.ended();
		}
		try {
			timer.run();
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure of {}; the worker goes on", timer, ex);
		}
	}

	private void again(WorkerTimer timer) {
		if (!timer.isRepeating() || timer.isCleared()) {
			count(timer, -1);
			return;
		}
		timer.advance(this.clock.getAsLong());
		this.waiting.add(timer);
	}

}
