package io.swoole.server.connection;

import io.swoole.server.Internal;
import io.swoole.server.SwooleError;

/**
 * How far the life of a connection has come.
 */
@Internal
public enum ConnectionState {

	/** Established, and nobody has asked to close it. */
	OPEN(SwooleError.NONE, SwooleError.NONE),

	/** The server has been asked to close it, its close callback comes next. */
	CLOSE_REQUESTED(SwooleError.SESSION_CLOSED, SwooleError.SESSION_CLOSED),

	/** Its close callback runs. */
	IN_CLOSE_CALLBACK(SwooleError.SESSION_CLOSED, SwooleError.SESSION_CLOSING),

	/** Its close callback has returned, its last output is written. */
	FLUSHING(SwooleError.SESSION_NOT_EXIST, SwooleError.SESSION_CLOSED),

	/** Nothing is left of it. */
	RELEASED(SwooleError.SESSION_NOT_EXIST, SwooleError.SESSION_NOT_EXIST);

	private final SwooleError error;

	private final SwooleError closeError;

	ConnectionState(SwooleError error, SwooleError closeError) {
		this.error = error;
		this.closeError = closeError;
	}

	/**
	 * Why nothing can be done with the connection any more.
	 * @return the error, {@link SwooleError#NONE} while it is open
	 */
	public SwooleError error() {
		return this.error;
	}

	/**
	 * Why it cannot be closed once more.
	 * @return the error, {@link SwooleError#NONE} while it is open
	 */
	SwooleError closeError() {
		return this.closeError;
	}

	/**
	 * Whether the facts of the connection can still be asked for by its fd.
	 * @return {@code false} once its close callback has returned
	 */
	public boolean isKnown() {
		return ordinal() < FLUSHING.ordinal();
	}

}
