package io.swoole.server.heartbeat;

import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.netty.channel.EventLoop;
import io.swoole.server.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at everything that is watched on one event loop, at regular intervals and with a
 * single timer, which runs only while there is something to watch. Accessed on the event
 * loop only.
 */
@Internal
public final class Sweep {

	private static final Logger logger = LoggerFactory.getLogger(Sweep.class);

	/** How many are looked at before others get on. */
	private static final int SLICE = 4096;

	/** From this lag on, the loop may have been kept from reading. */
	private static final long LATE_MILLIS = 50;

	private static final long SECOND_CHANCE_MILLIS = 10;

	/** A smaller difference between the clocks is no jump. */
	private static final long JUMP_MILLIS = 1000;

	private final EventLoop loop;

	private final Heartbeat heartbeat;

	private final LongSupplier wallClock;

	private final ArrayList<Watched> all = new ArrayList<>();

	private boolean running;

	private long dueNanos;

	private long wallMillis;

	private long wallNanos;

	/**
	 * Creates the sweep of an event loop.
	 * @param loop the event loop
	 * @param heartbeat says how often to look
	 */
	public Sweep(EventLoop loop, Heartbeat heartbeat) {
		this(loop, heartbeat, System::currentTimeMillis);
	}

	Sweep(EventLoop loop, Heartbeat heartbeat, LongSupplier wallClock) {
		this.loop = loop;
		this.heartbeat = heartbeat;
		this.wallClock = wallClock;
	}

	void add(Watched watched) {
		if (watched.index != Watched.NOWHERE) {
			return;
		}
		watched.index = this.all.size();
		this.all.add(watched);
		if (!this.running) {
			this.running = true;
			readClocks();
			schedule(this.heartbeat.periodMillis());
		}
	}

	void remove(Watched watched) {
		int index = watched.index;
		if (index == Watched.NOWHERE) {
			return;
		}
		Watched last = this.all.remove(this.all.size() - 1);
		if (last != watched) {
			this.all.set(index, last);
			last.index = index;
		}
		watched.index = Watched.NOWHERE;
	}

	private void schedule(long millis) {
		this.dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		this.loop.schedule(this::begin, millis, TimeUnit.MILLISECONDS);
	}

	private void begin() {
		long lag = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - this.dueNanos);
		if (lag > LATE_MILLIS) {
			// a handler has held this loop: what clients have sent meanwhile is read
			// first
			this.loop.schedule(this::sweepAll, SECOND_CHANCE_MILLIS, TimeUnit.MILLISECONDS);
		}
		else {
			sweepAll();
		}
	}

	private void sweepAll() {
		long millis = this.wallMillis;
		long nanos = this.wallNanos;
		readClocks();
		long jump = (this.wallMillis - millis) - TimeUnit.NANOSECONDS.toMillis(this.wallNanos - nanos);
		if (jump > JUMP_MILLIS) {
			this.heartbeat.clockJumped(this.wallMillis);
		}
		sweep(this.all.size());
	}

	/**
	 * Goes through the list from its end to its beginning: removing one moves the last,
	 * which has been looked at already, into its place.
	 */
	private void sweep(int end) {
		int begin = Math.max(0, end - SLICE);
		for (int i = end - 1; i >= begin; i--) {
			if (i < this.all.size()) {
				check(this.all.get(i));
			}
		}
		if (begin > 0) {
			this.loop.execute(() -> sweep(begin));
		}
		else if (this.all.isEmpty()) {
			this.running = false;
		}
		else {
			schedule(this.heartbeat.periodMillis());
		}
	}

	private void check(Watched watched) {
		try {
			watched.check(this.wallMillis, this.heartbeat.floorMillis());
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure of {}; the others are still watched", watched, ex);
		}
	}

	private void readClocks() {
		this.wallMillis = this.wallClock.getAsLong();
		this.wallNanos = System.nanoTime();
	}

}
