package io.swoole.task.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Tasks in memory: one queue shared by all task workers, and one per worker for the tasks
 * that name it.
 */
@Internal
public final class MemoryTaskQueue implements TaskQueue {

	private final int capacity;

	private final Queue<TaskEnvelope> shared = new ConcurrentLinkedQueue<>();

	private final List<Queue<TaskEnvelope>> targeted = new ArrayList<>();

	private final AtomicInteger open = new AtomicInteger();

	private final AtomicInteger waiting = new AtomicInteger();

	/**
	 * Creates an empty queue.
	 * @param capacity how many tasks may be open
	 * @param taskWorkers how many task workers there are
	 */
	public MemoryTaskQueue(int capacity, int taskWorkers) {
		this.capacity = capacity;
		for (int i = 0; i < taskWorkers; i++) {
			this.targeted.add(new ConcurrentLinkedQueue<>());
		}
	}

	@Override
	public boolean reserve(int count) {
		if (this.open.addAndGet(count) > this.capacity) {
			this.open.addAndGet(-count);
			return false;
		}
		return true;
	}

	@Override
	public void accept(TaskEnvelope task) {
		this.waiting.incrementAndGet();
		((task.target() == TaskEnvelope.ANY) ? this.shared : this.targeted.get(task.target())).add(task);
	}

	@Override
	public @Nullable TaskEnvelope claim(int taskWorker) {
		Queue<TaskEnvelope> own = this.targeted.get(taskWorker);
		TaskEnvelope targeted = own.peek();
		TaskEnvelope task;
		if (targeted == null) {
			task = this.shared.poll();
		}
		else {
			TaskEnvelope any = this.shared.peek();
			task = (any == null || targeted.id() < any.id()) ? own.poll() : this.shared.poll();
			if (task == null) {
				task = own.poll(); // another worker was quicker at the shared queue
			}
		}
		if (task != null) {
			this.waiting.decrementAndGet();
		}
		return task;
	}

	@Override
	public boolean hasOlder(int taskWorker, long id) {
		return isOlder(this.targeted.get(taskWorker).peek(), id) || isOlder(this.shared.peek(), id);
	}

	private static boolean isOlder(@Nullable TaskEnvelope task, long id) {
		return task != null && task.id() < id;
	}

	@Override
	public void complete(TaskEnvelope task) {
		this.open.decrementAndGet();
	}

	@Override
	public void fail(TaskEnvelope task, Throwable cause) {
		this.open.decrementAndGet();
	}

	@Override
	public List<TaskEnvelope> drain() {
		List<TaskEnvelope> tasks = new ArrayList<>();
		drain(this.shared, tasks);
		for (Queue<TaskEnvelope> own : this.targeted) {
			drain(own, tasks);
		}
		tasks.sort(Comparator.comparingLong(TaskEnvelope::id));
		this.waiting.addAndGet(-tasks.size());
		this.open.addAndGet(-tasks.size());
		return tasks;
	}

	private static void drain(Queue<TaskEnvelope> from, List<TaskEnvelope> to) {
		for (TaskEnvelope task = from.poll(); task != null; task = from.poll()) {
			to.add(task);
		}
	}

	@Override
	public boolean hasUntargeted() {
		return !this.shared.isEmpty();
	}

	@Override
	public int waiting() {
		return this.waiting.get();
	}

	@Override
	public int open() {
		return this.open.get();
	}

}
