package io.swoole.server.worker;

import io.swoole.server.Internal;

/**
 * A worker of mode {@code base}: it is an event loop, and what happens to its connections
 * is handled where it was read.
 */
@Internal
public final class EventLoopWorker implements Worker {

	private final int id;

	private final Reactor reactor;

	private final WorkerContext context;

	private final LoopAlarm alarm;

	/**
	 * Creates a worker.
	 * @param server the server it belongs to
	 * @param id its id
	 * @param reactor the event loop it is
	 */
	public EventLoopWorker(Object server, int id, Reactor reactor) {
		this.id = id;
		this.reactor = reactor;
		this.context = new WorkerContext(server, id, this);
		this.alarm = new LoopAlarm(reactor.loop(), this);
		postFirst(Event.of(() -> this.context.attach("swoole-worker-" + id)));
	}

	@Override
	public int id() {
		return this.id;
	}

	@Override
	public WorkerContext context() {
		return this.context;
	}

	@Override
	public WorkerTimers timers() {
		return this.alarm.timers();
	}

	@Override
	public boolean inWorker() {
		return this.reactor.inEventLoop();
	}

	@Override
	public void post(Event event) {
		this.reactor.post(event);
	}

	@Override
	public void postFirst(Event event) {
		this.reactor.postFirst(event);
	}

	@Override
	public void runUrgent() {
		this.reactor.runUrgent();
	}

	@Override
	public boolean isAlive() {
		return !this.reactor.loop().isShuttingDown();
	}

	@Override
	public boolean interrupt() {
		return this.context.interrupt();
	}

	@Override
	public boolean replace(long callback, Event first) {
		return false;
	}

	@Override
	public void discardAll() {
		// the reactor does so when its event loop ends
		this.context.abandon();
	}

	@Override
	public boolean isReplaceable() {
		return false;
	}

	@Override
	public void beforeWait() {
		this.reactor.flushAll();
	}

}
