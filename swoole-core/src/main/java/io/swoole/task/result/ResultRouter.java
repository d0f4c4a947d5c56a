package io.swoole.task.result;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;
import io.swoole.server.callback.TaskCallbacks;
import io.swoole.server.worker.Worker;
import io.swoole.task.Task;
import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskTimeoutException;
import io.swoole.task.interception.TaskInterceptors;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.queue.TaskReply;
import io.swoole.task.queue.TaskState;
import io.swoole.task.timer.Timer;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;

/**
 * Brings tasks to their end and tells whoever dispatched them. What has to be handled in
 * an event worker goes to the one that dispatched the task, see {@link ResultEvents}; who
 * waits is told directly, as it may be just that event worker. A task ends once, and its
 * place is free when that has been handled.
 */
@Internal
public final class ResultRouter {

	private final TaskQueue queue;

	private final ResultEvents events;

	private final Timers timers;

	private final long resultTimeout;

	private final DroppedResults dropped = new DroppedResults();

	private final LongAdder failures = new LongAdder();

	private volatile boolean closed;

	/**
	 * Creates a router.
	 * @param queue has the tasks
	 * @param workers the event workers, which may still be added
	 * @param workerNum how many there will be
	 * @param callbacks runs the callbacks
	 * @param interceptors take part, if there are any
	 * @param timers ends what has no result
	 * @param resultTimeout how long somebody hopes for a result of a task whose handler
	 * has returned, in nanoseconds
	 * @param resultCapacity how many further results may be on their way to a worker
	 */
	public ResultRouter(TaskQueue queue, List<Worker> workers, int workerNum, TaskCallbacks callbacks,
			@Nullable TaskInterceptors interceptors, Timers timers, long resultTimeout, int resultCapacity) {
		this.queue = queue;
		this.events = new ResultEvents(queue, workers, workerNum, callbacks, interceptors, resultCapacity);
		this.timers = timers;
		this.resultTimeout = resultTimeout;
	}

	/** Refuses results from now on. */
	public void close() {
		this.closed = true;
	}

	/**
	 * How many results were dropped because nobody waited for them.
	 * @return the number
	 */
	public long dropped() {
		return this.dropped.count();
	}

	/**
	 * How many tasks have failed for good.
	 * @return the number
	 */
	public long failures() {
		return this.failures.sum();
	}

	/**
	 * A task has a result; from any thread.
	 * @param task the task
	 * @param taskWorkerId who has executed it
	 * @param result the result
	 * @return {@code false} if it is not delivered
	 */
	public boolean deliver(TaskEnvelope task, int taskWorkerId, @Nullable Object result) {
		while (!this.closed) {
			TaskState state = task.state();
			if (state == TaskState.FINISHED || state == TaskState.ENDED) {
				return deliverFurther(task, taskWorkerId, result);
			}
			if (state != TaskState.RUNNING && state != TaskState.RETURNED) {
				return false;
			}
			if (task.change(state, TaskState.FINISHED)) {
				return deliverFirst(task, taskWorkerId, result);
			}
		}
		return false;
	}

	private boolean deliverFirst(TaskEnvelope task, int taskWorkerId, @Nullable Object result) {
		TaskReply reply = task.reply();
		if (reply == null) {
			this.events.first(task, taskWorkerId, result);
			return true;
		}
		cancelTimer(task);
		if (reply instanceof CallbackReply callback && callback.result(result)) {
			this.events.callback(task, callback, result);
			return true;
		}
		this.events.settle(task);
		if (reply instanceof CallbackReply || !reply.result(result)) {
			this.dropped.add(task, "nobody waits for it any more");
			return false;
		}
		return true;
	}

	private void cancelTimer(TaskEnvelope task) {
		Timer timer = task.timer();
		if (timer != null) {
			this.timers.cancel(timer);
		}
	}

	private boolean deliverFurther(TaskEnvelope task, int taskWorkerId, @Nullable Object result) {
		if (task.reply() != null) {
			this.dropped.add(task, "who waits for a task, or gives it a callback, gets its first result only, in time");
			return false;
		}
		if (!this.events.further(task, taskWorkerId, result)) {
			this.dropped.add(task, "task-result-capacity results wait for its event worker already");
			return false;
		}
		return true;
	}

