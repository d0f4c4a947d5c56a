package io.swoole.server.heartbeat;

import io.swoole.server.connection.NettyConnection;
import io.swoole.server.framing.FrameDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client is silent for too long, or does not get on with a
 * packet. While the server itself does not read, because it is behind with the packets of
 * the connection, the client cannot be blamed and no time passes.
 */
final class ConnectionWatch extends Watched {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionWatch.class);

	private final NettyConnection connection;

	private final FrameDecoder decoder;

	private final Patience patience;

	/** When the server has last been seen not to read. */
	private long heldMillis;

	/** The progress of the output when it was looked at last. */
	private long outputProgress;

	private long outputMillis;

	/** The packet that was incomplete when it was looked at last. */
	private long packet = -1;

	private long packetMillis;

	ConnectionWatch(Sweep sweep, NettyConnection connection, FrameDecoder decoder, Patience patience) {
		super(sweep);
		this.connection = connection;
		this.decoder = decoder;
		this.patience = patience;
	}

	@Override
	protected void check(long now, long floor) {
		if (this.connection.gate().isHeldByServer()) {
			this.heldMillis = now;
		}
		// a client that has ended its side cannot speak any more: others see to its end
		if (!this.connection.attachments().isProtected() && !this.connection.life().hasInputEnded()) {
			long since = Math.max(floor, this.heldMillis);
			if (isTooLong(now, Math.max(since, this.connection.lastReceiveMillis()), this.patience.idle())) {
				logger.debug("{} is closed: it has been silent for {} ms", this.connection, this.patience.idle());
				this.connection.life().closeNow();
			}
			else if (isTooLong(now, Math.max(since, lastActivity(now)), this.patience.maxIdle())) {
				logger.debug("{} is closed: nothing has been received or sent for {} ms", this.connection,
						this.patience.maxIdle());
				this.connection.life().closeNow();
			}
			else if (this.patience.packet() > 0) {
				checkPacket(now, floor);
			}
		}
	}

	private static boolean isTooLong(long now, long since, long most) {
		return most > 0 && now - since >= most;
	}

	private long lastActivity(long now) {
		if (this.patience.maxIdle() == 0) {
			return now;
		}
		long progress = this.connection.outputProgress();
		if (progress != this.outputProgress) {
			this.outputProgress = progress;
			this.outputMillis = now;
		}
		return Math.max(Math.max(this.connection.lastReceiveMillis(), this.connection.lastSendMillis()),
				this.outputMillis);
	}

	/**
	 * The time of a packet begins when it is first seen incomplete, so that the decoder
	 * need not ask for the time.
	 */
	private void checkPacket(long now, long floor) {
		if (!this.decoder.isMidPacket()) {
			this.packet = -1;
		}
		else if (this.packet != this.decoder.packets()) {
			this.packet = this.decoder.packets();
			this.packetMillis = now;
		}
		else if (isTooLong(now, Math.max(floor, this.packetMillis), this.patience.packet())) {
			logger.info("{} is closed: it has not completed a packet of which {} bytes have come for {} ms",
					this.connection, this.decoder.bufferedBytes(), this.patience.packet());
			this.connection.life().closeNow();
		}
	}

}
