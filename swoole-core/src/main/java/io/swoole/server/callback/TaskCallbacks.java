package io.swoole.server.callback;

import io.swoole.server.Internal;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.TaskCallback;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the callbacks about tasks: in a task worker those that execute them, in the event
 * worker that has dispatched a task those about its results.
 */
@Internal
public final class TaskCallbacks {

	private static final Logger logger = LoggerFactory.getLogger(TaskCallbacks.class);

	private final SwooleServer server;

	private final ServerHandler handler;

	private final HandlerErrors errors;

	TaskCallbacks(SwooleServer server, ServerHandler handler, HandlerErrors errors) {
		this.server = server;
		this.handler = handler;
		this.errors = errors;
	}

	/**
	 * Executes a task, in a task worker.
	 * @param context the worker
	 * @param task the task
	 * @param type its type
	 * @return what the handler returns, or a {@link TaskFailure}
	 */
	public @Nullable Object task(WorkerContext context, Task task, TaskType type) {
		context.task(task);
		context.busy(true);
		try {
			TaskHandler<Object, Object> own = type.getHandler();
			return (own != null) ? own.onTask(this.server, task, task.data()) : this.handler.onTask(this.server, task);
		}
		catch (Throwable ex) {
			taskThrew(task, ex);
			return new TaskFailure(ex);
		}
		finally {
			context.task(null);
			context.endCallback();
		}
	}

	/**
	 * An attempt to execute a task has failed. What is thrown by one that was interrupted
	 * says nothing more.
	 * @param task the task
	 * @param cause what it has thrown
	 */
	public void taskThrew(Task task, Throwable cause) {
		if (task.isCancelled()) {
			logger.debug("{} has ended after it was interrupted", task, cause);
		}
		else {
			this.errors.failed("task", -1, task.taskWorkerId(), task.id(), cause);
		}
	}

	/**
	 * What kind of task payloads of a class are; in the thread that posts one.
	 * @param payload the class
	 * @return the type, {@code null} if nobody takes them
	 */
	public @Nullable TaskType taskType(Class<?> payload) {
		return this.handler.taskType(payload);
	}

	/**
	 * Runs the callback of a result, in the event worker that dispatched the task.
	 * @param context the worker
	 * @param result the result
	 */
	public void finish(WorkerContext context, TaskResult result) {
		context.resultOf(result.taskId());
		context.beginCallback(null);
		try {
			this.handler.onFinish(this.server, result);
		}
		catch (Throwable ex) {
			this.errors.failed("finish", -1, context.workerId(), result.taskId(), ex);
		}
		finally {
			context.endCallback();
			context.resultOf(-1);
		}
	}

	/**
	 * Runs the callback of one task, in the event worker that dispatched it.
	 * @param context the worker
	 * @param callback the callback
	 * @param taskId the task
	 * @param result its first result
	 */
	public void taskCallback(WorkerContext context, TaskCallback<Object> callback, long taskId,
			@Nullable Object result) {
		context.beginCallback(null);
		try {
			callback.onFinish(this.server, taskId, result);
		}
		catch (Throwable ex) {
			this.errors.failed("finish", -1, context.workerId(), taskId, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Runs the callback of a task that tells how far it has come, in the event worker
	 * that dispatched it.
	 * @param context the worker
	 * @param taskId the task
	 * @param state what it tells
	 */
	public void progress(WorkerContext context, long taskId, Object state) {
		context.beginCallback(null);
		try {
			this.handler.onProgress(this.server, taskId, state);
		}
		catch (Throwable ex) {
			this.errors.failed("progress", -1, context.workerId(), taskId, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Runs the callback of a task that has failed for good, in the event worker that
	 * dispatched it.
	 * @param context the worker
	 * @param task the task
	 * @param cause what it has thrown
	 */
	public void taskFailed(WorkerContext context, Task task, Throwable cause) {
		context.beginCallback(null);
		try {
			this.handler.onTaskFailed(this.server, task, cause);
		}
		catch (Throwable ex) {
			this.errors.failed("taskFailed", -1, context.workerId(), task.id(), ex);
		}
		finally {
			context.endCallback();
		}
	}

}
