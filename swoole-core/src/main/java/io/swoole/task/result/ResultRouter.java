package io.swoole.task.result;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;
import io.swoole.server.TaskInterceptor.Callback;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskResult;
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
 * an event worker goes to the mailbox of the one that dispatched the task; who waits is
 * told directly, as it may be just that event worker. A task ends once, and its place is
 * free when that has been handled.
 */
@Internal
public final class ResultRouter {

	private final TaskQueue queue;

	private final List<Worker> workers;

	private final Callbacks callbacks;

	private final @Nullable TaskInterceptors interceptors;

	private final Timers timers;

	private final long resultTimeout;

	private final int resultCapacity;

	/** Results beside the first, on their way to each event worker. */
	private final AtomicIntegerArray further;

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
	public ResultRouter(TaskQueue queue, List<Worker> workers, int workerNum, Callbacks callbacks,
			@Nullable TaskInterceptors interceptors, Timers timers, long resultTimeout, int resultCapacity) {
		this.queue = queue;
		this.workers = workers;
		this.callbacks = callbacks;
		this.interceptors = interceptors;
		this.timers = timers;
		this.resultTimeout = resultTimeout;
		this.resultCapacity = resultCapacity;
		this.further = new AtomicIntegerArray(workerNum);
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
			post(task, new ResultEvent(task, taskWorkerId, result, true));
			return true;
		}
		Timer timer = task.timer();
		if (timer != null) {
			this.timers.cancel(timer);
		}
		if (reply instanceof CallbackReply callback && callback.result(result)) {
			post(task, new CallbackEvent(task, callback, result));
			return true;
		}
		complete(task);
		if (reply instanceof CallbackReply || !reply.result(result)) {
			this.dropped.add(task, "nobody waits for it any more");
			return false;
		}
		return true;
	}

	private boolean deliverFurther(TaskEnvelope task, int taskWorkerId, @Nullable Object result) {
		if (task.reply() != null) {
			this.dropped.add(task, "who waits for a task, or gives it a callback, gets its first result only, in time");
			return false;
		}
		if (!occupy(task)) {
			this.dropped.add(task, "task-result-capacity results wait for its event worker already");
			return false;
		}
		post(task, new ResultEvent(task, taskWorkerId, result, false));
		return true;
	}

	/**
	 * A task tells how far it has come.
	 * @param task the task
	 * @param state what it tells
	 * @return {@code false} if that is not delivered
	 */
	public boolean progress(TaskEnvelope task, Object state) {
		if (this.closed || !task.state().takesResults() || !occupy(task)) {
			return false;
		}
		post(task, new WorkerEvent(task, Callback.PROGRESS, false) {
			@Override
			void run(WorkerContext context) {
				free(task);
				ResultRouter.this.callbacks.progress(context, task.id(), state);
			}
		});
		return true;
	}

	private boolean occupy(TaskEnvelope task) {
		if (this.further.incrementAndGet(task.sourceWorker()) > this.resultCapacity) {
			free(task);
			return false;
		}
		return true;
	}

	private void free(TaskEnvelope task) {
		this.further.decrementAndGet(task.sourceWorker());
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
				complete(task);
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
					complete(task);
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
			complete(task);
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
			complete(task);
			return;
		}
		post(task, new WorkerEvent(task, Callback.FAILED, true) {
			@Override
			void run(WorkerContext context) {
				ResultRouter.this.callbacks.taskFailed(context, handle, cause);
			}
		});
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
				complete(task);
				return true;
			}
		}
		return false;
	}

	/** A task has ended, and that has been handled where it had to be. */
	private void complete(TaskEnvelope task) {
		this.queue.complete(task);
		TaskOrigin origin = task.origin();
		if (origin != null) {
			origin.taskSettled();
		}
	}

	private static void post(TaskEnvelope task, Event event) {
		task.lane().post(event);
	}

	/**
	 * Something that happens in the event worker that dispatched a task.
	 */
	private abstract class WorkerEvent extends Event {

		final TaskEnvelope task;

		private final Callback callback;

		/** Whether the task is settled by this. */
		final boolean settles;

		WorkerEvent(TaskEnvelope task, Callback callback, boolean settles) {
			this.task = task;
			this.callback = callback;
			this.settles = settles;
		}

		@Override
		public final void run() {
			WorkerContext context = this.task.lane()
				.context()
				.in(ResultRouter.this.workers.get(this.task.sourceWorker()));
			context.finished(this.task.origin());
			context.place(this.settles);
			try {
				TaskInterceptors interceptors = ResultRouter.this.interceptors;
				if (interceptors == null) {
					run(context);
				}
				else {
					interceptors.around(this.callback, this.task, () -> run(context));
				}
			}
			finally {
				context.finished(null);
				if (this.settles) {
					settled(context);
				}
			}
		}

		/** A task that the callback has posted has taken the place of this one. */
		private void settled(WorkerContext context) {
			if (!context.takePlace()) {
				ResultRouter.this.queue.passOn();
			}
			complete(this.task);
		}

		abstract void run(WorkerContext context);

	}

	/**
	 * A result on its way to the application.
	 */
	private final class ResultEvent extends WorkerEvent {

		private final int taskWorkerId;

		private final @Nullable Object result;

		ResultEvent(TaskEnvelope task, int taskWorkerId, @Nullable Object result, boolean first) {
			super(task, Callback.FINISH, first);
			this.taskWorkerId = taskWorkerId;
			this.result = result;
		}

		@Override
		void run(WorkerContext context) {
			if (!this.settles) {
				free(this.task);
			}
			ResultRouter.this.callbacks.finish(context, new TaskResult(this.task.id(), this.taskWorkerId,
					Instant.ofEpochMilli(this.task.dispatchMillis()), this.result));
		}

	}

	/**
	 * The first result on its way to a callback.
	 */
	private final class CallbackEvent extends WorkerEvent {

		private final CallbackReply reply;

		private final @Nullable Object result;

		CallbackEvent(TaskEnvelope task, CallbackReply reply, @Nullable Object result) {
			super(task, Callback.FINISH, true);
			this.reply = reply;
			this.result = result;
		}

		@Override
		void run(WorkerContext context) {
			ResultRouter.this.callbacks.taskCallback(context, this.reply.callback(), this.task.id(), this.result);
		}

	}

}
