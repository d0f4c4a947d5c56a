package io.swoole.task.overload;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;
import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.Reactor;
import org.slf4j.LoggerFactory;

/**
 * The places for open tasks. From 80 % of them on the queue is overloaded: a connection
 * that posts tasks needs a place before its next packet is handled, and waits for one
 * where there is none. Whenever places are free, those who wait get them in turn, all the
 * same number. They get at most 90 %: the others are for those who cannot wait, such as
 * threads outside the server. At 50 % all go on freely.
 * <p>
 * Below 80 % a task costs one addition here, and nobody locks anything.
 */
@Internal
public final class TaskCapacity {

	/** How many places a connection gets at once: as many packets as it has in a turn. */
	private static final int MAX_SHARE = Reactor.TURN_EVENTS;

	private static final AtomicLongFieldUpdater<TaskCapacity> OVERLOAD = AtomicLongFieldUpdater
		.newUpdater(TaskCapacity.class, "overload");

	private final LimitedLog log = new LimitedLog(LoggerFactory.getLogger(TaskCapacity.class));

	private final int capacity;

	/** From here on the queue is overloaded. */
	private final int high;

	/** Up to here connections that post tasks get places. */
	private final int limit;

	/** From here downward they get new ones, so that they get several at once. */
	private final int refill;

	/** From here downward the queue is no longer overloaded. */
	private final int low;

	private final AtomicInteger open = new AtomicInteger();

	/**
	 * 0 if the queue is not overloaded. Otherwise it counts the places taken from 80 %
	 * on, so that who is about to end the overload sees that it has begun anew.
	 */
	private volatile long overload;

	private volatile boolean stopped;

	private final AtomicInteger paused = new AtomicInteger();

	private final LongAdder pauses = new LongAdder();

	private final LongAdder rejections = new LongAdder();

	private final Runnable freeOne = () -> free(1);

	private final Object lock = new Object();

	/** Who waits for a place, in turn; guarded by the lock. */
	private final Set<TaskProducer> waiting = new LinkedHashSet<>();

	/** How many wait; written under the lock. */
	private volatile int waitingCount;

	/**
	 * Creates the places of a queue.
	 * @param capacity how many tasks may be open
	 * @param workers how many packets may be in handlers when the queue gets overloaded,
	 * for each of which there must still be a place; if there are too few places for
	 * that, the queue counts as overloaded from the beginning. With virtual threads it
	 * may be any number, and they {@link #exceed} the queue instead
	 */
	public TaskCapacity(int capacity, int workers) {
		this.capacity = capacity;
		this.limit = percent(90);
		this.refill = Math.min(percent(80), this.limit - 1);
		this.high = (workers <= capacity - this.limit) ? percent(80) : 0;
		this.low = Math.min(capacity / 2, this.high - 1);
		this.overload = (this.high == 0) ? 1 : 0;
	}

	private int percent(int percent) {
		return (int) ((this.capacity * (long) percent + 99) / 100);
	}

	/**
	 * Takes places for tasks, all or none.
	 * @param count how many
	 * @return {@code false} if there are not enough
	 */
	public boolean reserve(int count) {
		if (count == 1) {
			int now = this.open.incrementAndGet();
			if (now <= this.capacity) {
				taken(now);
				return true;
			}
			free(1);
		}
		else if (tryReserve(count, this.capacity)) {
			return true;
		}
		this.rejections.add(count);
		return false;
	}

	private boolean tryReserve(int count, int most) {
		int now = this.open.get();
		while (count <= most - now) {
			if (this.open.compareAndSet(now, now + count)) {
				taken(now + count);
				return true;
			}
			now = this.open.get();
		}
		return false;
	}

	private void taken(int now) {
		if (now >= this.high) {
			OVERLOAD.incrementAndGet(this);
		}
	}

	/**
	 * A place passes from a task that has just been settled to a new one, which has been
	 * posted by its last callback. The place of the former is still to be freed.
	 */
	public void passOn() {
		this.open.incrementAndGet();
	}

	/**
	 * Takes a place for the one task of a packet that needed none when its handler began,
	 * even if there is none any more. So with virtual threads as many tasks more than
	 * there are places may be open as handlers were running when the queue became full,
	 * or have begun before a task of their listener was first accepted.
	 */
	public void exceed() {
		taken(this.open.incrementAndGet());
	}

