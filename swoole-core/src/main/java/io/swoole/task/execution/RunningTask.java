package io.swoole.task.execution;

import java.time.Instant;

import io.swoole.task.Task;
import io.swoole.task.queue.TaskEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * A task in the hands of a task worker; the handle the application gets.
 */
final class RunningTask implements Task {

	private final TaskEnvelope envelope;

	private final int taskWorkerId;

	private final ResultRouter results;

	RunningTask(TaskEnvelope envelope, int taskWorkerId, ResultRouter results) {
		this.envelope = envelope;
		this.taskWorkerId = taskWorkerId;
		this.results = results;
	}

	@Override
	public long id() {
		return this.envelope.id();
	}

	@Override
	public int sourceWorkerId() {
		return this.envelope.sourceWorker();
	}

	@Override
	public int taskWorkerId() {
		return this.taskWorkerId;
	}

	@Override
	public Object data() {
		return this.envelope.data();
	}

	@Override
	public Instant dispatchTime() {
		return Instant.ofEpochMilli(this.envelope.dispatchMillis());
	}

	@Override
	public boolean finish(@Nullable Object result) {
		return this.results.deliver(this.envelope, this.taskWorkerId, result);
	}

	@Override
	public String toString() {
		return "Task[id=" + id() + "]";
	}

}
