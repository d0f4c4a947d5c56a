package io.swoole.task.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

import org.jspecify.annotations.Nullable;

/**
 * The waiting tasks of all types with a limit of concurrency. They are kept apart, so
 * that a task that must not start yet is in nobody's way, and the tasks of a type start
 * strictly in order. There are few such types, so one lock and a look at each will do.
 */
final class LimitedTasks {

	private final Object lock = new Object();

	private final Set<TypeLimit> limits = new LinkedHashSet<>();

	/** How many tasks wait; written under the lock. */
	private volatile int waiting;

	/** Whether no such task waits; without the lock. */
	boolean isEmpty() {
		return this.waiting == 0;
	}

	/** Adds a task; {@code true} if it may start now. */
	boolean add(TypeLimit limit, TaskEnvelope task, int target) {
		synchronized (this.lock) {
			this.limits.add(limit);
			limit.add(task, target);
			this.waiting++;
			return !limit.isReached();
		}
	}

	boolean remove(TypeLimit limit, TaskEnvelope task) {
		synchronized (this.lock) {
			boolean removed = limit.remove(task);
			this.waiting -= removed ? 1 : 0;
			return removed;
		}
	}

	/**
	 * The next task a worker may start: of the highest priority, or just the oldest of
	 * those that are first in their types.
	 */
	@Nullable TaskEnvelope first(int taskWorker, boolean oldest) {
		synchronized (this.lock) {
			TaskEnvelope best = null;
			for (TypeLimit limit : this.limits) {
				TaskEnvelope next = limit.isReached() ? null : limit.first(taskWorker);
				if (next != null && (best == null || (oldest ? next.isOlderThan(best) : next.isBefore(best)))) {
					best = next;
				}
			}
			return best;
		}
	}

	/** Takes a task a worker has chosen, if it is still first and may start. */
	boolean take(TypeLimit limit, TaskEnvelope task, int taskWorker) {
		synchronized (this.lock) {
			if (limit.isReached() || limit.first(taskWorker) != task) {
				return false;
			}
			limit.remove(task);
			limit.entered();
			this.waiting--;
			return true;
		}
	}

	/** A task of this type no longer runs; tells for whom one may start now. */
	void left(TypeLimit limit, IntConsumer ready) {
		List<Integer> targets = new ArrayList<>();
		synchronized (this.lock) {
			limit.left();
			if (this.waiting > 0 && !limit.isReached()) {
				if (!limit.queue(TaskEnvelope.ANY).isEmpty()) {
					targets.add(TaskEnvelope.ANY);
				}
				for (Integer target : limit.targets()) {
					if (!limit.queue(target).isEmpty()) {
						targets.add(target);
					}
				}
			}
		}
		targets.forEach(ready::accept);
	}

	/** Whether a task waits that any worker may start now. */
	boolean hasUntargeted() {
		synchronized (this.lock) {
			for (TypeLimit limit : this.limits) {
				if (!limit.isReached() && !limit.queue(TaskEnvelope.ANY).isEmpty()) {
					return true;
				}
			}
			return false;
		}
	}

	/** Lets tasks that name a worker be taken by any. */
	boolean redirect(int taskWorker) {
		synchronized (this.lock) {
			boolean any = false;
			for (TypeLimit limit : this.limits) {
				any |= limit.queue(TaskEnvelope.ANY).addAll(limit.queue(taskWorker));
				limit.queue(taskWorker).clear();
			}
			return any;
		}
	}

}
