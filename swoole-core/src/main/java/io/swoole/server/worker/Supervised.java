package io.swoole.server.worker;

import java.util.function.BooleanSupplier;

import io.swoole.server.Internal;

/**
 * A worker as the supervisor sees it: an event worker or a task worker that can be told
 * to begin anew, and perhaps be given another thread.
 */
@Internal
public interface Supervised {

	/**
	 * The id of this worker.
	 * @return the id; task workers follow the event workers
	 */
	int id();

	/**
	 * What its thread knows about itself; another one after each {@link #replace}.
	 * @return the context
	 */
	WorkerContext context();

	/**
	 * Whether a callback runs.
	 * @return {@code true} if so
	 */
	default boolean isBusy() {
		return context().isBusy();
	}

	/**
	 * The timers of this worker, to be used inside its lane; others after each
	 * {@link #replace}.
	 * @return the timers
	 */
	WorkerTimers timers();

	/**
	 * Whether the calling thread runs what is posted to this worker.
	 * @return {@code true} if so
	 */
	boolean inLane();

	/**
	 * Which callbacks run now that do not hold the lane of this worker, but that it
	 * should not stop before.
	 * @return tells whether any of them still runs
	 */
	default BooleanSupplier inFlight() {
		return () -> false;
	}

	/**
	 * Has an event run in this worker, after what was posted before; from any thread.
	 * @param event the event
	 */
	void post(Event event);

	/**
	 * Has an event run in this worker before its next event; from any thread.
	 * @param event the event
	 */
	void postFirst(Event event);

	/**
	 * Interrupts the callbacks that run now, each once.
	 * @return {@code false} if there are none
	 */
	boolean interrupt();

	/**
	 * Gives up the thread of this worker if a callback holds it, and lets a new one go on
	 * with what is queued.
	 * @param callback what {@link WorkerContext#progress()} was when that callback ran;
	 * no other one is given up
	 * @param first what the new thread runs first
	 * @return {@code false} if that callback does not run any more, or the worker cannot
	 * have another thread
	 */
	boolean replace(long callback, Event first);

	/**
	 * Whether {@link #replace} can succeed at all.
	 * @return {@code false} for event loops
	 */
	boolean isReplaceable();

	/**
	 * The server has stopped: lets go of what was not handled. A thread that is still at
	 * it is no worker any more.
	 */
	void discardAll();

	/**
	 * A callback holds the thread, which cannot be given up: what is queued has to go
	 * elsewhere until the callback returns.
	 */
	default void stuck() {
	}

}
