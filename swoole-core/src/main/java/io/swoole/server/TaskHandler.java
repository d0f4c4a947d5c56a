package io.swoole.server;

import io.swoole.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * Executes tasks with payloads of one type.
 *
 * @param <T> the type of the payload
 * @param <R> the type of the result
 * @see ServerHandler#onTask
 */
@FunctionalInterface
public interface TaskHandler<T, R> {

	/**
	 * Executes a task, in a task worker.
	 * @param server the server
	 * @param task the task
	 * @param data its payload
	 * @return the result, or {@code null} for none
	 * @throws Exception any failure; it is logged and the task has no result
	 */
	@Nullable R onTask(SwooleServer server, Task task, T data) throws Exception;

}
