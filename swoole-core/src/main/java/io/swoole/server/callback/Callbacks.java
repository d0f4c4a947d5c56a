package io.swoole.server.callback;

import io.swoole.server.Internal;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.connection.ServerCounters;

/**
 * The callbacks of an application, by what they are about. Whatever one throws ends in
 * {@link HandlerErrors}, and the caller goes on.
 */
@Internal
public final class Callbacks {

	private final HandlerErrors errors;

	private final ConnectionCallbacks connections;

	private final TaskCallbacks tasks;

	private final WorkerCallbacks workers;

	private final ServerCallbacks server;

	/**
	 * Creates the callbacks of a server.
	 * @param server the server
	 * @param handler the application
	 * @param counters counts failures
	 */
	public Callbacks(SwooleServer server, ServerHandler handler, ServerCounters counters) {
		this.errors = new HandlerErrors(server, handler, counters);
		this.connections = new ConnectionCallbacks(server, counters, this.errors);
		this.tasks = new TaskCallbacks(server, handler, this.errors);
		this.workers = new WorkerCallbacks(server, handler, this.errors);
		this.server = new ServerCallbacks(server, handler, this.errors);
	}

	/**
	 * Takes what callbacks throw.
	 * @return where failures end
	 */
	public HandlerErrors errors() {
		return this.errors;
	}

	/**
	 * Those about connections and packets.
	 * @return the callbacks
	 */
	public ConnectionCallbacks connections() {
		return this.connections;
	}

	/**
	 * Those about tasks and results.
	 * @return the callbacks
	 */
	public TaskCallbacks tasks() {
		return this.tasks;
	}

	/**
	 * Those about workers.
	 * @return the callbacks
	 */
	public WorkerCallbacks workers() {
		return this.workers;
	}

	/**
	 * Those about the whole server.
	 * @return the callbacks
	 */
	public ServerCallbacks server() {
		return this.server;
	}

}
