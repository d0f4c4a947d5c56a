package io.swoole.server;

import io.swoole.task.TaskResult;

/**
 * Handles results of one type.
 *
 * @param <R> the type of the result
 * @see ServerHandler#onFinish
 */
@FunctionalInterface
public interface FinishHandler<R> {

	/**
	 * Handles a result, in the event worker that dispatched the task.
	 * @param server the server
	 * @param result the result and where it comes from
	 * @param data the result itself
	 * @throws Exception any failure; it is logged and counted
	 */
	void onFinish(SwooleServer server, TaskResult result, R data) throws Exception;

}
