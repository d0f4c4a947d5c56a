package io.swoole.task.execution;

import java.time.Instant;
import java.util.List;

import io.swoole.server.callback.Callbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.TaskResult;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * Brings results to the mailbox of the event worker that dispatched the task, where the
 * first one settles it.
 */
final class ResultRouter {

	private final TaskQueue queue;

	private final List<Worker> workers;

	private final Callbacks callbacks;

	private volatile boolean closed;

	ResultRouter(TaskQueue queue, List<Worker> workers, Callbacks callbacks) {
		this.queue = queue;
		this.workers = workers;
		this.callbacks = callbacks;
	}

	/** Refuses results from now on. */
	void close() {
		this.closed = true;
	}

	boolean deliver(TaskEnvelope task, int taskWorkerId, @Nullable Object result) {
		if (this.closed || task.isAbandoned()) {
			return false;
		}
		boolean first = task.settle();
		Worker worker = this.workers.get(task.sourceWorker());
		task.lane().post(new ResultEvent(worker, task, taskWorkerId, result, first));
		return true;
	}

	/** The thread of a task has been given up; results it delivers later are refused. */
	void abandon(TaskEnvelope task) {
		task.abandon();
		returned(task, new IllegalStateException("The task has been abandoned: it outlasted the reload of its worker"));
	}

	/** The handler of a task has returned: without a result it is settled by that. */
	void returned(TaskEnvelope task, @Nullable Throwable failure) {
		if (task.settle()) {
			if (failure == null) {
				this.queue.complete(task);
			}
			else {
				this.queue.fail(task, failure);
			}
			settled(task);
		}
	}

	/** Tells whoever has posted a task that it is settled and its result handled. */
	static void settled(TaskEnvelope task) {
		TaskOrigin origin = task.origin();
		if (origin != null) {
			origin.taskSettled();
		}
	}

	/**
	 * A result on its way to its event worker.
	 */
	private final class ResultEvent extends Event {

		private final Worker worker;

		private final TaskEnvelope task;

		private final int taskWorkerId;

		private final @Nullable Object result;

		private final boolean first;

		ResultEvent(Worker worker, TaskEnvelope task, int taskWorkerId, @Nullable Object result, boolean first) {
			this.worker = worker;
			this.task = task;
			this.taskWorkerId = taskWorkerId;
			this.result = result;
			this.first = first;
		}

		@Override
		public void run() {
			WorkerContext context = this.task.lane().context().in(this.worker);
			context.finished(this.task.origin());
			try {
				ResultRouter.this.callbacks.finish(context, new TaskResult(this.task.id(), this.taskWorkerId,
						Instant.ofEpochMilli(this.task.dispatchMillis()), this.result));
			}
			finally {
				context.finished(null);
				if (this.first) {
					ResultRouter.this.queue.complete(this.task);
					settled(this.task);
				}
			}
		}

	}

}
