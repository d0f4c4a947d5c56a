package io.swoole.server;

/**
 * Handles datagrams.
 *
 * @see ServerHandler#onPacket
 */
@FunctionalInterface
public interface PacketHandler {

	/**
	 * Handles a datagram, in the worker chosen for its sender.
	 * @param server the server
	 * @param packet the datagram
	 * @throws Exception any failure; it is logged and counted
	 */
	void onPacket(SwooleServer server, Packet packet) throws Exception;

}
