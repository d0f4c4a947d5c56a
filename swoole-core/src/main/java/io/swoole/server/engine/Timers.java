package io.swoole.server.engine;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.callback.WorkerCallbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.WorkerTimer;
import io.swoole.server.worker.WorkerTimers;

/**
 * Finds the timers of all workers by their ids.
 */
final class Timers {

	/** More than a century; times are compared by their difference. */
	private static final long LONGEST = Long.MAX_VALUE / 2;

	private final WorkerCallbacks callbacks;

	private final DeferredWork work;

	private final ConcurrentHashMap<Long, Entry> entries = new ConcurrentHashMap<>();

	private final AtomicLong ids = new AtomicLong();

	Timers(WorkerCallbacks callbacks, DeferredWork work) {
		this.callbacks = callbacks;
		this.work = work;
	}

	/** Starts a timer of a worker; from any thread. */
	long start(Supervised worker, Duration period, boolean repeating, Runnable code) {
		Objects.requireNonNull(code, "timer must not be null");
		if (period.compareTo(Duration.ofMillis(1)) < 0) {
			throw new IllegalArgumentException("A timer needs at least 1 ms, not " + period);
		}
		long nanos = Math.min(LONGEST, TimeUnit.NANOSECONDS.convert(period));
		WorkerTimers timers = worker.timers();
		boolean inLane = worker.inLane();
		if (inLane && !timers.isOpen()) {
			throw new IllegalStateException("Worker " + worker.id() + " stops: it takes no more timers");
		}
		long id = this.ids.incrementAndGet();
		Entry entry = new Entry(worker, id, nanos, repeating, code);
		this.entries.put(id, entry);
		if (inLane) {
			timers.add(entry);
			return id;
		}
		boolean posted = false;
		try {
			this.work.post(worker, () -> worker.timers().add(entry));
			posted = true;
		}
		finally {
			if (!posted) {
				entry.ended();
			}
		}
		return id;
	}

	/** Clears a timer; from any thread. */
	boolean clear(long id) {
		Entry entry = this.entries.remove(id);
		if (entry == null) {
			return false;
		}
		entry.clear();
		Supervised worker = entry.worker;
		if (worker.inLane()) {
			worker.timers().remove(entry);
		}
		else {
			// not counted: there are no more of these than there were timers
			worker.post(Event.of(() -> worker.timers().remove(entry)));
		}
		return true;
	}

	/**
	 * A timer that has neither ended nor been cleared.
	 */
	private final class Entry extends WorkerTimer {

		private final Supervised worker;

		private final long id;

		private final Runnable code;

		Entry(Supervised worker, long id, long nanos, boolean repeating, Runnable code) {
			super(id, System.nanoTime() + nanos, nanos, repeating);
			this.worker = worker;
			this.id = id;
			this.code = code;
		}

		@Override
		protected void run() {
			Timers.this.callbacks.run("timer", this.worker.context(), this.code);
		}

		@Override
		protected void ended() {
			Timers.this.entries.remove(this.id);
		}

	}

}
