package io.swoole.server;

import io.swoole.server.engine.NettySwooleServer;

/**
 * Creates servers.
 */
public final class SwooleServers {

	private SwooleServers() {
	}

	/**
	 * Creates a server that does not run yet.
	 * @param options its settings
	 * @param handler its callbacks
	 * @return the server, to be started with {@link SwooleServer#start()}
	 */
	public static SwooleServer create(ServerOptions options, ServerHandler handler) {
		return new NettySwooleServer(options, handler);
	}

}
