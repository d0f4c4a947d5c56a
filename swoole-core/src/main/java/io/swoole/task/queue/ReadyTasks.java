package io.swoole.task.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;

import org.jspecify.annotations.Nullable;

/**
 * The tasks that may start, and which of them is next for a task worker: one queue shared
 * by all of them, one per worker for the tasks that name it, and one for the types that
 * have a limit of concurrency.
 */
final class ReadyTasks {

	/** How many tasks may overtake an older one of a lower priority in a row. */
	private static final int OVERTAKES = 15;

	/** How many withdrawn tasks may stay in the queues until they are swept. */
	private static final int WITHDRAWN = 1024;

	/** Is told which worker can start a task, or that any can. */
	private final IntConsumer listener;

	private final ReadyQueue shared = new ReadyQueue();

	private final List<ReadyQueue> targeted = new ArrayList<>();

	private final LimitedTasks limited = new LimitedTasks();

	/** Which workers are not there: 1 for absent. */
	private final AtomicIntegerArray absent;

	private final AtomicInteger withdrawn = new AtomicInteger();

	private final AtomicInteger overtakes = new AtomicInteger();

	ReadyTasks(int taskWorkers, IntConsumer listener) {
		this.listener = listener;
		this.absent = new AtomicIntegerArray(taskWorkers);
		for (int i = 0; i < taskWorkers; i++) {
			this.targeted.add(new ReadyQueue());
		}
	}

	/** A task may start from now on. */
	void add(TaskEnvelope task) {
		TypeLimit limit = task.terms().limit();
		int target = task.target();
		if (target != TaskEnvelope.ANY && this.absent.get(target) != 0) {
			target = TaskEnvelope.ANY;
		}
		if (limit == null) {
			((target == TaskEnvelope.ANY) ? this.shared : this.targeted.get(target)).add(task);
		}
		else if (!add(task, target, limit)) {
			return; // somebody else of its type will end first, and then it is ready
		}
		if (target != TaskEnvelope.ANY && this.absent.get(target) != 0) {
			redirect(target); // it has left meanwhile
		}
		this.listener.accept(target);
	}

	private boolean add(TaskEnvelope task, int target, TypeLimit limit) {
		boolean ready = this.limited.add(limit, task, target);
		if (!task.isWaiting()) {
			this.limited.remove(limit, task); // its deadline has passed meanwhile
		}
		return ready;
	}

	/**
	 * Takes the next task for a task worker out of its queue. It counts for the limit of
	 * its type, until it has {@link #left}.
	 * @return the task, which may have been withdrawn; {@code null} if there is none
	 */
	@Nullable TaskEnvelope take(int taskWorker) {
		ReadyQueue own = this.targeted.get(taskWorker);
		while (true) {
			if (this.limited.isEmpty() && own.first() == null && !this.shared.isMixed()) {
				return this.shared.poll();
			}
			TaskEnvelope chosen = choose(taskWorker, own);
			TaskEnvelope task = (chosen != null) ? take(chosen, taskWorker, own) : null;
			if (chosen == null || task != null) {
				return task;
			}
		}
	}

	/** The task to be started next; it is still in its queue. */
	private @Nullable TaskEnvelope choose(int taskWorker, ReadyQueue own) {
		TaskEnvelope first = this.limited.isEmpty() ? null : this.limited.first(taskWorker, false);
		first = firstOf(first, own.first());
		first = firstOf(first, this.shared.first());
		if (first == null) {
			return null;
		}
		TaskEnvelope oldest = this.limited.isEmpty() ? null : this.limited.first(taskWorker, true);
		oldest = olderOf(oldest, own.oldest());
		oldest = olderOf(oldest, this.shared.oldest());
		if (oldest == null || oldest.priority() >= first.priority()) {
			return first;
		}
		if (this.overtakes.incrementAndGet() <= OVERTAKES) {
			return first;
		}
		this.overtakes.set(0);
		return oldest;
	}

	/** Takes a chosen task out of its queue, or one as good, or none if others did. */
	private @Nullable TaskEnvelope take(TaskEnvelope chosen, int taskWorker, ReadyQueue own) {
		TypeLimit limit = chosen.terms().limit();
		if (limit != null) {
			return this.limited.take(limit, chosen, taskWorker) ? chosen : null;
		}
		boolean mine = own.first() == chosen || own.oldest() == chosen;
		return (mine ? own : this.shared).poll(chosen.priority());
	}

	private static @Nullable TaskEnvelope firstOf(@Nullable TaskEnvelope one, @Nullable TaskEnvelope other) {
		if (one == null || other == null) {
			return (one != null) ? one : other;
		}
		return one.isBefore(other) ? one : other;
	}

	private static @Nullable TaskEnvelope olderOf(@Nullable TaskEnvelope one, @Nullable TaskEnvelope other) {
		if (one == null || other == null) {
			return (one != null) ? one : other;
		}
		return one.isOlderThan(other) ? one : other;
	}

	/** A task that was taken no longer counts for the limit of its type. */
	void left(TaskEnvelope task) {
		TypeLimit limit = task.terms().limit();
		if (limit != null) {
			this.limited.left(limit, this.listener);
		}
	}

	/**
	 * A task that has been added is not to start any more. Those without a limit stay
	 * where they are until they are taken, or are too many.
	 */
	void withdrawn(TaskEnvelope task, int waiting) {
		TypeLimit limit = task.terms().limit();
		if (limit != null) {
			this.limited.remove(limit, task);
		}
		else if (this.withdrawn.incrementAndGet() > Math.max(WITHDRAWN, waiting)) {
			this.withdrawn.set(0);
			this.shared.purge();
			this.targeted.forEach(ReadyQueue::purge);
		}
	}

	/** Whether a task a worker may execute is older. */
	boolean hasOlder(int taskWorker, long order) {
		return isOlder(this.targeted.get(taskWorker).oldest(), order) || isOlder(this.shared.oldest(), order)
				|| (!this.limited.isEmpty() && isOlder(this.limited.first(taskWorker, true), order));
	}

	private static boolean isOlder(@Nullable TaskEnvelope task, long order) {
		return task != null && task.order() < order;
	}

	/** Lets any worker take the tasks that name one that is not there. */
	void absent(int taskWorker, boolean absent) {
		this.absent.set(taskWorker, absent ? 1 : 0);
		if (absent) {
			redirect(taskWorker);
		}
	}

	private void redirect(int taskWorker) {
		boolean any = this.limited.redirect(taskWorker);
		ReadyQueue own = this.targeted.get(taskWorker);
		for (TaskEnvelope task = own.poll(); task != null; task = own.poll()) {
			this.shared.add(task);
			any = true;
		}
		if (any) {
			this.listener.accept(TaskEnvelope.ANY);
		}
	}

	boolean hasUntargeted() {
		return !this.shared.isEmpty() || (!this.limited.isEmpty() && this.limited.hasUntargeted());
	}

	/** How many tasks the queues hold on to, those with a limit apart. */
	int size() {
		int size = this.shared.size();
		for (ReadyQueue own : this.targeted) {
			size += own.size();
		}
		return size;
	}

}
