package io.swoole.task.overload;

import io.swoole.server.Internal;
import io.swoole.server.worker.Lane;

/**
 * Something that happens to a connection and comes only when the task queue has room.
 */
@Internal
public interface PacedEvent {

	/**
	 * Where it happens.
	 * @return the lane
	 */
	Lane lane();

	/**
	 * Whether a callback is going to run that may post a task.
	 * @return {@code false} if it need not wait for room, only for its turn
	 */
	boolean mayPost();

	/**
	 * It has to wait; in its lane.
	 */
	void parked();

	/**
	 * Lets it happen; in its lane.
	 */
	void handle();

	/**
	 * It will never happen: lets go of what it holds.
	 */
	void discard();

}
