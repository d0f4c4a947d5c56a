package io.swoole.server.engine;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

import io.swoole.server.PipeMessage;
import io.swoole.server.callback.WorkerCallbacks;
import io.swoole.server.supervision.WorkerLife;
import io.swoole.server.worker.Supervised;
import io.swoole.task.execution.TaskPipeline;

/**
 * Brings messages to workers.
 */
final class Messages {

	private final List<WorkerLife> lives;

	private final TaskPipeline tasks;

	private final WorkerCallbacks callbacks;

	private final Backlog backlog;

	private volatile boolean closed;

	Messages(List<WorkerLife> lives, TaskPipeline tasks, WorkerCallbacks callbacks) {
		this.lives = lives;
		this.tasks = tasks;
		this.callbacks = callbacks;
		this.backlog = new Backlog(lives.size());
	}

	/** Takes no more messages: the workers are about to stop. */
	void close() {
		this.closed = true;
	}

	boolean send(Object message, int sourceWorkerId, int workerId) {
		Objects.requireNonNull(message, "message must not be null");
		if (!this.callbacks.acceptsPipeMessages()) {
			throw new IllegalStateException("sendMessage() needs a handler for pipe messages: add an @OnPipeMessage"
					+ " method (without Spring: override onPipeMessage)");
		}
		if (workerId < 0 || workerId >= this.lives.size()) {
			throw new IllegalArgumentException(
					"There is no worker " + workerId + ": allowed are 0 to " + (this.lives.size() - 1));
		}
		if (workerId == sourceWorkerId) {
			throw new IllegalArgumentException("Worker " + workerId + " cannot send a message to itself");
		}
		if (this.closed) {
			return false;
		}
		if (!this.backlog.add(workerId, false)) {
			return false;
		}
		Supervised worker = this.lives.get(workerId).worker();
		PipeMessage pipeMessage = new PipeMessage(sourceWorkerId, Instant.now(), message);
		this.tasks.postInOrder(worker, () -> {
			this.backlog.remove(workerId);
			this.callbacks.pipeMessage(worker.context(), pipeMessage);
		});
		return true;
	}

}
