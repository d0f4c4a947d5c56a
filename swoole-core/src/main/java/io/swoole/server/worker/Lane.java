package io.swoole.server.worker;

import io.swoole.server.Internal;

/**
 * Where events run one after another. A worker is one lane for all of its connections;
 * with virtual threads every connection has a lane of its own, beside that of its worker.
 */
@Internal
public interface Lane {

	/**
	 * What the thread that runs an event of this lane knows about itself.
	 * @return the context, to be used inside the lane only
	 */
	WorkerContext context();

	/**
	 * Whether the calling thread runs an event of this lane.
	 * @return {@code true} if so
	 */
	boolean inLane();

	/**
	 * Whether events of any number of other lanes of the same worker run at the same
	 * time.
	 * @return {@code true} for the lane of a connection with virtual threads
	 */
	default boolean isOneOfMany() {
		return false;
	}

	/**
	 * Has an event run in this lane, after those posted before; from any thread.
	 * @param event the event
	 */
	void post(Event event);

	/**
	 * Has an event run in this lane like {@link #post}, unless that would take more
	 * virtual threads than {@code max-coroutine} allows; from any thread.
	 * @param event the event
	 * @return {@code false} if the event has not been taken
	 */
	default boolean offer(Event event) {
		post(event);
		return true;
	}

	/**
	 * Has an event run in this lane before its next event; from any thread.
	 * @param event the event
	 */
	void postFirst(Event event);

	/**
	 * Runs what {@link #postFirst} has put in front; inside this lane only.
	 */
	void runUrgent();

}
