package io.swoole.server.connection;

import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.Internal;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Reactor;

/**
 * Packets of one connection that wait for their worker. While there are too many the
 * connection is not read: a worker that is too slow slows its clients down instead of
 * filling the memory. Reading goes on when half of them have been handled.
 */
@Internal
public final class QueuedInput {

	/** How many packets may wait without a limit of the application's own. */
	private static final int PACKETS = 128;

	/** How many bytes may wait without a limit of the application's own. */
	private static final int BYTES = 1024 * 1024;

	/** How many packets may wait where the application limits the bytes. */
	private static final int MANY_PACKETS = 65536;

	private static final int SHIFT = 40;

	private static final long ONE_PACKET = 1L << SHIFT;

	private static final long BYTES_MASK = ONE_PACKET - 1;

	private final ReadGate gate;

	private final Reactor reactor;

	private final int maxPackets;

	private final long maxBytes;

	/** Packets in the upper 24 bits, bytes in the lower 40. */
	private final AtomicLong queued = new AtomicLong();

	QueuedInput(ReadGate gate, Reactor reactor, long maxQueuedBytes) {
		this.gate = gate;
		this.reactor = reactor;
		this.maxPackets = (maxQueuedBytes > 0) ? MANY_PACKETS : PACKETS;
		this.maxBytes = (maxQueuedBytes > 0) ? maxQueuedBytes : BYTES;
	}

	/**
	 * How many packets have been handed out and not been taken by the worker.
	 * @return the number
	 */
	public int packets() {
		return (int) (this.queued.get() >>> SHIFT);
	}

	/** How many bytes wait. */
	long bytes() {
		return this.queued.get() & BYTES_MASK;
	}

	/**
	 * A packet leaves the event loop for its worker; on the event loop.
	 * @param bytes its length
	 */
	public void add(int bytes) {
		long now = this.queued.addAndGet(ONE_PACKET + bytes);
		if (now >>> SHIFT >= this.maxPackets || (now & BYTES_MASK) >= this.maxBytes) {
			this.gate.hold(ReadGate.QUEUED);
		}
	}

	/**
	 * The worker has taken a packet out of its queue.
	 * @param bytes its length
	 */
	public void remove(int bytes) {
		long before = this.queued.getAndAdd(-ONE_PACKET - bytes);
		long now = before - ONE_PACKET - bytes;
		if (!hasRoom(before) && hasRoom(now)) {
			// runs after the event loop has held the gate, even if it is about to
			this.reactor.post(Event.of(() -> {
				if (hasRoom(this.queued.get())) {
					this.gate.release(ReadGate.QUEUED);
				}
			}));
		}
	}

	private boolean hasRoom(long queued) {
		return queued >>> SHIFT < this.maxPackets / 2 && (queued & BYTES_MASK) < Math.max(1, this.maxBytes / 2);
	}

}
