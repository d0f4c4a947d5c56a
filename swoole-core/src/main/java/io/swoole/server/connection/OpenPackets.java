package io.swoole.server.connection;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Counts the packets of one connection that different workers have in their queues or in
 * hand, so that the end of the connection can come after all of them.
 */
@Internal
public final class OpenPackets {

	/** One for each packet, and one for the connection until it ends. */
	private final AtomicInteger count = new AtomicInteger(1);

	private final AtomicBoolean ended = new AtomicBoolean();

	private volatile @Nullable Runnable end;

	OpenPackets() {
	}

	/**
	 * A packet goes to a worker; on the event loop.
	 */
	public void begin() {
		this.count.incrementAndGet();
	}

	/**
	 * A packet has been handled or dropped; from any thread.
	 */
	public void done() {
		if (this.count.decrementAndGet() == 0) {
			Runnable action = this.end;
			if (action != null) {
				action.run();
			}
		}
	}

	/**
	 * No more packets come; on the event loop. Only the first call has an effect.
	 * @param action what to do after the last packet, in whatever thread that ends
	 */
	public void end(Runnable action) {
		if (this.ended.compareAndSet(false, true)) {
			this.end = action;
			done();
		}
	}

	/**
	 * Whether no more packets come and all have been handled or dropped; from any thread.
	 * @return {@code true} once what comes after the last packet has begun
	 */
	public boolean isDone() {
		return this.count.get() == 0;
	}

	/**
	 * Whether no more packets come; from any thread.
	 * @return {@code true} once the client's side has ended
	 */
	public boolean hasEnded() {
		return this.ended.get();
	}

}
