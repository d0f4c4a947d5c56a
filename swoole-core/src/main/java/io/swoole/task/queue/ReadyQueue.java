package io.swoole.task.queue;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;

import org.jspecify.annotations.Nullable;

/**
 * Tasks that may start, one queue per priority. As long as all tasks have the usual
 * priority there is only one queue. Tasks that were cancelled meanwhile are skipped.
 */
final class ReadyQueue {

	private static final int USUAL = 4;

	private static final int PRIORITIES = 10;

	private final Queue<TaskEnvelope> usual = new ConcurrentLinkedQueue<>();

	/** The queues of the other priorities, made when first needed. */
	private volatile @Nullable AtomicReferenceArray<Queue<TaskEnvelope>> others;

	void add(TaskEnvelope task) {
		int priority = task.priority();
		((priority == USUAL) ? this.usual : other(priority)).add(task);
	}

	private Queue<TaskEnvelope> other(int priority) {
		AtomicReferenceArray<Queue<TaskEnvelope>> queues = this.others;
		if (queues == null) {
			synchronized (this) {
				queues = this.others;
				if (queues == null) {
					queues = new AtomicReferenceArray<>(PRIORITIES);
					for (int i = 0; i < PRIORITIES; i++) {
						queues.set(i, (i == USUAL) ? this.usual : new ConcurrentLinkedQueue<>());
					}
					this.others = queues;
				}
			}
		}
		return Objects.requireNonNull(queues.get(priority));
	}

	/** Whether tasks of several priorities have been in this queue. */
	boolean isMixed() {
		return this.others != null;
	}

	boolean isEmpty() {
		return first() == null;
	}

	/** The oldest task of the highest priority. */
	@Nullable TaskEnvelope first() {
		AtomicReferenceArray<Queue<TaskEnvelope>> queues = this.others;
		if (queues == null) {
			return head(this.usual);
		}
		for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
			TaskEnvelope task = head(queues.get(priority));
			if (task != null) {
				return task;
			}
		}
		return null;
	}

	/** The oldest task of all. */
	@Nullable TaskEnvelope oldest() {
		AtomicReferenceArray<Queue<TaskEnvelope>> queues = this.others;
		if (queues == null) {
			return head(this.usual);
		}
		TaskEnvelope oldest = null;
		for (int priority = 0; priority < PRIORITIES; priority++) {
			TaskEnvelope task = head(queues.get(priority));
			if (task != null && (oldest == null || task.isOlderThan(oldest))) {
				oldest = task;
			}
		}
		return oldest;
	}

	/** Takes the oldest task of a priority. */
	@Nullable TaskEnvelope poll(int priority) {
		return ((priority == USUAL) ? this.usual : other(priority)).poll();
	}

	/** Takes a task, the oldest of the highest priority. */
	@Nullable TaskEnvelope poll() {
		AtomicReferenceArray<Queue<TaskEnvelope>> queues = this.others;
		if (queues == null) {
			return this.usual.poll();
		}
		for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
			TaskEnvelope task = queues.get(priority).poll();
			if (task != null) {
				return task;
			}
		}
		return null;
	}

	/** How many tasks it holds on to; counts them. */
	int size() {
		AtomicReferenceArray<Queue<TaskEnvelope>> queues = this.others;
		if (queues == null) {
			return this.usual.size();
		}
		int size = 0;
		for (int priority = 0; priority < PRIORITIES; priority++) {
			size += queues.get(priority).size();
		}
		return size;
	}

	/** Lets go of tasks that do not wait any more. */
	void purge() {
		AtomicReferenceArray<Queue<TaskEnvelope>> queues = this.others;
		if (queues == null) {
			this.usual.removeIf((task) -> !task.isWaiting());
			return;
		}
		for (int priority = 0; priority < PRIORITIES; priority++) {
			queues.get(priority).removeIf((task) -> !task.isWaiting());
		}
	}

	private static @Nullable TaskEnvelope head(Queue<TaskEnvelope> queue) {
		TaskEnvelope task = queue.peek();
		while (task != null && !task.isWaiting()) {
			queue.remove(task);
			task = queue.peek();
		}
		return task;
	}

}
