package io.swoole.server.tls;

import java.net.SocketAddress;

import io.swoole.server.Internal;

/**
 * What becomes of connections whose handshake fails.
 */
@Internal
@FunctionalInterface
public interface HandshakeFailures {

	/**
	 * A handshake has failed; on the event loop of the connection, which is closed.
	 * @param client the address of the client
	 * @param reason why
	 */
	void failed(SocketAddress client, String reason);

}
