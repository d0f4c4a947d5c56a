package io.swoole.server.engine;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.swoole.server.ListenerOptions;
import io.swoole.server.limit.AddressFilter;
import io.swoole.server.limit.ConnectionLimit;
import io.swoole.server.limit.Lease;
import io.swoole.server.limit.Refusals;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in front of a listener: who may not connect is closed as soon as it is accepted,
 * before it gets an event loop and before a byte is read.
 */
final class AcceptHandler extends ChannelInboundHandlerAdapter {

	private static final Logger logger = LoggerFactory.getLogger(AcceptHandler.class);

	/** How long nothing is accepted after the operating system has refused to. */
	private static final long PAUSE_SECONDS = 1;

	private final ListenerOptions listener;

	private final AddressFilter filter;

	private final ConnectionLimit limit;

	private final Refusals refusals;

	AcceptHandler(ListenerOptions listener, ConnectionLimit limit, Refusals refusals) {
		this.listener = listener;
		this.filter = new AddressFilter(listener);
		this.limit = limit;
		this.refusals = refusals;
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object accepted) {
		Channel channel = (Channel) accepted;
		String reason = admit(channel);
		if (reason == null) {
			ctx.fireChannelRead(channel);
		}
		else {
			this.refusals.refused(this.listener.name(), channel.remoteAddress(), reason);
			channel.unsafe().closeForcibly();
		}
	}

	private @Nullable String admit(Channel channel) {
		InetAddress client = (channel.remoteAddress() instanceof InetSocketAddress remote) ? remote.getAddress() : null;
		String reason = (client != null) ? this.filter.refuse(client) : null;
		if (reason != null) {
			return reason;
		}
		Lease lease = this.limit.lease();
		if (lease == null) {
			return this.limit.full();
		}
		// a load balancer opens the connections of many clients: they count by the
		// address it announces
		if (client != null && !this.listener.proxyProtocol() && !lease.claim(client)) {
			lease.release();
			return this.limit.fullPerAddress();
		}
		lease.attach(channel);
		return null;
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		logger.warn(
				"Listener '{}' accepts nothing for {} second: {}. If too many files are open, raise the limit of"
						+ " the process (ulimit -n) or lower max-connection",
				this.listener.name(), PAUSE_SECONDS, cause.toString());
		logger.debug("Listener '{}' could not accept", this.listener.name(), cause);
		Channel channel = ctx.channel();
		if (channel.config().isAutoRead()) {
			channel.config().setAutoRead(false);
			ctx.executor().schedule(() -> {
				if (channel.isOpen()) {
					channel.config().setAutoRead(true);
				}
			}, PAUSE_SECONDS, TimeUnit.SECONDS);
		}
	}

}
