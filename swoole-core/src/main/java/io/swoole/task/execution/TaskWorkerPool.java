package io.swoole.task.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.callback.Callbacks;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * The task workers. Idle ones sleep; a new task wakes one, and that one wakes the next if
 * it finds more, so that a burst costs few wake-ups and yet no task waits while a worker
 * that may execute it is idle.
 */
final class TaskWorkerPool {

	private static final int AWAKE = 0;

	private static final int ASLEEP = 1;

	private final TaskQueue queue;

	private final ResultRouter results;

	private final List<TaskWorker> workers = new ArrayList<>();

	/** Which workers sleep; whoever turns one awake must wake it up. */
	private final AtomicIntegerArray sleeping;

	/** Whether a worker has been woken and has not looked at the queue yet. */
	private final AtomicBoolean waking = new AtomicBoolean();

	private volatile boolean stopped;

	TaskWorkerPool(Object server, int size, int firstWorkerId, TaskQueue queue, ResultRouter results,
			Callbacks callbacks) {
		this.queue = queue;
		this.results = results;
		this.sleeping = new AtomicIntegerArray(size);
		for (int i = 0; i < size; i++) {
			this.workers.add(new TaskWorker(server, i, firstWorkerId + i, this, callbacks));
		}
	}

	List<TaskWorker> workers() {
		return this.workers;
	}

	ResultRouter results() {
		return this.results;
	}

	int idle() {
		int idle = 0;
		for (TaskWorker worker : this.workers) {
			idle += worker.isBusy() ? 0 : 1;
		}
		return idle;
	}

	/** A task has been accepted. */
	void accepted(TaskEnvelope task) {
		if (task.target() == TaskEnvelope.ANY) {
			wakeOne();
		}
		else {
			wake(task.target());
		}
	}

	/** Whether a task waits that a worker may execute and that is older than an id. */
	boolean hasOlder(int index, long id) {
		return this.queue.hasOlder(index, id);
	}

	/** A claimed task has not been begun: another worker, or the next thread, may. */
	void giveBack(TaskEnvelope task) {
		this.queue.accept(task);
		accepted(task);
	}

	/**
	 * The next task for a worker, which runs its events and waits here; {@code null} to
	 * end.
	 */
	@Nullable TaskEnvelope next(TaskWorker worker, WorkerContext context) {
		int index = worker.index();
		while (!this.stopped && !context.isAbandoned()) {
			if (worker.runEvent()) {
				continue;
			}
			TaskEnvelope task = this.queue.claim(index);
			if (task == null) {
				task = await(worker, index);
			}
			if (task != null) {
				if (this.queue.hasUntargeted()) {
					wakeOne();
				}
				worker.runEventsBefore(context, task);
				return context.isAbandoned() ? null : task;
			}
		}
		return null;
	}

	/** Sleeps until there is something to do. */
	private @Nullable TaskEnvelope await(TaskWorker worker, int index) {
		this.sleeping.set(index, ASLEEP);
		// look once more: what was posted before the line above woke nobody
		TaskEnvelope task = this.queue.claim(index);
		boolean woken = (task == null && worker.isIdle()) ? sleep(index)
				: !this.sleeping.compareAndSet(index, ASLEEP, AWAKE);
		if (task == null) {
			task = this.queue.claim(index);
		}
		if (woken) {
			this.waking.set(false);
		}
		return task;
	}

	/** Ends all workers once they have done the task in hand. */
	void stop() {
		this.stopped = true;
		for (TaskWorker worker : this.workers) {
			wake(worker.index());
		}
	}

	private boolean sleep(int index) {
		while (this.sleeping.get(index) == ASLEEP) {
			if (this.stopped && this.sleeping.compareAndSet(index, ASLEEP, AWAKE)) {
				return false;
			}
			LockSupport.park(this);
			Thread.interrupted();
		}
		return true;
	}

	private void wakeOne() {
		while (this.waking.compareAndSet(false, true)) {
			for (int i = 0; i < this.sleeping.length(); i++) {
				if (wake(i)) {
					return;
				}
			}
			this.waking.set(false);
			// whoever posted meanwhile has relied on this thread
			if (!this.queue.hasUntargeted() || !isAnyAsleep()) {
				return;
			}
		}
	}

	private boolean isAnyAsleep() {
		for (int i = 0; i < this.sleeping.length(); i++) {
			if (this.sleeping.get(i) == ASLEEP) {
				return true;
			}
		}
		return false;
	}

	/** Wakes a worker up if it sleeps. */
	boolean wake(int index) {
		if (this.sleeping.get(index) == ASLEEP && this.sleeping.compareAndSet(index, ASLEEP, AWAKE)) {
			this.workers.get(index).wakeUp();
			return true;
		}
		return false;
	}

}
