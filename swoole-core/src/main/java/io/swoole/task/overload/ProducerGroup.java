package io.swoole.task.overload;

import io.swoole.server.Internal;

/**
 * The connections of one listener. As long as none of them has ever posted a task, they
 * have nothing to do with the task queue.
 */
@Internal
public final class ProducerGroup {

	private final TaskCapacity capacity;

	private volatile boolean posting;

	/**
	 * Creates a group that has not posted anything.
	 * @param capacity the places for tasks
	 */
	public ProducerGroup(TaskCapacity capacity) {
		this.capacity = capacity;
		// so few places that not even the first packets may go without
		this.posting = capacity.isOverloaded();
	}

	TaskCapacity capacity() {
		return this.capacity;
	}

	/** Whether one of the connections has posted a task. */
	boolean isPosting() {
		return this.posting;
	}

	void posted() {
		if (!this.posting) {
			this.posting = true;
		}
	}

}
