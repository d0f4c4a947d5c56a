package io.swoole.task.queue;

import java.util.List;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Owns tasks from acceptance to settlement. A task is <em>open</em> from the reservation
 * of its place until {@link #complete} or {@link #fail}; it <em>waits</em> until a task
 * worker claims it. All methods may be called from any thread and none blocks.
 */
@Internal
public interface TaskQueue {

	/**
	 * Reserves places for tasks, for all or for none.
	 * @param count how many
	 * @return {@code false} if the queue is full
	 */
	boolean reserve(int count);

	/**
	 * Accepts a task for which a place has been reserved.
	 * @param task the task
	 */
	void accept(TaskEnvelope task);

	/**
	 * Takes the next task for a task worker: the oldest of those that name no worker and
	 * those that name this one.
	 * @param taskWorker the index of the task worker, which has nothing else to do
	 * @return the task, {@code null} if none waits
	 */
	@Nullable TaskEnvelope claim(int taskWorker);

	/**
	 * Whether a task waits that a task worker may execute and that was accepted before
	 * some other.
	 * @param taskWorker the index of the task worker
	 * @param id the id of the other task
	 * @return {@code true} if so
	 */
	boolean hasOlder(int taskWorker, long id);

	/**
	 * A task has ended with its first result, or without one.
	 * @param task the task
	 */
	void complete(TaskEnvelope task);

	/**
	 * A task has ended with an exception.
	 * @param task the task
	 * @param cause the exception
	 */
	void fail(TaskEnvelope task, Throwable cause);

	/**
	 * Takes all tasks out that still wait; they count as settled.
	 * @return the tasks, oldest first
	 */
	List<TaskEnvelope> drain();

	/**
	 * Whether a task waits that any task worker may execute.
	 * @return {@code true} if so
	 */
	boolean hasUntargeted();

	/**
	 * How many tasks wait.
	 * @return the number
	 */
	int waiting();

	/**
	 * How many tasks are open.
	 * @return the number
	 */
	int open();

}
