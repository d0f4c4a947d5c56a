package io.swoole.task.execution;

import java.util.List;

import io.swoole.task.DeadLetter;
import io.swoole.task.DeadLetters;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.queue.DeadLetterStore;
import io.swoole.task.queue.DeadLetterStore.Entry;
import io.swoole.task.queue.TaskEnvelope;

/**
 * The dead letters as the application sees them.
 */
final class ReplayableDeadLetters implements DeadLetters {

	private final DeadLetterStore store;

	private final TaskSubmission submission;

	ReplayableDeadLetters(DeadLetterStore store, TaskSubmission submission) {
		this.store = store;
		this.submission = submission;
	}

	@Override
	public List<DeadLetter> list(int limit) {
		if (limit < 0) {
			throw new IllegalArgumentException("The limit cannot be negative: " + limit);
		}
		return this.store.list(limit);
	}

	@Override
	public boolean replay(long taskId) {
		Entry entry = this.store.take(taskId);
		if (entry == null) {
			return false;
		}
		try {
			TaskOptions options = withoutTimes(entry.options());
			TaskEnvelope task = this.submission.submitOrKeep(entry.letter().data(), options,
					() -> this.store.put(entry));
			// options with a key are made for one task only
			if (task.options() != options) {
				throw new TaskRejectedException("Another task of key '" + options.getKey()
						+ "' waits or runs: replay task " + taskId + " when task " + task.id() + " has ended");
			}
			return true;
		}
		catch (RuntimeException ex) {
			this.store.put(entry);
			throw ex;
		}
	}

	/** The same options but for those that were about the first time. */
	private static TaskOptions withoutTimes(TaskOptions first) {
		if (first == TaskOptions.none()) {
			return first;
		}
		TaskOptions options = TaskOptions.none().withPriority(first.getPriority()).withWorker(first.getWorker());
		options = (first.getTimeout() != null) ? options.withTimeout(first.getTimeout()) : options;
		options = (first.getRetries() >= 0) ? options.withRetries(first.getRetries()) : options;
		options = (first.getBackoff() != null) ? options.withBackoff(first.getBackoff()) : options;
		return (first.getKey() != null) ? options.withKey(first.getKey()) : options;
	}

	@Override
	public int replayAll() {
		int replayed = 0;
		for (DeadLetter letter : this.store.list(Integer.MAX_VALUE)) {
			try {
				replayed += replay(letter.taskId()) ? 1 : 0;
			}
			catch (TaskRejectedException ex) {
				return replayed;
			}
		}
		return replayed;
	}

	@Override
	public boolean discard(long taskId) {
		return this.store.take(taskId) != null;
	}

}
