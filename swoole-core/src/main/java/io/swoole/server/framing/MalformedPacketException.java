package io.swoole.server.framing;

import io.swoole.server.Internal;

/**
 * The bytes of a client cannot be a packet; its connection is closed.
 */
@Internal
public final class MalformedPacketException extends Exception {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception. It has no stack trace: it describes input, not code.
	 * @param message what is wrong with the bytes
	 */
	public MalformedPacketException(String message) {
		super(message, null, false, false);
	}

}