	/**
	 * Places are free again: tasks have been settled, or were not posted.
	 * @param count how many
	 */
	public void free(int count) {
		int now = this.open.addAndGet(-count);
		if (isOverloaded() && now <= this.refill && (now <= this.low || this.waitingCount > 0)) {
			relieve();
		}
	}

	/** Frees a place that was given to a packet. */
	Runnable freeOne() {
		return this.freeOne;
	}

	/**
	 * Lets everyone go on who waits, and nobody wait any more: the server stops.
	 */
	public void stop() {
		this.stopped = true;
		relieve();
	}

	/**
	 * How many places there are.
	 * @return the number
	 */
	public int size() {
		return this.capacity;
	}

	/**
	 * How many places are taken.
	 * @return the number
	 */
	public int open() {
		return this.open.get();
	}

	/**
	 * How many connections wait for places now.
	 * @return the number
	 */
	public int paused() {
		return this.paused.get();
	}

	/**
	 * How many times connections have had to wait.
	 * @return the number
	 */
	public long pauses() {
		return this.pauses.sum();
	}

	/**
	 * How many tasks were refused because there was no place for them.
	 * @return the number
	 */
	public long rejections() {
		return this.rejections.sum();
	}

	// for producers

	boolean isOverloaded() {
		// who begins to wait when the server stops must not miss that it does
		return this.overload != 0 && !this.stopped;
	}

	/**
	 * Lets a producer handle a packet, or wait. Who has not posted tasks lately may take
	 * any place and so hardly ever waits.
	 */
	Admission admit(TaskProducer producer) {
		if (!isOverloaded()) {
			return Admission.FREE;
		}
		boolean posting = producer.isPosting();
		if (takePlace(posting)) {
			return Admission.WITH_PLACE;
		}
		synchronized (this.lock) {
			if (!isOverloaded()) {
				return Admission.FREE;
			}
			if (takePlace(posting)) {
				return Admission.WITH_PLACE;
			}
			this.waiting.add(producer);
			this.waitingCount = this.waiting.size();
			return Admission.LATER;
		}
	}

	private boolean takePlace(boolean posting) {
		if (posting) {
			return this.waitingCount == 0 && tryReserve(1, this.limit);
		}
		return tryReserve(1, this.capacity);
	}

	/** A producer has begun to wait: somebody may have freed places just before. */
	void waiting() {
		if (!isOverloaded() || this.open.get() <= this.refill) {
			relieve();
		}
	}

	/** A producer waits no longer. */
	void leave(TaskProducer producer) {
		synchronized (this.lock) {
			this.waiting.remove(producer);
			this.waitingCount = this.waiting.size();
		}
	}

	void paused(boolean on) {
		if (on) {
			this.pauses.increment();
			if (this.paused.getAndIncrement() == 0) {
				this.log.warn("Tasks come in faster than they are done: {} of {} are open. Connections that post tasks"
						+ " are paused and go on as tasks are done", this.open.get(), this.capacity);
			}
		}
		else {
			this.paused.decrementAndGet();
		}
	}

	/** Gives free places to those who wait, the same number to each. */
	private void relieve() {
		List<TaskProducer> next = new ArrayList<>();
		int unused;
		do {
			next.clear();
			int share = choose(next);
			unused = 0;
			for (TaskProducer producer : next) {
				if (!producer.grant(share)) {
					unused += share;
				}
			}
			this.open.addAndGet(-unused);
		}
		while (unused > 0);
	}

	private int choose(List<TaskProducer> next) {
		synchronized (this.lock) {
			// before the places are counted: if many are taken after that, it stays
			long seen = this.overload;
			int now = this.open.get();
			if (now <= this.low) {
				OVERLOAD.compareAndSet(this, seen, 0);
			}
			int share = 0;
			if (!isOverloaded()) {
				next.addAll(this.waiting);
				this.waiting.clear();
			}
			else if (now <= this.refill && !this.waiting.isEmpty()) {
				share = Math.max(1, Math.min(MAX_SHARE, (this.limit - now) / this.waiting.size()));
				Iterator<TaskProducer> producers = this.waiting.iterator();
				while (producers.hasNext() && tryReserve(share, this.limit)) {
					next.add(producers.next());
					producers.remove();
				}
			}
			this.waitingCount = this.waiting.size();
			return share;
		}
	}

	/**
	 * Whether a packet may be handled.
	 */
	enum Admission {

		/** At once, and its tasks take places like all others. */
		FREE,

		/** At once, with a place for one task. */
		WITH_PLACE,

		/** When the producer gets places. */
		LATER

	}

}
