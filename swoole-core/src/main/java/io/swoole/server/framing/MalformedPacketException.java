package io.swoole.server.framing;

import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a client cannot be a packet; its connection is closed.
 */
@Internal
public final class MalformedPacketException extends Exception {

	private static final long serialVersionUID = 1L;

	private final SwooleError error;

	MalformedPacketException(SwooleError error, String message) {
		this(error, message, null);
	}

	/** It has no stack trace of its own: it describes input, not code. */
	MalformedPacketException(SwooleError error, String message, @Nullable Throwable cause) {
		super(message + " (" + error.code() + " " + error + ")", cause, false, false);
		this.error = error;
	}

	/**
	 * What is wrong with the bytes.
	 * @return the error
	 */
	public SwooleError error() {
		return this.error;
	}

	static MalformedPacketException tooLong(String what, int maxLength) {
		return new MalformedPacketException(SwooleError.PACKAGE_LENGTH_TOO_LARGE,
				what + " exceeds package-max-length of " + maxLength + " bytes");
	}

}
