package io.swoole.task;

import io.swoole.server.SwooleServer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the first result of one task, instead of
 * {@link io.swoole.server.ServerHandler#onFinish}. It is called once, in the event worker
 * that dispatched the task, or never: not when the task fails, is cancelled, expires, or
 * has no result within {@code task-result-timeout} after its handler has returned.
 *
 * @param <R> the type of the result
 * @see SwooleServer#task(Object, TaskCallback)
 */
@FunctionalInterface
public interface TaskCallback<R> {

	/**
	 * Takes the result. What this method throws is logged, counted and reported like a
	 * failure of {@link io.swoole.server.ServerHandler#onFinish}.
	 * @param server the server
	 * @param taskId the task
	 * @param result its first result
	 */
	void onFinish(SwooleServer server, long taskId, @Nullable R result);

}
