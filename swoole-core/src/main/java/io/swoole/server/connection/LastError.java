package io.swoole.server.connection;

import io.netty.util.concurrent.FastThreadLocal;
import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why the last operation of each thread was refused.
 */
@Internal
public final class LastError {

	private static final Logger logger = LoggerFactory.getLogger(LastError.class);

	private final FastThreadLocal<SwooleError> last = new FastThreadLocal<>() {
		@Override
		protected SwooleError initialValue() {
			return SwooleError.NONE;
		}
	};

	/**
	 * The reason, for the calling thread.
	 * @return the error, {@link SwooleError#NONE} after a success
	 */
	public SwooleError get() {
		return this.last.get();
	}

	/**
	 * Remembers how an operation of the calling thread ended.
	 * @param operation the operation
	 * @param fd the connection
	 * @param error the error, {@link SwooleError#NONE} for a success
	 * @return {@code true} for a success
	 */
	public boolean succeeded(String operation, long fd, SwooleError error) {
		if (this.last.get() != error) {
			this.last.set(error);
		}
		if (error == SwooleError.NONE) {
			return true;
		}
		logger.debug("{} refused: {} ({}) [fd={}]", operation, error, error.code(), fd);
		return false;
	}

}
