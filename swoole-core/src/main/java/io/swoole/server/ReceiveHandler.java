package io.swoole.server;

import io.netty.buffer.ByteBuf;

/**
 * Handles the packets of connections.
 *
 * @see ServerHandler#onReceive
 */
@FunctionalInterface
public interface ReceiveHandler {

	/**
	 * Handles a packet, in the worker of the connection.
	 * @param server the server
	 * @param connection the connection
	 * @param packet the packet, valid during the call
	 * @throws Exception any failure; it is logged and counted
	 */
	void onReceive(SwooleServer server, Connection connection, ByteBuf packet) throws Exception;

}
