package io.swoole.server.connection;

import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import io.swoole.server.worker.WorkerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why the last operation of each thread was refused.
 */
@Internal
public final class LastError {

	private static final Logger logger = LoggerFactory.getLogger(LastError.class);

	private final Object server;

	/** Of threads that are no workers; those keep it in their context. */
	private final ThreadLocal<SwooleError> ofOthers = ThreadLocal.withInitial(() -> SwooleError.NONE);

	/**
	 * Nothing has been refused yet.
	 * @param server the server
	 */
	public LastError(Object server) {
		this.server = server;
	}

	/**
	 * The reason, for the calling thread.
	 * @return the error, {@link SwooleError#NONE} after a success
	 */
	public SwooleError get() {
		WorkerContext context = WorkerContext.current(this.server);
		return (context != null) ? context.lastError() : this.ofOthers.get();
	}

	/**
	 * Remembers how an operation of the calling thread ended.
	 * @param operation the operation
	 * @param fd the connection
	 * @param error the error, {@link SwooleError#NONE} for a success
	 * @return {@code true} for a success
	 */
	public boolean succeeded(String operation, long fd, SwooleError error) {
		WorkerContext context = WorkerContext.current(this.server);
		if (context != null) {
			context.lastError(error);
		}
		else if (this.ofOthers.get() != error) {
			this.ofOthers.set(error);
		}
		if (error == SwooleError.NONE) {
			return true;
		}
		logger.debug("{} refused: {} ({}) [fd={}]", operation, error, error.code(), fd);
		return false;
	}

}
