package io.swoole.server;

import org.jspecify.annotations.Nullable;

/**
 * A packet is not what the application expects of its clients. Thrown by
 * {@link ServerHandler#onReceive} and {@link ServerHandler#onPacket}: instead of a
 * failure of the callback the server counts an unreadable packet, warns once per second
 * at most, reports it to {@link ServerHandler#onError}, and closes the connection, as
 * whatever follows makes no more sense. Of a datagram nothing follows: it is dropped.
 */
public class UnreadablePacketException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception without a stack trace of its own: it describes input, not
	 * code.
	 * @param message what is wrong with the packet
	 * @param cause what has been thrown when it was read, if anything
	 */
	public UnreadablePacketException(String message, @Nullable Throwable cause) {
		super(message, cause, false, false);
	}

}
