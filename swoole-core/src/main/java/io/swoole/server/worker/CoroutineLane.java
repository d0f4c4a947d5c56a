package io.swoole.server.worker;

import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane that borrows a virtual thread whenever it has something to run, and gives it
 * back when it is empty.
 */
final class CoroutineLane implements Lane, Runnable {

	private static final Logger logger = LoggerFactory.getLogger(CoroutineLane.class);

	private final CoroutineWorker worker;

	private final WorkerContext context;

	private final Mailbox mailbox = new Mailbox();

	private final Mailbox urgent = new Mailbox();

	/** Whether a virtual thread runs this lane, or has been started to. */
	private final AtomicBoolean running = new AtomicBoolean();

	/**
	 * Creates an empty lane.
	 * @param server the server
	 * @param worker the worker it belongs to
	 */
	CoroutineLane(Object server, CoroutineWorker worker) {
		this.worker = worker;
		this.context = new WorkerContext(server, worker.id(), worker, this);
	}

	@Override
	public WorkerContext context() {
		return this.context;
	}

	@Override
	public boolean inLane() {
		return WorkerContext.current() == this.context;
	}

	@Override
	public boolean isOneOfMany() {
		return true;
	}

	@Override
	public void post(Event event) {
		this.mailbox.offer(event);
		start();
	}

	@Override
	public boolean offer(Event event) {
		if (!this.running.get() && this.worker.isFull()) {
			return false;
		}
		post(event);
		return true;
	}

	@Override
	public void postFirst(Event event) {
		this.urgent.offer(event);
		start();
	}

	@Override
	public void runUrgent() {
		for (Event event = this.urgent.poll(); event != null; event = this.urgent.poll()) {
			run(event);
		}
	}

	private void start() {
		if (!this.running.get() && this.running.compareAndSet(false, true)) {
			try {
				this.worker.start(this);
			}
			catch (Throwable ex) {
				this.running.set(false); // the next event tries again
				throw ex;
			}
		}
	}

	/** Runs all events; in a virtual thread. */
	@Override
	public void run() {
		boolean over = false;
		try {
			do {
				// another thread may have run this lane meanwhile
				this.context.attach();
				if (!runEvents()) {
					over = true;
					return; // given up: nobody runs this lane again
				}
				this.running.set(false);
			}
			while (!isEmpty() && this.running.compareAndSet(false, true));
			over = true;
		}
		finally {
			this.worker.ended(Thread.currentThread());
			if (!over) {
				died();
			}
		}
	}

	/**
	 * The thread ends where it should not: another one goes on, unless it is given up.
	 */
	private void died() {
		if (this.context.isAbandoned()) {
			return;
		}
		this.running.set(false);
		if (!isEmpty()) {
			start();
		}
	}

	/**
	 * Runs events until there are none.
	 * @return {@code false} if the thread has been given up meanwhile
	 */
	private boolean runEvents() {
		long begin = System.nanoTime();
		for (int count = 1;; count++) {
			Event event = next();
			if (event == null) {
				return true;
			}
			if (this.worker.isStopped()) {
				event.discard();
				continue;
			}
			run(event);
			if (this.context.isAbandoned()) {
				return false;
			}
			if (count == Reactor.TURN_EVENTS || ((count & 7) == 0 && System.nanoTime() - begin > Reactor.TURN_NANOS)) {
				Thread.yield();
				count = 0;
				begin = System.nanoTime();
			}
		}
	}

	/**
	 * The server has stopped: if a callback is still at it, its thread is given up and
	 * what waits is let go; otherwise the thread does that.
	 */
	void abandon() {
		if (this.context.abandon()) {
			this.context.interruptAbandoned();
			this.urgent.discardAll();
			this.mailbox.discardAll();
		}
	}

	private @Nullable Event next() {
		Event first = this.urgent.poll();
		return (first != null) ? first : this.mailbox.poll();
	}

	private boolean isEmpty() {
		return this.mailbox.isEmpty() && this.urgent.isEmpty();
	}

	private static void run(Event event) {
		try {
			event.run();
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure of {}; the worker goes on", event, ex);
		}
	}

}
