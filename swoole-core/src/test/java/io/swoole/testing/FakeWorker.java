package io.swoole.testing;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.swoole.server.worker.Event;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.server.worker.WorkerTimers;

/**
 * A worker without a thread: what is posted to it happens when the test says so.
 */
public final class FakeWorker implements Worker {

	private final WorkerContext context = new WorkerContext(this, 0, this);

	private final Queue<Event> events = new ConcurrentLinkedQueue<>();

	private boolean replaced;

	/** Runs what has been posted; {@code false} if there was nothing. */
	public boolean runEvents() {
		boolean any = false;
		for (Event event = this.events.poll(); event != null; event = this.events.poll()) {
			event.run();
			any = true;
		}
		return any;
	}

	/** Whether its thread has been given up. */
	public boolean isReplaced() {
		return this.replaced;
	}

	@Override
	public int id() {
		return 0;
	}

	@Override
	public WorkerContext context() {
		return this.context;
	}

	@Override
	public WorkerTimers timers() {
		throw new UnsupportedOperationException("It has no timers");
	}

	@Override
	public boolean inWorker() {
		return false;
	}

	@Override
	public void post(Event event) {
		this.events.add(event);
	}

	/** What cannot wait comes to nothing. */
	@Override
	public void postFirst(Event event) {
	}

	@Override
	public void runUrgent() {
	}

	@Override
	public boolean interrupt() {
		return this.context.interrupt();
	}

	@Override
	public boolean replace(long callback, Event first) {
		boolean same = this.context.isBusy() && this.context.progress() == callback;
		this.replaced |= same;
		return same;
	}

	@Override
	public boolean isReplaceable() {
		return true;
	}

	@Override
	public boolean isAlive() {
		return true;
	}

	@Override
	public void discardAll() {
		this.events.clear();
	}

}
