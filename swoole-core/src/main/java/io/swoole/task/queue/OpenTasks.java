package io.swoole.task.queue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Finds tasks by id, from acceptance until nothing is left of them. Ids count up, so a
 * task mostly has a slot of a ring to itself, which costs no allocation. One that is
 * still open when the ring has come round moves to a map.
 */
final class OpenTasks {

	/**
	 * Neighbouring ids are so many slots apart: one cache line for threads that count.
	 */
	private static final int STRIDE_BITS = 4;

	private static final int MAX_BITS = 16;

	private final int bits;

	private final AtomicReferenceArray<TaskEnvelope> ring;

	private final Map<Long, TaskEnvelope> displaced = new ConcurrentHashMap<>();

	/** Creates an empty ring with room for so many tasks. */
	OpenTasks(int capacity) {
		int needed = 32 - Integer.numberOfLeadingZeros(capacity - 1);
		this.bits = Math.max(STRIDE_BITS + 1, Math.min(needed, MAX_BITS));
		this.ring = new AtomicReferenceArray<>(1 << this.bits);
	}

	void add(TaskEnvelope task) {
		int slot = slot(task.id());
		TaskEnvelope before = this.ring.get(slot);
		while (!replace(slot, before, task)) {
			before = this.ring.get(slot);
		}
	}

	private boolean replace(int slot, @Nullable TaskEnvelope before, TaskEnvelope task) {
		if (before == null || before.isGone()) {
			return this.ring.compareAndSet(slot, before, task);
		}
		this.displaced.put(before.id(), before);
		boolean replaced = this.ring.compareAndSet(slot, before, task);
		if (before.isGone()) {
			this.displaced.remove(before.id()); // who removed it may have come too early
		}
		return replaced;
	}

	/** Nothing is left of a task. */
	void remove(TaskEnvelope task) {
		if (!this.ring.compareAndSet(slot(task.id()), task, null)) {
			this.displaced.remove(task.id());
		}
	}

	@Nullable TaskEnvelope find(long id) {
		TaskEnvelope task = (id >= 0) ? this.ring.get(slot(id)) : null;
		return (task != null && task.id() == id) ? task : this.displaced.get(id);
	}

	void forEach(Consumer<TaskEnvelope> action) {
		for (int i = 0; i < this.ring.length(); i++) {
			TaskEnvelope task = this.ring.get(i);
			if (task != null) {
				action.accept(task);
			}
		}
		this.displaced.values().forEach(action);
	}

	private int slot(long id) {
		int mask = this.ring.length() - 1;
		int low = (int) id & mask;
		return ((low << STRIDE_BITS) | (low >>> (this.bits - STRIDE_BITS))) & mask;
	}

}
