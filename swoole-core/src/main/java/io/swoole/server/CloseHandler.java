package io.swoole.server;

/**
 * Is told of connections that have ended.
 *
 * @see ServerHandler#onClose
 */
@FunctionalInterface
public interface CloseHandler {

	/**
	 * A connection has ended, in the worker of the connection.
	 * @param server the server
	 * @param connection the connection
	 * @param reactorId the event loop that noticed it, −1 when the server closed it
	 * @throws Exception any failure; it is logged and counted
	 */
	void onClose(SwooleServer server, Connection connection, int reactorId) throws Exception;

}
