package io.swoole.server.worker;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker of mode {@code process}: a thread beside the event loops. It may block without
 * stopping reads and writes.
 */
@Internal
public final class ThreadWorker implements Worker {

	private static final Logger logger = LoggerFactory.getLogger(ThreadWorker.class);

	private final int id;

	private final WorkerContext context;

	private final SwooleThread thread;

	private final Mailbox mailbox = new Mailbox();

	private volatile boolean parked;

	private volatile boolean stopped;

	/** Accessed by the thread of this worker only. */
	private final ArrayDeque<Event> urgent = new ArrayDeque<>();

	/**
	 * Creates a worker and starts its thread.
	 * @param server the server it belongs to
	 * @param id its id
	 */
	public ThreadWorker(Object server, int id) {
		this.id = id;
		this.context = new WorkerContext(server, id, this);
		this.thread = new SwooleThread(this::run, "swoole-worker-" + id);
		this.thread.start();
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
	public boolean inWorker() {
		return Thread.currentThread() == this.thread;
	}

	@Override
	public void post(Event event) {
		this.mailbox.offer(event);
		if (this.parked) {
			this.parked = false;
			LockSupport.unpark(this.thread);
		}
	}

	@Override
	public void postFirst(Event event) {
		this.urgent.add(event);
	}

	@Override
	public void runUrgent() {
		while (true) {
			Event event = this.urgent.poll();
			if (event == null) {
				return;
			}
			run(event);
		}
	}

	@Override
	public boolean isAlive() {
		return this.thread.isAlive();
	}

	@Override
	public void interrupt() {
		this.thread.interrupt();
	}

	/**
	 * Ends the thread after the events posted so far.
	 */
	public void stop() {
		post(Event.of(() -> this.stopped = true));
	}

	/**
	 * Waits for the thread to end.
	 * @param nanos how long, in nanoseconds
	 * @return {@code true} if it has ended
	 * @throws InterruptedException if the caller is interrupted
	 */
	public boolean join(long nanos) throws InterruptedException {
		this.thread.join(Math.max(1, nanos / 1_000_000));
		return !this.thread.isAlive();
	}

	private void run() {
		this.context.attach(this.thread.getName());
		while (!this.stopped) {
			runUrgent();
			Event event = this.mailbox.poll();
			if (event != null) {
				run(event);
			}
			else {
				park();
			}
		}
	}

	private void park() {
		this.parked = true;
		if (this.mailbox.isEmpty()) {
			LockSupport.park(this);
		}
		this.parked = false;
		// an interrupt meant for a callback that has just ended must not spin the loop
		Thread.interrupted();
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
