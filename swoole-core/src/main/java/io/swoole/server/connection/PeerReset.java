package io.swoole.server.connection;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Tells a reset by the client from other failures. The JDK and Netty's native transports
 * say it in the message only.
 */
final class PeerReset {

	private PeerReset() {
	}

	/** Whether a failure of a read or write is due to a reset. */
	static boolean is(Throwable failure) {
		for (Throwable next = failure; next != null; next = causeOf(next)) {
			if (next instanceof IOException && !(next instanceof ClosedChannelException)) {
				String message = String.valueOf(next.getMessage()).toLowerCase(Locale.ROOT);
				// a broken pipe is a write after the reset has been received
				return message.contains("reset") || message.contains("broken pipe");
			}
		}
		return false;
	}

	/** Whether a write has failed because the connection has ended, in whatever way. */
	static boolean isClosed(Throwable failure) {
		return is(failure) || (failure instanceof ClosedChannelException && failure.getCause() == null);
	}

	/**
	 * Netty reports a failed write as a closed channel, with the failure as its cause.
	 */
	private static @Nullable Throwable causeOf(Throwable failure) {
		return (failure instanceof ClosedChannelException) ? failure.getCause() : null;
	}

}
