package io.swoole.task.execution;

import io.swoole.server.callback.Callbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.WorkerContext;
import io.swoole.server.worker.WorkerThread;
import io.swoole.task.queue.TaskEnvelope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that executes tasks, one at a time. It claims the next task itself when it has
 * done one, and sleeps while there is none. What is posted to it happens between tasks.
 */
final class TaskWorker extends WorkerThread {

	private static final Logger logger = LoggerFactory.getLogger(TaskWorker.class);

	private final Object server;

	private final int index;

	private final TaskWorkerPool pool;

	private final Callbacks callbacks;

	private volatile @Nullable TaskEnvelope current;

	/** A task that has been claimed and waits for older events. */
	private volatile @Nullable TaskEnvelope claimed;

	TaskWorker(Object server, int index, int workerId, TaskWorkerPool pool, Callbacks callbacks) {
		super(workerId, "swoole-task-" + workerId);
		this.server = server;
		this.index = index;
		this.pool = pool;
		this.callbacks = callbacks;
	}

	int index() {
		return this.index;
	}

	/** The task it executes now. */
	@Nullable TaskEnvelope current() {
		return this.current;
	}

	void start() {
		startThread();
	}

	void wakeUp() {
		unpark();
	}

	@Override
	protected WorkerContext newContext() {
		return new WorkerContext(this.server, id(), null);
	}

	@Override
	protected void posted() {
		this.pool.wake(this.index);
	}

	@Override
	protected void work(WorkerContext context) {
		while (true) {
			TaskEnvelope task = this.pool.next(this, context);
			if (task == null) {
				return;
			}
			try {
				execute(context, task);
			}
			catch (Throwable ex) {
				logger.error("Unexpected failure around task {}; the task worker goes on", task.id(), ex);
			}
		}
	}

	private void execute(WorkerContext context, TaskEnvelope envelope) {
		this.current = envelope;
		ResultRouter results = this.pool.results();
		Throwable failure = null;
		try {
			failure = this.callbacks.task(context, new RunningTask(envelope, id(), results));
		}
		finally {
			if (!context.isAbandoned()) {
				this.current = null;
			}
			results.returned(envelope, failure);
		}
	}

	/** The task that is executed is lost with the thread, one not begun is not. */
	@Override
	protected void abandoned() {
		TaskEnvelope lost = this.current;
		if (lost != null) {
			this.current = null;
			this.pool.results().abandon(lost);
		}
		TaskEnvelope untouched = this.claimed;
		if (untouched != null) {
			this.claimed = null;
			this.pool.giveBack(untouched);
		}
	}

	/**
	 * Runs the next event, unless a task waits that has been posted before it; in this
	 * worker.
	 */
	boolean runEvent() {
		if (peek() instanceof InOrder event && this.pool.hasOlder(this.index, event.sequence())) {
			runUrgent();
			return false;
		}
		return runNext();
	}

	/** Runs the events that have been posted before a task claimed meanwhile. */
	void runEventsBefore(WorkerContext context, TaskEnvelope task) {
		while (peek() instanceof InOrder event && event.sequence() <= task.id()) {
			this.claimed = task;
			runNext();
			if (context.isAbandoned()) {
				return;
			}
			this.claimed = null;
		}
	}

	/**
	 * Something that happens in a task worker after the tasks posted before it.
	 */
	abstract static class InOrder extends Event {

		private final long sequence;

		/** The sequence is the id of the first task that comes after it. */
		InOrder(long sequence) {
			this.sequence = sequence;
		}

		final long sequence() {
			return this.sequence;
		}

	}

}
