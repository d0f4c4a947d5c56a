package io.swoole.server.callback;

import io.swoole.server.Internal;
import io.swoole.server.PipeMessage;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.worker.WorkerContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs the callbacks about a worker, and the code the application has left with it, in
 * that worker.
 */
@Internal
public final class WorkerCallbacks {

	private final SwooleServer server;

	private final ServerHandler handler;

	private final HandlerErrors errors;

	private final boolean acceptsPipeMessages;

	private final boolean hasWorkerExit;

	WorkerCallbacks(SwooleServer server, ServerHandler handler, HandlerErrors errors) {
		this.server = server;
		this.handler = handler;
		this.errors = errors;
		this.acceptsPipeMessages = handler.handles("onPipeMessage");
		this.hasWorkerExit = handler.handles("onWorkerExit");
	}

	/**
	 * Runs the first callback of a worker.
	 * @param context the worker
	 * @throws Exception what the application throws: the start fails
	 */
	public void workerStart(WorkerContext context) throws Exception {
		context.busy(true);
		try {
			this.handler.onWorkerStart(this.server, context.workerId());
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Runs the first callback of a worker once more, after a restart. A failure does not
	 * stop the worker.
	 * @param context the worker
	 */
	public void workerStartAgain(WorkerContext context) {
		context.busy(true);
		try {
			this.handler.onWorkerStart(this.server, context.workerId());
		}
		catch (Throwable ex) {
			this.errors.failed("workerStart", -1, context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Runs a piece of code the application has left with a worker.
	 * @param event what it is
	 * @param context the worker
	 * @param code the code
	 */
	public void run(String event, WorkerContext context, Runnable code) {
		run(event, context, null, code);
	}

	/**
	 * Runs a piece of code the application has left with a worker, about a connection.
	 * @param event what it is
	 * @param context the worker
	 * @param connection the connection, if any; it may have ended
	 * @param code the code
	 */
	public void run(String event, WorkerContext context, @Nullable NettyConnection connection, Runnable code) {
		context.beginCallback(connection);
		try {
			code.run();
		}
		catch (Throwable ex) {
			this.errors.failed(event, (connection != null) ? connection.fd() : -1, context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Whether the application takes messages between workers.
	 * @return {@code true} if so
	 */
	public boolean acceptsPipeMessages() {
		return this.acceptsPipeMessages;
	}

	/**
	 * Runs the callback of a message, in the worker it was sent to.
	 * @param context the worker
	 * @param message the message
	 */
	public void pipeMessage(WorkerContext context, PipeMessage message) {
		context.beginCallback(null);
		try {
			this.handler.onPipeMessage(this.server, message);
		}
		catch (Throwable ex) {
			this.errors.failed("pipeMessage", -1, context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Whether the application wants to be told of workers that have work left.
	 * @return {@code true} if so
	 */
	public boolean hasWorkerExit() {
		return this.hasWorkerExit;
	}

	/**
	 * Runs the callback of a worker that has been told to stop and has work left.
	 * @param context the worker
	 */
	public void workerExit(WorkerContext context) {
		context.busy(true);
		try {
			this.handler.onWorkerExit(this.server, context.workerId());
		}
		catch (Throwable ex) {
			this.errors.failed("workerExit", -1, context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Runs the last callback of a worker.
	 * @param context the worker
	 */
	public void workerStop(WorkerContext context) {
		context.busy(true);
		try {
			this.handler.onWorkerStop(this.server, context.workerId());
		}
		catch (Throwable ex) {
			this.errors.failed("workerStop", -1, context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

}
