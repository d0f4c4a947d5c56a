package io.swoole.server;

/**
 * Is told of new connections.
 *
 * @see ServerHandler#onConnect
 */
@FunctionalInterface
public interface ConnectHandler {

	/**
	 * A client has connected, in the worker of the connection.
	 * @param server the server
	 * @param connection the connection
	 * @param reactorId the event loop that serves it
	 * @throws Exception any failure; it is logged and counted
	 */
	void onConnect(SwooleServer server, Connection connection, int reactorId) throws Exception;

}
