package io.swoole.task.queue;

import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * How many tasks of a type run at the same time, and those that wait. Guarded by the lock
 * of {@link LimitedTasks}.
 */
@Internal
public final class TypeLimit {

	private final int max;

	private final NavigableSet<TaskEnvelope> untargeted = new TreeSet<>(TaskEnvelope.ORDER);

	private final Map<Integer, NavigableSet<TaskEnvelope>> targeted = new TreeMap<>();

	private int running;

	/**
	 * Creates a limit.
	 * @param max how many tasks may run at the same time, at least 1
	 */
	public TypeLimit(int max) {
		this.max = max;
	}

	boolean isReached() {
		return this.running >= this.max;
	}

	void entered() {
		this.running++;
	}

	void left() {
		this.running--;
	}

	void add(TaskEnvelope task, int target) {
		queue(target).add(task);
	}

	boolean remove(TaskEnvelope task) {
		NavigableSet<TaskEnvelope> own = this.targeted.get(task.target());
		return (own != null && own.remove(task)) || this.untargeted.remove(task);
	}

	/** The waiting tasks that name a worker, or none. */
	NavigableSet<TaskEnvelope> queue(int target) {
		return (target == TaskEnvelope.ANY) ? this.untargeted
				: this.targeted.computeIfAbsent(target, (index) -> new TreeSet<>(TaskEnvelope.ORDER));
	}

	/** The next task for a worker, of those that name it and those that name none. */
	@Nullable TaskEnvelope first(int taskWorker) {
		NavigableSet<TaskEnvelope> own = this.targeted.get(taskWorker);
		if (own == null || own.isEmpty()) {
			return this.untargeted.isEmpty() ? null : this.untargeted.first();
		}
		if (this.untargeted.isEmpty() || TaskEnvelope.ORDER.compare(own.first(), this.untargeted.first()) < 0) {
			return own.first();
		}
		return this.untargeted.first();
	}

	Iterable<Integer> targets() {
		return this.targeted.keySet();
	}

}
