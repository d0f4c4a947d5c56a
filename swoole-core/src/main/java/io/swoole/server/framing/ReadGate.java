package io.swoole.server.framing;

import io.netty.channel.Channel;
import io.swoole.server.Internal;

/**
 * Decides whether a connection hands out packets and reads. Anyone who wants it to wait
 * holds the gate for a reason of its own; it is open when nobody does. Accessed on the
 * event loop only.
 */
@Internal
public final class ReadGate {

	/** The connection has had its turn; others get on first. */
	public static final int TURN = 1;

	/** Packets handed out before still wait for their worker. */
	public static final int QUEUED = 2;

	/** The server stops. */
	public static final int STOPPING = 4;

	/** The application has paused the connection, or has not confirmed it yet. */
	public static final int PAUSED = 8;

	/** Packets handed out before wait until the task queue has room. */
	public static final int TASKS = 16;

	private final Channel channel;

	private int reasons;

	private boolean draining;

	private Runnable opened = () -> {
	};

	/**
	 * Creates an open gate.
	 * @param channel the channel that is read
	 */
	public ReadGate(Channel channel) {
		this.channel = channel;
	}

	/**
	 * Whether packets may be handed out.
	 * @return {@code true} if nobody holds the gate
	 */
	public boolean isOpen() {
		return this.reasons == 0;
	}

	/**
	 * Whether the server itself holds the gate: it is behind, or stops.
	 * @return {@code true} if so
	 */
	public boolean isHeldByServer() {
		return (this.reasons & ~PAUSED) != 0;
	}

	/**
	 * Closes the gate, from the next packet on.
	 * @param reason who holds it
	 */
	public void hold(int reason) {
		if (this.draining) {
			return;
		}
		if (this.reasons == 0) {
			setAutoRead(false);
		}
		this.reasons |= reason;
	}

	/**
	 * Opens the gate, unless somebody else holds it.
	 * @param reason who held it
	 */
	public void release(int reason) {
		if (this.reasons != reason) {
			this.reasons &= ~reason;
			return;
		}
		this.reasons = 0;
		this.opened.run();
		if (this.reasons == 0) {
			setAutoRead(true);
		}
	}

	private void setAutoRead(boolean on) {
		// a closed socket has no registration any more that could be changed
		if (this.channel.isOpen()) {
			this.channel.config().setAutoRead(on);
		}
	}

	/**
	 * Opens the gate for good: the connection is being closed, and what still arrives
	 * must be read, so that the operating system does not answer it with a reset.
	 */
	public void drain() {
		this.draining = true;
		if (this.reasons != 0) {
			this.reasons = 0;
			// not at once: the caller may be a callback
			this.channel.eventLoop().execute(() -> {
				this.opened.run();
				setAutoRead(true);
			});
		}
	}

	void onOpened(Runnable opened) {
		this.opened = opened;
	}

}
