package io.swoole.task.execution;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.callback.TaskCallbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.SwooleThread;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * The way of a task without all that is optional: no targets, priorities, limits, keys,
 * delays, deadlines, timeouts, retries, cancellation, waiters, interceptors, timers nor
 * supervision. What is left is a bounded queue whose sleeping workers are woken one by
 * one, the call of the handler, and the mailbox of the event worker.
 */
final class StrippedTasks {

	private final Object server;

	private final int capacity;

	private final TaskCallbacks callbacks;

	private final Worker worker;

	private final AtomicLong ids = new AtomicLong();

	private final AtomicInteger open = new AtomicInteger();

	private final Queue<StrippedTask> queue = new ConcurrentLinkedQueue<>();

	private final List<TaskThread> threads = new ArrayList<>();

	private final AtomicBoolean waking = new AtomicBoolean();

	private volatile boolean stopped;

	StrippedTasks(Object server, int size, int capacity, TaskCallbacks callbacks, Worker worker) {
		this.server = server;
		this.capacity = capacity;
		this.callbacks = callbacks;
		this.worker = worker;
		for (int i = 0; i < size; i++) {
			this.threads.add(new TaskThread(1 + i));
		}
		this.threads.forEach((each) -> each.thread.start());
	}

	void post(Object data) {
		TaskType type = this.callbacks.taskType(data.getClass());
		if (type == null || this.open.incrementAndGet() > this.capacity) {
			throw new IllegalStateException("not accepted");
		}
		this.queue.add(new StrippedTask(this.ids.getAndIncrement(), data, type));
		wakeOne();
	}

	void stop() throws InterruptedException {
		this.stopped = true;
		for (TaskThread each : this.threads) {
			each.asleep.set(false);
			LockSupport.unpark(each.thread);
			each.thread.join(1000);
		}
	}

	private void wakeOne() {
		while (this.waking.compareAndSet(false, true)) {
			for (TaskThread each : this.threads) {
				if (each.asleep.get() && each.asleep.compareAndSet(true, false)) {
					LockSupport.unpark(each.thread);
					return;
				}
			}
			this.waking.set(false);
			if (this.queue.isEmpty() || !isAnyAsleep()) {
				return;
			}
		}
	}

	private boolean isAnyAsleep() {
		for (TaskThread each : this.threads) {
			if (each.asleep.get()) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A thread that executes tasks.
	 */
	private final class TaskThread {

		private final int id;

		private final AtomicBoolean asleep = new AtomicBoolean();

		private final SwooleThread thread;

		TaskThread(int id) {
			this.id = id;
			this.thread = new SwooleThread(this::run, "swoole-stripped-" + id);
		}

		private void run() {
			WorkerContext context = new WorkerContext(StrippedTasks.this.server, this.id, null);
			context.attach();
			while (!StrippedTasks.this.stopped) {
				StrippedTask task = StrippedTasks.this.queue.poll();
				if (task == null) {
					task = await();
				}
				if (task == null) {
					continue;
				}
				if (!StrippedTasks.this.queue.isEmpty()) {
					wakeOne();
				}
				Object result = StrippedTasks.this.callbacks.task(context, task, task.type);
				if (result != null) {
					StrippedTasks.this.worker.post(new Result(task, this.id, result));
				}
			}
		}

		private @Nullable StrippedTask await() {
			this.asleep.set(true);
			StrippedTask task = StrippedTasks.this.queue.poll();
			if (task != null) {
				if (!this.asleep.compareAndSet(true, false)) {
					StrippedTasks.this.waking.set(false);
				}
				return task;
			}
			while (this.asleep.get()) {
				LockSupport.park(this);
			}
			task = StrippedTasks.this.queue.poll();
			StrippedTasks.this.waking.set(false);
			return task;
		}

	}

	/**
	 * A result on its way.
	 */
	private final class Result extends Event {

		private final StrippedTask task;

		private final int taskWorkerId;

		private final Object data;

		Result(StrippedTask task, int taskWorkerId, Object data) {
			this.task = task;
			this.taskWorkerId = taskWorkerId;
			this.data = data;
		}

		@Override
		public void run() {
			StrippedTasks.this.callbacks.finish(StrippedTasks.this.worker.context(), new TaskResult(this.task.id(),
					this.taskWorkerId, Instant.ofEpochMilli(this.task.dispatchMillis), this.data));
			StrippedTasks.this.open.decrementAndGet();
		}

	}

	/**
	 * A task, and what its handler sees of it.
	 */
	private static final class StrippedTask implements Task {

		private final long id;

		private final Object data;

		private final TaskType type;

		private final long dispatchMillis = System.currentTimeMillis();

		StrippedTask(long id, Object data, TaskType type) {
			this.id = id;
			this.data = data;
			this.type = type;
		}

		@Override
		public long id() {
			return this.id;
		}

		@Override
		public int sourceWorkerId() {
			return 0;
		}

		@Override
		public int taskWorkerId() {
			return 1;
		}

		@Override
		public Object data() {
			return this.data;
		}

		@Override
		public Instant dispatchTime() {
			return Instant.ofEpochMilli(this.dispatchMillis);
		}

		@Override
		public int attempt() {
			return 1;
		}

		@Override
		public boolean finish(@Nullable Object result) {
			return false;
		}

		@Override
		public boolean progress(Object state) {
			return false;
		}

		@Override
		public boolean isCancelled() {
			return false;
		}

	}

}
