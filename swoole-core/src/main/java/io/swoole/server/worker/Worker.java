package io.swoole.server.worker;

import io.swoole.server.Internal;

/**
 * An event worker: runs the callbacks of its connections, and of the tasks they
 * dispatched. Hides whether it is an event loop, a thread beside them, or many virtual
 * threads. As a lane it takes what belongs to the worker and to no connection: timers,
 * messages, results without a connection.
 */
@Internal
public interface Worker extends Lane, Supervised {

	@Override
	WorkerContext context();

	@Override
	void post(Event event);

	@Override
	void postFirst(Event event);

	/**
	 * The lane of a new connection.
	 * @return a lane of its own with virtual threads, otherwise this worker
	 */
	default Lane lane() {
		return this;
	}

	/**
	 * The lane of a packet that this worker is to handle, whoever owns its connection.
	 * @param connection the lane of the connection
	 * @return that lane with virtual threads, otherwise this worker
	 */
	default Lane lane(Lane connection) {
		return this;
	}

	/**
	 * Whether the calling thread is this worker, or one of its virtual threads.
	 * @return {@code true} if so
	 */
	boolean inWorker();

	@Override
	default boolean inLane() {
		return inWorker();
	}

	/**
	 * How many virtual threads run callbacks now.
	 * @return the number, 0 without virtual threads
	 */
	default int coroutines() {
		return 0;
	}

	/**
	 * How many virtual threads have run callbacks at the same time, at most.
	 * @return the number, 0 without virtual threads
	 */
	default int coroutinePeak() {
		return 0;
	}

	/**
	 * Whether its thread can still run events.
	 * @return {@code false} once it has ended
	 */
	boolean isAlive();

	/**
	 * A callback of this worker is about to wait for something: what it has sent so far
	 * must not wait with it. In this worker only.
	 */
	default void beforeWait() {
	}

}