	/**
	 * A task tells how far it has come.
	 * @param task the task
	 * @param state what it tells
	 * @return {@code false} if that is not delivered
	 */
	public boolean progress(TaskEnvelope task, Object state) {
		return !this.closed && task.state().takesResults() && this.events.progress(task, state);
	}

	/**
	 * The handler of a task has returned. Without a result the task ends by that, unless
	 * somebody still hopes for one.
	 * @param task the task
	 */
	public void returned(TaskEnvelope task) {
		TaskReply reply = task.reply();
		if (reply == null || reply.isGivenUp()) {
			if (task.change(TaskState.RUNNING, TaskState.ENDED)) {
				this.events.settle(task);
			}
		}
		else if (task.change(TaskState.RUNNING, TaskState.RETURNED)) {
			if (reply.isGivenUp()) {
				givenUp(task);
			}
			else if (reply.isLimited()) {
				giveUpLater(task, reply);
			}
		}
	}

	private void giveUpLater(TaskEnvelope task, TaskReply reply) {
		Timer timer = new Timer() {
			@Override
			protected void fire() {
				if (task.change(TaskState.RETURNED, TaskState.ENDED)) {
					ResultRouter.this.events.settle(task);
					reply.failed(new TaskTimeoutException("Task " + task.id()
							+ " has returned without a result, and none came within task-result-timeout"));
				}
			}
		};
		task.timer(timer);
		this.timers.schedule(timer, this.resultTimeout);
		if (task.state() != TaskState.RETURNED) {
			this.timers.cancel(timer);
		}
	}

	/**
	 * Nobody waits for the result of a task any more.
	 * @param task the task
	 */
	public void givenUp(TaskEnvelope task) {
		if (task.change(TaskState.RETURNED, TaskState.ENDED)) {
			this.events.settle(task);
		}
	}

	/**
	 * A task has failed for good while it ran.
	 * @param task the task
	 * @param handle what the application is given
	 * @param cause what it has thrown, or that it took too long
	 * @param failure tells it to who waits
	 * @return {@code false} if it has ended before
	 */
	public boolean failed(TaskEnvelope task, Task handle, Throwable cause, RuntimeException failure) {
		if (!task.change(TaskState.RUNNING, TaskState.FAILED)) {
			return false;
		}
		failedForGood(task, handle, cause, failure);
		return true;
	}

	/**
	 * A task has not been started by its deadline.
	 * @param task the task, which has ended
	 * @param handle what the application is given
	 * @param failure tells it
	 */
	public void expired(TaskEnvelope task, Task handle, RuntimeException failure) {
		failedForGood(task, handle, failure, failure);
	}

	private void failedForGood(TaskEnvelope task, Task handle, Throwable cause, RuntimeException failure) {
		this.failures.increment();
		if (task.terms().type().isDeadLetter()) {
			this.queue.deadLetters().add(task, cause);
		}
		if (task.reply() != null) {
			task.reply().failed(failure);
		}
		if (this.closed) {
			this.events.settle(task);
			return;
		}
		this.events.failed(task, handle, cause);
	}

	/**
	 * Ends a task because somebody wants it.
	 * @param task the task
	 * @return {@code false} if it has ended before
	 */
	public boolean cancel(TaskEnvelope task) {
		if (!end(task, TaskState.CANCELLED)) {
			return false;
		}
		if (task.reply() != null) {
			task.reply().failed(new TaskCancelledException(task.id(), "Task " + task.id() + " was cancelled"));
		}
		return true;
	}

	/**
	 * Ends a task because the server stops.
	 * @param task the task
	 * @return {@code false} if it has ended before
	 */
	public boolean lose(TaskEnvelope task) {
		if (!end(task, TaskState.LOST)) {
			return false;
		}
		if (task.reply() != null) {
			task.reply()
				.failed(new TaskRejectedException("The server has stopped before task " + task.id() + " had a result"));
		}
		return true;
	}

	private boolean end(TaskEnvelope task, TaskState end) {
		while (!task.state().isSettled()) {
			if (this.queue.withdraw(task, end) || task.change(TaskState.RUNNING, end)
					|| task.change(TaskState.RETURNED, end)) {
				cancelTimer(task);
				this.events.settle(task);
				return true;
			}
		}
		return false;
	}

}
