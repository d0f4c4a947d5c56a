package io.swoole.spring.handler;

import java.time.Instant;

import io.swoole.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * A task with id 42, dispatched by worker 1 and executed by task worker 5.
 *
 * @param data the payload
 */
record TestTask(Object data) implements Task {

	@Override
	public long id() {
		return 42;
	}

	@Override
	public int sourceWorkerId() {
		return 1;
	}

	@Override
	public int taskWorkerId() {
		return 5;
	}

	@Override
	public Instant dispatchTime() {
		return Instant.EPOCH;
	}

	@Override
	public int attempt() {
		return 1;
	}

	@Override
	public boolean isCancelled() {
		return false;
	}

	@Override
	public boolean progress(Object state) {
		return false;
	}

	@Override
	public boolean finish(@Nullable Object result) {
		return false;
	}

}
