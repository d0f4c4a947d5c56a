package io.swoole.server.limit;

import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts connections that are refused, and logs at most one of them per second, so that a
 * flood of them does not become a flood of lines. From any thread.
 */
@Internal
public final class Refusals {

	private static final Logger logger = LoggerFactory.getLogger(Refusals.class);

	private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

	private final LongAdder aborted;

	private final AtomicLong lastLine = new AtomicLong(System.nanoTime() - PAUSE);

	private final LongAdder silent = new LongAdder();

	/**
	 * Creates the refusals of a server.
	 * @param aborted counts them
	 */
	public Refusals(LongAdder aborted) {
		this.aborted = aborted;
	}

	/**
	 * A connection is refused.
	 * @param listener the name of the listener
	 * @param client the address of the client
	 * @param reason why
	 */
	public void refused(String listener, @Nullable SocketAddress client, String reason) {
		this.aborted.increment();
		long last = this.lastLine.get();
		long now = System.nanoTime();
		if (now - last < PAUSE || !this.lastLine.compareAndSet(last, now)) {
			this.silent.increment();
			return;
		}
		logger.warn("Connection from {} to listener '{}' is refused: {} [{} more were refused since the last line]",
				client, listener, reason, this.silent.sumThenReset());
	}

}
