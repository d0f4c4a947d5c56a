package io.swoole.task.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

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

	/** Asleep, and cannot execute a task now. */
	private static final int FULL = 2;

	private final TaskQueue queue;

	private final TaskExecutor executor;

	private final List<TaskWorker> workers = new ArrayList<>();

	/** Which workers sleep; whoever turns one awake must wake it up. */
	private final AtomicIntegerArray sleeping;

	/** Whether a worker has been woken and has not looked at the queue yet. */
	private final AtomicBoolean waking = new AtomicBoolean();

	/** Whether somebody counts the tasks of each worker. */
	private final boolean counting;

	private volatile @Nullable TaskSupervision supervision;

	private volatile boolean stopped;

	TaskWorkerPool(Object server, int size, int firstWorkerId, TaskQueue queue, TaskExecutor executor, int maxCoroutine,
			boolean counting) {
		this.queue = queue;
		this.executor = executor;
		this.counting = counting;
		this.sleeping = new AtomicIntegerArray(size);
		for (int i = 0; i < size; i++) {
			this.workers.add(new TaskWorker(server, i, firstWorkerId + i, this, maxCoroutine));
		}
	}

	List<TaskWorker> workers() {
		return this.workers;
	}

	TaskExecutor executor() {
		return this.executor;
	}

	/** Sets who looks after the workers. */
	void supervision(TaskSupervision supervision) {
		this.supervision = supervision;
	}

	@Nullable TaskSupervision supervision() {
		return this.supervision;
	}

	/** A worker has executed a task. */
	void handled(int index) {
		TaskSupervision current = this.supervision;
		if (this.counting && current != null) {
			current.handled(index);
		}
	}

	/** A worker cannot execute anything, or can again. */
	void absent(int index, boolean absent) {
		this.queue.absent(index, absent);
	}

	int idle() {
		int idle = 0;
		for (TaskWorker worker : this.workers) {
			idle += worker.isBusy() ? 0 : 1;
		}
		return idle;
	}

	/** A task may start that names a worker, or none. */
	void ready(int target) {
		if (target == TaskEnvelope.ANY) {
			wakeOne();
		}
		else {
			wake(target);
		}
	}

	/** Whether a task waits that a worker may execute and that is older. */
	boolean hasOlder(int index, long order) {
		return this.queue.hasOlder(index, order);
	}

	/** A claimed task has not been begun: another worker, or the next thread, may. */
	void giveBack(TaskEnvelope task) {
		this.queue.unclaim(task);
	}

	/**
	 * The next task for a worker, which runs its events and waits here; {@code null} to
	 * end.
	 */
	@Nullable TaskEnvelope next(TaskWorker worker, WorkerContext context) {
		int index = worker.index();
		while (!this.stopped && !context.isAbandoned()) {
			if (worker.runEvent(context)) {
				continue;
			}
			if (worker.isFull()) {
				awaitRoom(worker, index);
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

	/** Sleeps until there is room for a task, or an event. */
	private void awaitRoom(TaskWorker worker, int index) {
		this.sleeping.set(index, FULL);
		if (worker.isFull() && !worker.hasEvent()) {
			sleep(worker);
		}
		else {
			this.sleeping.set(index, AWAKE);
		}
	}

	/**
	 * Sleeps until there is something to do, after letting others run once: whoever
	 * produces tasks may have the next one by then, and need not wake anybody up.
	 */
	private @Nullable TaskEnvelope await(TaskWorker worker, int index) {
		TaskEnvelope early = worker.letOthersRun() ? this.queue.claim(index) : null;
		if (early != null) {
			return early;
		}
		try {
			return awaitAsleep(worker, index);
		}
		catch (Throwable ex) {
			// the thread dies; its successor looks for who has woken it
			this.sleeping.set(index, AWAKE);
			this.waking.set(false);
			throw ex;
		}
	}

	private @Nullable TaskEnvelope awaitAsleep(TaskWorker worker, int index) {
		this.sleeping.set(index, ASLEEP);
		// look once more: what was posted before the line above woke nobody
		TaskEnvelope task = this.queue.claim(index);
		boolean woken = (task == null && worker.isIdle()) ? sleep(worker)
				: !this.sleeping.compareAndSet(index, ASLEEP, AWAKE);
		if (task == null) {
			task = this.queue.claim(index);
		}
		if (woken) {
			this.waking.set(false);
			if (task == null && this.queue.hasUntargeted()) {
				wakeOne(); // this one may have an event to handle first
			}
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

	/** Returns whether somebody has woken the worker, as opposed to its next timer. */
	private boolean sleep(TaskWorker worker) {
		int index = worker.index();
		int state = this.sleeping.get(index);
		while (state != AWAKE) {
			long nanos = worker.nanosToTimer();
			if ((this.stopped || nanos <= 0) && this.sleeping.compareAndSet(index, state, AWAKE)) {
				return false;
			}
			if (nanos == Long.MAX_VALUE) {
				LockSupport.park(this);
			}
			else {
				LockSupport.parkNanos(this, nanos);
			}
			Thread.interrupted();
			state = this.sleeping.get(index);
		}
		return true;
	}

	private void wakeOne() {
		while (this.waking.compareAndSet(false, true)) {
			for (int i = 0; i < this.sleeping.length(); i++) {
				if (wake(i, ASLEEP)) {
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

	/** Wakes a worker up if it sleeps for some reason. */
	void wake(int index) {
		if (!wake(index, ASLEEP)) {
			wake(index, FULL);
		}
	}

	private boolean wake(int index, int state) {
		if (this.sleeping.get(index) == state && this.sleeping.compareAndSet(index, state, AWAKE)) {
			this.workers.get(index).wakeUp();
			return true;
		}
		return false;
	}

}
