package io.swoole.server.worker;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import io.netty.channel.EventLoop;
import io.swoole.server.Internal;

/**
 * A worker whose callbacks run on virtual threads: one after another for a connection,
 * side by side for different connections. It has no thread of its own.
 */
@Internal
public final class CoroutineWorker implements Worker {

	private final Object server;

	private final int id;

	private final int maxCoroutine;

	private final ThreadFactory factory;

	private final LoopAlarm alarm;

	/** The lane of what belongs to the worker and to no connection. */
	private final CoroutineLane own;

	private final AtomicInteger running = new AtomicInteger();

	private final AtomicInteger peak = new AtomicInteger();

	private volatile boolean stopped;

	/** The lanes that run now, each with its virtual thread. */
	private final Map<Thread, CoroutineLane> lanes = new ConcurrentHashMap<>();

	/**
	 * Creates a worker.
	 * @param server the server it belongs to
	 * @param id its id
	 * @param clock an event loop that keeps the time for its timers
	 * @param maxCoroutine how many virtual threads may run when one more is started for a
	 * packet
	 */
	public CoroutineWorker(Object server, int id, EventLoop clock, int maxCoroutine) {
		this.server = server;
		this.id = id;
		this.maxCoroutine = maxCoroutine;
		this.alarm = new LoopAlarm(clock, this);
		this.factory = VirtualThreads.factory("swoole-worker-" + id);
		this.own = new CoroutineLane(server, this);
	}

	@Override
	public int id() {
		return this.id;
	}

	@Override
	public Lane lane() {
		return new CoroutineLane(this.server, this);
	}

	@Override
	public Lane lane(Lane connection) {
		return connection;
	}

	@Override
	public WorkerContext context() {
		return this.own.context();
	}

	@Override
	public WorkerTimers timers() {
		return this.alarm.timers();
	}

	@Override
	public boolean inWorker() {
		WorkerContext context = WorkerContext.current();
		return context != null && context.worker() == this;
	}

	@Override
	public boolean inLane() {
		return this.own.inLane();
	}

	@Override
	public void post(Event event) {
		this.own.post(event);
	}

	@Override
	public void postFirst(Event event) {
		this.own.postFirst(event);
	}

	@Override
	public void runUrgent() {
		this.own.runUrgent();
	}

	@Override
	public boolean isBusy() {
		return this.running.get() > 0;
	}

	@Override
	public BooleanSupplier inFlight() {
		Map<WorkerContext, Long> callbacks = new HashMap<>();
		for (CoroutineLane lane : this.lanes.values()) {
			long progress = lane.context().progress();
			if (lane != this.own && (progress & 1) != 0) {
				callbacks.put(lane.context(), progress);
			}
		}
		return () -> callbacks.entrySet().stream().anyMatch((each) -> each.getKey().progress() == each.getValue());
	}

	@Override
	public int coroutines() {
		return this.running.get();
	}

	@Override
	public int coroutinePeak() {
		return this.peak.get();
	}

	@Override
	public boolean isAlive() {
		return true;
	}

	@Override
	public boolean interrupt() {
		boolean any = false;
		for (CoroutineLane lane : this.lanes.values()) {
			any |= lane.context().interrupt();
		}
		return any;
	}

	@Override
	public boolean replace(long callback, Event first) {
		return false;
	}

	@Override
	public boolean isReplaceable() {
		return false;
	}

	@Override
	public void discardAll() {
		this.stopped = true;
		this.lanes.values().forEach(CoroutineLane::abandon);
	}

	boolean isStopped() {
		return this.stopped;
	}

	boolean isFull() {
		return this.running.get() >= this.maxCoroutine;
	}

	/** Starts a virtual thread for a lane. */
	void start(CoroutineLane lane) {
		Thread thread = this.factory.newThread(lane);
		int now = this.running.incrementAndGet();
		if (now > this.peak.get()) {
			this.peak.accumulateAndGet(now, Math::max);
		}
		this.lanes.put(thread, lane);
		boolean started = false;
		try {
			thread.start();
			started = true;
		}
		finally {
			if (!started) {
				ended(thread);
			}
		}
	}

	/** A virtual thread ends. */
	void ended(Thread thread) {
		this.lanes.remove(thread);
		this.running.decrementAndGet();
	}

}
