package io.swoole.task.execution;

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
final class TaskWorker extends WorkerThread implements Slot {

	private static final Logger logger = LoggerFactory.getLogger(TaskWorker.class);

	private final Object server;

	private final int index;

	private final TaskWorkerPool pool;

	private volatile @Nullable RunningTask current;

	/** Whether the task it executes does not end, and its thread cannot be given up. */
	private volatile boolean stuck;

	/** A task that has been claimed and waits for older events. */
	private volatile @Nullable TaskEnvelope claimed;

	TaskWorker(Object server, int index, int workerId, TaskWorkerPool pool) {
		super(workerId, "swoole-task-" + workerId);
		this.server = server;
		this.index = index;
		this.pool = pool;
	}

	int index() {
		return this.index;
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
				this.pool.executor().execute(task, context, this);
			}
			catch (Throwable ex) {
				logger.error("Unexpected failure around task {}; the task worker goes on", task.id(), ex);
			}
		}
	}

	@Override
	public void begin(RunningTask attempt) {
		this.current = attempt;
	}

	@Override
	public void end(RunningTask attempt) {
		this.current = null;
		if (this.stuck) {
			this.stuck = false;
			this.pool.absent(this.index, false);
		}
		if (attempt.isDetached()) {
			this.pool.wake(this.index);
		}
	}

	@Override
	public void giveUp(RunningTask attempt) {
		if (attempt.isDetached()) {
			if (this.pool.executor().giveUp(attempt)) {
				end(attempt);
			}
			return;
		}
		TaskSupervision supervision = this.pool.supervision();
		if (supervision != null && this.current == attempt) {
			supervision.giveUp(this.index);
		}
	}

	@Override
	public void stuck() {
		this.stuck = true;
		this.pool.absent(this.index, true);
	}

	@Override
	public boolean isBusy() {
		return this.current != null || context().isBusy();
	}

	/** Whether it can execute no further task now. */
	boolean isFull() {
		return this.current != null;
	}

	/** The task that is executed is lost with the thread, one not begun is not. */
	@Override
	protected void abandoned() {
		RunningTask lost = this.current;
		if (lost != null) {
			this.current = null;
			this.pool.executor().giveUp(lost);
		}
		TaskEnvelope untouched = this.claimed;
		if (untouched != null) {
			this.claimed = null;
			this.pool.giveBack(untouched);
		}
	}

	/**
	 * Runs the timers that are due and the next event, unless a task waits that has been
	 * posted before it; in this worker.
	 */
	boolean runEvent(WorkerContext context) {
		runTimers(context);
		if (context.isAbandoned()) {
			return true;
		}
		if (!isInTurn()) {
			runUrgent();
			return false;
		}
		return runNext();
	}

	/** Whether the next event, if there is one, need not wait for an older task. */
	boolean isInTurn() {
		return !(peek() instanceof InOrder event) || !this.pool.hasOlder(this.index, event.sequence());
	}

	/** Runs the events that have been posted before a task claimed meanwhile. */
	void runEventsBefore(WorkerContext context, TaskEnvelope task) {
		while (peek() instanceof InOrder event && event.sequence() <= task.order()) {
			this.claimed = task;
			runNext();
			if (context.isAbandoned()) {
				return;
			}
			this.claimed = null;
		}
	}

	@Override
	public String toString() {
		RunningTask task = this.current;
		return (task != null) ? task.toString() : "no task";
	}

	/**
	 * Something that happens in a task worker after the tasks posted before it.
	 */
	static final class InOrder extends Event {

		private final long sequence;

		private final Runnable code;

		/** The sequence is the id of the first task that comes after it. */
		InOrder(long sequence, Runnable code) {
			this.sequence = sequence;
			this.code = code;
		}

		long sequence() {
			return this.sequence;
		}

		@Override
		public void run() {
			this.code.run();
		}

	}

}
