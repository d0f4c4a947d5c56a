package io.swoole.task.execution;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks that had not ended when the server stopped, as they are reported: how many,
 * of which types, and how old.
 */
final class LostTasks {

	private static final Logger logger = LoggerFactory.getLogger(TaskPipeline.class);

	private final Map<String, Integer> types = new TreeMap<>();

	private int running;

	private int waiting;

	private int undelivered;

	private long oldest = Long.MAX_VALUE;

	/** Adds a task and how far it had come. */
	void add(TaskEnvelope task, TaskState state) {
		switch (state) {
			case WAITING -> this.waiting++;
			case RUNNING -> this.running++;
			default -> this.undelivered++;
		}
		this.types.merge(task.data().getClass().getName(), 1, Integer::sum);
		this.oldest = Math.min(this.oldest, task.dispatchMillis());
	}

	int count() {
		return this.running + this.waiting + this.undelivered;
	}

	void log(Duration patience) {
		int all = count();
		if (all > 0) {
			logger.warn(
					"{} tasks did not finish within max-wait-time of {} ms and are lost: {} running, {} waiting,"
							+ " {} without a delivered result, types {}, the oldest was posted {} ms ago",
					all, patience.toMillis(), this.running, this.waiting, this.undelivered, this.types,
					System.currentTimeMillis() - this.oldest);
		}
	}

}
