package io.swoole.task;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A task while it is being executed. Swoole: {@code Swoole\Server\Task}.
 */
public interface Task {

	/**
	 * The id that {@code task()} returned.
	 * @return the id, from 0 upward
	 */
	long id();

	/**
	 * The event worker that dispatched the task and receives its results.
	 * @return the id of that worker
	 */
	int sourceWorkerId();

	/**
	 * The task worker that executes the task.
	 * @return the id of that worker; task workers follow the event workers
	 */
	int taskWorkerId();

	/**
	 * The payload, the very object that was given to {@code task()}.
	 * @return the payload
	 */
	Object data();

	/**
	 * When the task was accepted.
	 * @return the time, to the millisecond
	 */
	Instant dispatchTime();

	/**
	 * Delivers a result to the event worker that dispatched the task. May be called many
	 * times, also after the handler has returned, from any thread.
	 * @param result the result; {@code null} is a result too
	 * @return {@code false} if the task can no longer deliver because the server has
	 * stopped
	 */
	boolean finish(@Nullable Object result);

}
