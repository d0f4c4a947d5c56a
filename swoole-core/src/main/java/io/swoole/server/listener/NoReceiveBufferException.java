package io.swoole.server.listener;

import java.net.SocketException;

/**
 * There is no memory to receive datagrams with. Netty closes a socket for good after most
 * failures, but not after one of this kind.
 */
final class NoReceiveBufferException extends SocketException {

	private static final long serialVersionUID = 1L;

	NoReceiveBufferException(Throwable cause) {
		super("No buffer: " + cause);
		initCause(cause);
	}

}
