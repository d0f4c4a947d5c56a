package io.swoole.server.limit;

import java.net.SocketAddress;
import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;
import io.swoole.server.logging.LimitedLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Counts connections that are refused, and logs at most one of them per second, so that a
 * flood of them does not become a flood of lines. From any thread.
 */
@Internal
public final class Refusals {

	private final LongAdder aborted;

	private final LimitedLog log = new LimitedLog(LoggerFactory.getLogger(Refusals.class));

	/**
	 * Creates the refusals of a server.
	 * @param aborted counts them
	 */
	public Refusals(LongAdder aborted) {
		this.aborted = aborted;
	}

	/**
	 * A connection has been broken off before it was established.
	 */
	public void aborted() {
		this.aborted.increment();
	}

	/**
	 * A connection is refused.
	 * @param listener the name of the listener
	 * @param client the address of the client
	 * @param reason why
	 */
	public void refused(String listener, @Nullable SocketAddress client, String reason) {
		this.aborted.increment();
		this.log.warn("Connection from {} to listener '{}' is refused: {}", client, listener, reason);
	}

}
