package io.swoole.server.limit;

import java.net.InetAddress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.AttributeKey;
import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * The place of one connection among those that may be open. It is given back when the
 * socket is closed and, once the connection is established, nothing is left of that
 * either. After the accept it is accessed on the event loop of the connection only.
 */
@Internal
public final class Lease implements ChannelFutureListener {

	private static final AttributeKey<Lease> KEY = AttributeKey.valueOf(Lease.class, "lease");

	private final ConnectionLimit limit;

	private @Nullable InetAddress address;

	/** Who still needs the place: the socket, the connection, or both. */
	private int holders = 1;

	Lease(ConnectionLimit limit) {
		this.limit = limit;
	}

	/**
	 * The place of an accepted channel.
	 * @param channel the channel
	 * @return its place, {@code null} if nobody has counted it
	 */
	public static @Nullable Lease of(Channel channel) {
		return channel.attr(KEY).get();
	}

	/**
	 * Counts the connection for its address too.
	 * @param address the address of the client
	 * @return {@code false} if there are enough from that address
	 */
	public boolean claim(InetAddress address) {
		if (!this.limit.isPerAddress()) {
			return true;
		}
		if (!this.limit.enter(address)) {
			return false;
		}
		this.address = address;
		return true;
	}

	/**
	 * Ties the place to the life of an accepted channel.
	 * @param channel the channel
	 */
	public void attach(Channel channel) {
		channel.attr(KEY).set(this);
		channel.closeFuture().addListener(this);
	}

	/**
	 * The connection is established, and will {@link #release()} the place when nothing
	 * is left of it.
	 */
	public void hold() {
		this.holders++;
	}

	/**
	 * A holder of the place does not need it any more.
	 */
	public void release() {
		this.holders--;
		if (this.holders == 0) {
			this.limit.leave(this.address);
		}
	}

	@Override
	public void operationComplete(ChannelFuture closed) {
		release();
	}

}
