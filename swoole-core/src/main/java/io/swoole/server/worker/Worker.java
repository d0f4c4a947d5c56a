package io.swoole.server.worker;

import io.swoole.server.Internal;

/**
 * An event worker: runs the callbacks of its connections, and of the tasks they
 * dispatched, one after another. Hides whether it is an event loop or a thread beside
 * them.
 */
@Internal
public interface Worker {

	/**
	 * The id of this worker.
	 * @return the id, from 0 to {@code worker-num} − 1
	 */
	int id();

	/**
	 * What its thread knows about itself.
	 * @return the context
	 */
	WorkerContext context();

	/**
	 * Whether the calling thread is this worker.
	 * @return {@code true} if so
	 */
	boolean inWorker();

	/**
	 * Has an event run in this worker, after those posted before; from any thread.
	 * @param event the event
	 */
	void post(Event event);

	/**
	 * Has an event run in this worker before its next event; in this worker only.
	 * @param event the event
	 */
	void postFirst(Event event);

	/**
	 * Runs what {@link #postFirst} has put in front; in this worker only.
	 */
	void runUrgent();

	/**
	 * Whether its thread can still run events.
	 * @return {@code false} once it has ended
	 */
	boolean isAlive();

	/**
	 * Interrupts the callback that runs now, if any.
	 */
	void interrupt();

}
