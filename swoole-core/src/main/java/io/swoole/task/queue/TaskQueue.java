package io.swoole.task.queue;

import java.util.List;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Owns tasks from acceptance until nothing is left of them. A task is <em>open</em> from
 * the reservation of its place until {@link #complete}; it <em>waits</em> until a task
 * worker claims it, and again from {@link #retry} on. All methods may be called from any
 * thread and none blocks.
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
	 * Takes a place for one task, even if the queue is full.
	 */
	void exceed();

	/**
	 * Gives back places that have been reserved and are not needed.
	 * @param count how many
	 */
	void giveBack(int count);

	/**
	 * The place of a task goes to another, which the last callback of the former has
	 * posted. The former is still to be completed.
	 */
	void passOn();

	/**
	 * Accepts a task for which a place has been reserved. It may start at once, or after
	 * its delay. If a task of the same key is waiting or running, this one is dropped and
	 * its place given back.
	 * @param task the task
	 * @return the task that will be executed: this one, or the other of the same key
	 */
	TaskEnvelope accept(TaskEnvelope task);

	/**
	 * Accepts a task for which a place has been reserved, but does not let it start. Its
	 * deadline counts from now on, delay and key do not.
	 * @param task the task
	 */
	void hold(TaskEnvelope task);

	/**
	 * Lets a task that is held go on like one that has just been accepted.
	 * @param task the task
	 * @return {@code false} if another task of its key is waiting or running: this one is
	 * to be ended
	 */
	boolean release(TaskEnvelope task);

	/**
	 * Takes the next task for a task worker, of those that name no worker and those that
	 * name this one: by priority, then by age. Every 16th task taken is the oldest of
	 * all.
	 * @param taskWorker the index of the task worker, which has nothing else to do
	 * @return the task, now running; {@code null} if none may start
	 */
	@Nullable TaskEnvelope claim(int taskWorker);

	/**
	 * Lets a task that has been claimed and not been executed wait again.
	 * @param task the task
	 */
	void unclaim(TaskEnvelope task);

	/**
	 * Whether a task waits that a task worker may execute and that is older than some
	 * other.
	 * @param taskWorker the index of the task worker
	 * @param order the age of the other task
	 * @return {@code true} if so
	 */
	boolean hasOlder(int taskWorker, long order);

	/**
	 * Lets a task that runs and has failed wait again, instead of {@link #executed}.
	 * @param task the task
	 * @param delay for how long, in nanoseconds
	 * @return {@code false} if it has ended meanwhile
	 */
	boolean retry(TaskEnvelope task, long delay);

	/**
	 * The execution of a task is over.
	 * @param task the task
	 */
	void executed(TaskEnvelope task);

	/**
	 * Ends a task that waits.
	 * @param task the task
	 * @param end the state in which it ends
	 * @return {@code false} if it does not wait
	 */
	boolean withdraw(TaskEnvelope task, TaskState end);

	/**
	 * A task has ended, and whoever dispatched it knows: its place is free again.
	 * @param task the task
	 */
	void complete(TaskEnvelope task);

	/**
	 * Finds a task of which something is left.
	 * @param id its id
	 * @return the task, {@code null} if there is none
	 */
	@Nullable TaskEnvelope find(long id);

	/**
	 * All tasks of which something is left.
	 * @return a snapshot, oldest first
	 */
	List<TaskEnvelope> tasks();

	/**
	 * The tasks that wait for a time later than that.
	 * @param nanos after how many nanoseconds
	 * @return a snapshot
	 */
	List<TaskEnvelope> delayedFor(long nanos);

	/**
	 * Lets tasks that name a worker be claimed by any, as long as that worker is not
	 * there.
	 * @param taskWorker the index of the worker
	 * @param absent whether the worker is gone or back
	 */
	void absent(int taskWorker, boolean absent);

	/**
	 * Whether a task may start that any task worker may execute.
	 * @return {@code true} if so
	 */
	boolean hasUntargeted();

	/**
	 * How many tasks wait, those with a delay included.
	 * @return the number
	 */
	int waiting();

	/**
	 * How many tasks wait for a certain time.
	 * @return the number
	 */
	int delayed();

	/**
	 * How many tasks are open.
	 * @return the number
	 */
	int open();

	/**
	 * The tasks that have failed for good.
	 * @return the store
	 */
	DeadLetterStore deadLetters();

	/**
	 * Is told what happens in the queue; in any thread, and must be quick.
	 */
	@Internal
	interface Listener {

		/**
		 * A task may start.
		 * @param target the index of the task worker that must execute it, or
		 * {@link TaskEnvelope#ANY}
		 */
		void ready(int target);

		/**
		 * A task has not been started by its deadline; it waits no more.
		 * @param task the task
		 */
		void expired(TaskEnvelope task);

	}

}
