package io.swoole.task.result;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

import io.swoole.server.TaskInterceptor.Callback;
import io.swoole.server.callback.TaskCallbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.InHand;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import io.swoole.task.interception.TaskInterceptors;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of tasks in the event worker that dispatched them: results, failures and
 * progress on their way through its mailbox to the callbacks of the application. A task
 * is settled when the callback of what has ended it has returned, or its thread has been
 * given up.
 */
final class ResultEvents {

	private final TaskQueue queue;

	private final List<Worker> workers;

	private final TaskCallbacks callbacks;

	private final @Nullable TaskInterceptors interceptors;

	private final int capacity;

	/** Results beside the first, and progress, on their way to each event worker. */
	private final AtomicIntegerArray further;

	/**
	 * Creates the way to the event workers.
	 * @param queue has the tasks
	 * @param workers the event workers, which may still be added
	 * @param workerNum how many there will be
	 * @param callbacks runs the callbacks
	 * @param interceptors take part, if there are any
	 * @param capacity how many further results may be on their way to a worker
	 */
	ResultEvents(TaskQueue queue, List<Worker> workers, int workerNum, TaskCallbacks callbacks,
			@Nullable TaskInterceptors interceptors, int capacity) {
		this.queue = queue;
		this.workers = workers;
		this.callbacks = callbacks;
		this.interceptors = interceptors;
		this.capacity = capacity;
		this.further = new AtomicIntegerArray(workerNum);
	}

	/** The result that has ended a task. */
	void first(TaskEnvelope task, int taskWorkerId, @Nullable Object result) {
		post(task, new ResultEvent(task, taskWorkerId, result, true));
	}

	/** One more result; {@code false} if too many are on their way. */
	boolean further(TaskEnvelope task, int taskWorkerId, @Nullable Object result) {
		if (!occupy(task)) {
			return false;
		}
		post(task, new ResultEvent(task, taskWorkerId, result, false));
		return true;
	}

	/** The result that has ended a task which has a callback of its own. */
	void callback(TaskEnvelope task, CallbackReply reply, @Nullable Object result) {
		post(task, new CallbackEvent(task, reply, result));
	}

	/** A task has failed for good. */
	void failed(TaskEnvelope task, Task handle, Throwable cause) {
		post(task, new WorkerEvent(task, Callback.FAILED, true) {
			@Override
			void run(WorkerContext context) {
				ResultEvents.this.callbacks.taskFailed(context, handle, cause);
			}
		});
	}

	/** How far a task has come; {@code false} if too much is on its way. */
	boolean progress(TaskEnvelope task, Object state) {
		if (!occupy(task)) {
			return false;
		}
		post(task, new WorkerEvent(task, Callback.PROGRESS, false) {
			@Override
			void run(WorkerContext context) {
				free(task);
				ResultEvents.this.callbacks.progress(context, task.id(), state);
			}
		});
		return true;
	}

	private boolean occupy(TaskEnvelope task) {
		if (this.further.incrementAndGet(task.sourceWorker()) > this.capacity) {
			free(task);
			return false;
		}
		return true;
	}

	private void free(TaskEnvelope task) {
		this.further.decrementAndGet(task.sourceWorker());
	}

	/** A task has ended, and that has been handled where it had to be. */
	void settle(TaskEnvelope task) {
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
	private abstract class WorkerEvent extends Event implements InHand {

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
				.in(ResultEvents.this.workers.get(this.task.sourceWorker()));
			context.finished(this.task.origin());
			context.place(this.settles);
			if (this.settles) {
				context.inHand(this);
			}
			try {
				TaskInterceptors interceptors = ResultEvents.this.interceptors;
				if (interceptors == null) {
					run(context);
				}
				else if (interceptors.areNeededAround(this.callback, this.task)) {
					interceptors.around(this.callback, this.task, () -> run(context));
				}
				else {
					runAndCleanUp(context, interceptors);
				}
			}
			finally {
				context.finished(null);
				// whoever gives the thread up takes over what it has in hand
				if (this.settles && !context.isAbandoned()) {
					context.inHand(null);
					settled(context.leavePlace());
				}
			}
		}

		@Override
		public final void givenUp() {
			settled(this.task.lane().context().takePlace());
		}

		private void runAndCleanUp(WorkerContext context, TaskInterceptors interceptors) {
			try {
				run(context);
			}
			finally {
				interceptors.cleanUp(this.callback, this.task);
			}
		}

		/** A task that the callback has posted has taken the place of this one. */
		private void settled(boolean placeLeft) {
			if (!placeLeft) {
				ResultEvents.this.queue.passOn();
			}
			settle(this.task);
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
			ResultEvents.this.callbacks.finish(context, new TaskResult(this.task.id(), this.taskWorkerId,
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
			ResultEvents.this.callbacks.taskCallback(context, this.reply.callback(), this.task.id(), this.result);
		}

	}

}
