package io.swoole.server;

/**
 * Why an operation was refused, with Swoole's numbers ({@code SWOOLE_ERROR_*}).
 */
public enum SwooleError {

	/** No error. */
	NONE(0),

	/** There was no data to send. */
	NO_PAYLOAD(550),

	/** The connection is being closed by a callback that is running. */
	SESSION_CLOSING(1003),

	/** The connection has been closed, by the server or by the client. */
	SESSION_CLOSED(1004),

	/** There is no connection with this fd. */
	SESSION_NOT_EXIST(1005),

	/** More than {@code socket-buffer-size} waits to be written already. */
	OUTPUT_BUFFER_OVERFLOW(1009);

	private final int code;

	SwooleError(int code) {
		this.code = code;
	}

	/**
	 * Swoole's number of this error.
	 * @return the code
	 */
	public int code() {
		return this.code;
	}

}
