package io.swoole.task;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A task while it is being executed: one attempt of it. Swoole:
 * {@code Swoole\Server\Task}.
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
	 * @return the id of that worker, task workers follow the event workers; −1 for a task
	 * that has never been started
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
	 * Which attempt to execute the task this is.
	 * @return 1 for the first; 0 for a task that has never been started
	 */
	int attempt();

	/**
	 * Delivers a result to the event worker that dispatched the task, or to whoever waits
	 * for it. May be called many times, also after the handler has returned, from any
	 * thread. Who waits, and a {@link TaskCallback}, gets the first result only.
	 * @param result the result; {@code null} is a result too
	 * @return {@code false} if the result is not delivered: the server has stopped, this
	 * attempt has failed, timed out or been cancelled or abandoned, somebody else who
	 * waited has got another result already, or {@code task-result-capacity} results wait
	 * for the event worker
	 */
	boolean finish(@Nullable Object result);

	/**
	 * Tells the event worker that dispatched the task how far it has come: it is given to
	 * {@link io.swoole.server.ServerHandler#onProgress} there. From any thread.
	 * @param state what to tell, anything
	 * @return {@code false} if it is not delivered, for the same reasons as
	 * {@link #finish}
	 */
	boolean progress(Object state);

	/**
	 * Whether this attempt is to end because its timeout has passed, the task was
	 * cancelled or the server has stopped waiting for it. Its thread has been interrupted
	 * then, and its results are refused.
	 * @return {@code true} if so
	 */
	boolean isCancelled();

}
