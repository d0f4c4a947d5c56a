package io.swoole.server;

import org.jspecify.annotations.Nullable;

/**
 * The server could not be started.
 */
public class ServerException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param message what went wrong and what to do
	 * @param cause why, if another exception says it
	 */
	public ServerException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
