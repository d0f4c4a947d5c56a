package io.swoole.server.worker;

import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker with a thread of its own. What is queued belongs to the id and not to the
 * thread: when a callback does not end, its thread can be given up and a successor goes
 * on with the next event.
 */
@Internal
public abstract class WorkerThread implements Supervised {

	private static final Logger logger = LoggerFactory.getLogger(WorkerThread.class);

	private final int id;

	private final String name;

	private final Mailbox mailbox = new Mailbox();

	private final Mailbox urgent = new Mailbox();

	private volatile Consumer<Throwable> died = (cause) -> {
	};

	private volatile @Nullable SwooleThread thread;

	private volatile @Nullable WorkerContext context;

	private volatile @Nullable WorkerTimers timers;

	/**
	 * Creates a worker whose thread does not run yet.
	 * @param id its id
	 * @param name the name of its thread
	 */
	protected WorkerThread(int id, String name) {
		this.id = id;
		this.name = name;
	}

	/**
	 * A context for the next thread.
	 * @return the context
	 */
	protected abstract WorkerContext newContext();

	/**
	 * Runs what there is to do until the worker ends or the thread is given up.
	 * @param context the context of the calling thread
	 */
	protected abstract void work(WorkerContext context);

	/**
	 * An event has been posted; from any thread.
	 */
	protected abstract void posted();

	@Override
	public final int id() {
		return this.id;
	}

	@Override
	public final WorkerContext context() {
		return Objects.requireNonNull(this.context, "the worker has not been started");
	}

	/**
	 * Starts its first thread.
	 */
	protected final void startThread() {
		startThread(Event.of(() -> {
		}));
	}

	private void startThread(Event first) {
		WorkerContext context = newContext();
		WorkerTimers abandoned = this.timers;
		if (abandoned != null) {
			abandoned.close();
		}
		this.timers = new WorkerTimers(System::nanoTime, () -> {
		});
		SwooleThread thread = new SwooleThread(() -> live(context, first), this.name);
		this.context = context;
		this.thread = thread;
		thread.start();
	}

	private void live(WorkerContext context, Event first) {
		context.attach(this.name);
		try {
			run(first);
			work(context);
		}
		catch (Throwable ex) {
			// only the engine can have thrown this far: the JVM is short of something
			if (context.die()) {
				this.died.accept(ex);
			}
		}
	}

	/**
	 * Sets who is told, in the dying thread, that the thread of this worker has died.
	 * @param died is given the cause
	 */
	public final void onDeath(Consumer<Throwable> died) {
		this.died = died;
	}

	@Override
	public final boolean isReplaceable() {
		return true;
	}

	/**
	 * The thread has been given up, its successor has not begun.
	 */
	protected void abandoned() {
	}

	@Override
	public final boolean replace(long callback, Event first) {
		WorkerContext context = context();
		if (!context.abandon(callback)) {
			return false;
		}
		abandoned();
		// not before: what the interrupt leads to is nothing the worker has done
		context.interruptAbandoned();
		letGo(context);
		startThread(first);
		return true;
	}

	/**
	 * Lets a new thread take the place of one that has died.
	 * @param first what the new thread runs first
	 */
	public final void succeed(Event first) {
		abandoned();
		letGo(context());
		// nobody but the new thread takes events out of the mailboxes from here on
		startThread(first);
	}

	private static void letGo(WorkerContext context) {
		try {
			context.letGo();
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure to let go of what a thread had in hand; its successor goes on", ex);
		}
	}

	@Override
	public final void post(Event event) {
		this.mailbox.offer(event);
		posted();
	}

	@Override
	public final void postFirst(Event event) {
		this.urgent.offer(event);
		posted();
	}

	@Override
	public final WorkerTimers timers() {
		return Objects.requireNonNull(this.timers, "the worker has not been started");
	}

	/**
	 * Runs the timers that are due, unless the calling thread has been given up: then
	 * they are those of its successor.
	 * @param context the context of the calling thread
	 */
	protected final void runTimers(WorkerContext context) {
		if (!context.isAbandoned()) {
			timers().runDue(context);
		}
	}

	/**
	 * How long its thread may sleep; in this worker only.
	 * @return the nanoseconds until a timer is due, {@link Long#MAX_VALUE} without timers
	 */
	public final long nanosToTimer() {
		return timers().nanosToNext();
	}

	@Override
	public final boolean inLane() {
		return inWorker();
	}

	/**
	 * Whether the calling thread is this worker.
	 * @return {@code true} if so
	 */
	public final boolean inWorker() {
		return Thread.currentThread() == this.thread;
	}

	/**
	 * Whether its thread can still run events.
	 * @return {@code false} once it has ended
	 */
	public final boolean isAlive() {
		SwooleThread thread = this.thread;
		return thread != null && thread.isAlive();
	}

	@Override
	public final boolean interrupt() {
		return context().interrupt();
	}

	/**
	 * Runs what {@link #postFirst} has put in front; in this worker only.
	 */
	public final void runUrgent() {
		WorkerContext context = context();
		while (!context.isAbandoned()) {
			Event event = this.urgent.poll();
			if (event == null) {
				return;
			}
			run(event);
		}
	}

	/**
	 * Runs the next event; in this worker only.
	 * @return {@code false} if there is none
	 */
	protected final boolean runNext() {
		Event event = this.urgent.poll();
		if (event == null) {
			event = this.mailbox.poll();
		}
		if (event == null) {
			return false;
		}
		run(event);
		return true;
	}

	/**
	 * The next of the events that were posted, without those in front; in this worker
	 * only.
	 * @return the event, {@code null} if there is none
	 */
	protected final @Nullable Event peek() {
		return this.mailbox.peek();
	}

	/**
	 * Whether something has been put in front; in this worker only.
	 * @return {@code true} if so
	 */
	protected final boolean hasUrgent() {
		return !this.urgent.isEmpty();
	}

	/**
	 * Whether no event waits; in this worker only.
	 * @return {@code true} if so
	 */
	public final boolean isIdle() {
		return this.mailbox.isEmpty() && this.urgent.isEmpty();
	}

	/**
	 * Wakes its thread up.
	 */
	protected final void unpark() {
		LockSupport.unpark(this.thread);
	}

	/**
	 * Waits for its thread to end.
	 * @param nanos how long, in nanoseconds
	 * @return {@code true} if it has ended
	 * @throws InterruptedException if the caller is interrupted
	 */
	public final boolean join(long nanos) throws InterruptedException {
		SwooleThread thread = this.thread;
		if (thread == null) {
			return true;
		}
		thread.join(Math.max(1, nanos / 1_000_000));
		return !thread.isAlive();
	}

	@Override
	public final void discardAll() {
		WorkerContext context = context();
		boolean abandoned = isAlive() && context.abandon();
		if (abandoned) {
			context.interruptAbandoned();
		}
		if (abandoned || !isAlive()) {
			this.urgent.discardAll();
			this.mailbox.discardAll();
		}
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
