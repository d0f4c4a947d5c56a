package io.swoole.server.callback;

import io.swoole.server.Internal;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.WorkerError;

/**
 * Runs the callbacks about the server as a whole, in the thread that manages it.
 */
@Internal
public final class ServerCallbacks {

	private final SwooleServer server;

	private final ServerHandler handler;

	private final HandlerErrors errors;

	ServerCallbacks(SwooleServer server, ServerHandler handler, HandlerErrors errors) {
		this.server = server;
		this.handler = handler;
		this.errors = errors;
	}

	/**
	 * Runs the callback of the start of the server.
	 * @throws Exception what the application throws: the start fails
	 */
	public void start() throws Exception {
		this.handler.onStart(this.server);
	}

	/**
	 * Runs the first callback of the stop of the server.
	 */
	public void beforeShutdown() {
		supervise("beforeShutdown", () -> this.handler.onBeforeShutdown(this.server));
	}

	/**
	 * Runs the last callback of all.
	 */
	public void shutdown() {
		supervise("shutdown", () -> this.handler.onShutdown(this.server));
	}

	/**
	 * Runs the callback of a worker whose thread has been lost; in the supervisor thread.
	 * @param error what has happened
	 */
	public void workerError(WorkerError error) {
		supervise("workerError", () -> this.handler.onWorkerError(this.server, error));
	}

	/**
	 * Runs the callback of a reload that begins; in the supervisor thread.
	 */
	public void beforeReload() {
		supervise("beforeReload", () -> this.handler.onBeforeReload(this.server));
	}

	/**
	 * Runs the callback of a reload that is complete; in the supervisor thread.
	 */
	public void afterReload() {
		supervise("afterReload", () -> this.handler.onAfterReload(this.server));
	}

	private void supervise(String event, Callback callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			this.errors.failed(event, -1, -1, -1, ex);
		}
		finally {
			Thread.interrupted();
		}
	}

	@FunctionalInterface
	private interface Callback {

		void run() throws Exception;

	}

}
