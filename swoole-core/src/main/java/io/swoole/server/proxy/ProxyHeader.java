package io.swoole.server.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.swoole.server.PipelineNames;
import io.swoole.server.heartbeat.Sweep;
import io.swoole.server.heartbeat.Watched;
import io.swoole.server.limit.Lease;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the header of one connection. Nothing behind it hears of the connection
 * before; if it comes to nothing, the connection counts as aborted.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {

	private static final Logger logger = LoggerFactory.getLogger(ProxyHeader.class);

	/** What version 2 may have beside the addresses; known balancers add some hundred. */
	private static final int LONGEST_EXTRAS = 4096;

	private final ProxyProtocol protocol;

	private final Consumer<@Nullable SocketAddress> established;

	private final Deadline deadline;

	private boolean decided;

	ProxyHeader(ProxyProtocol protocol, Channel channel, Sweep sweep, Consumer<@Nullable SocketAddress> established) {
		this.protocol = protocol;
		this.established = established;
		this.deadline = new Deadline(sweep, channel);
	}

	static void await(Channel channel, ProxyHeader header) {
		channel.pipeline()
			.addLast(PipelineNames.PROXY_PROTOCOL, new HAProxyMessageDecoder(LONGEST_EXTRAS))
			.addLast(header);
	}

	@Override
	public void channelActive(ChannelHandlerContext ctx) {
		this.deadline.begin();
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		SocketAddress announced;
		try {
			if (this.decided || !(message instanceof HAProxyMessage header)) {
				return; // what came behind a header that was refused
			}
			announced = announced(header);
		}
		finally {
			ReferenceCountUtil.release(message);
		}
		SocketAddress client = (announced != null) ? announced : ctx.channel().remoteAddress();
		String reason = admit(ctx.channel(), client);
		if (reason != null) {
			refuse(ctx.channel(), client, reason);
			return;
		}
		this.deadline.end();
		this.established.accept(announced);
		this.decided = true;
		ctx.fireChannelActive();
		// the decoder passes on what has come behind the header and goes by itself
		ctx.pipeline().remove(this);
	}

	/** The address, {@code null} if none is announced, as in a balancer's own checks. */
	private static @Nullable SocketAddress announced(HAProxyMessage header) {
		AddressFamily family = header.proxiedProtocol().addressFamily();
		byte[] address = (family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6)
				? NetUtil.createByteArrayFromIpAddressString(header.sourceAddress()) : null;
		if (header.command() == HAProxyCommand.LOCAL || address == null) {
			return null;
		}
		try {
			return new InetSocketAddress(InetAddress.getByAddress(address), header.sourcePort());
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("An address has 4 or 16 bytes", ex);
		}
	}

	private @Nullable String admit(Channel channel, @Nullable SocketAddress client) {
		if (!(client instanceof InetSocketAddress internet)) {
			return null;
		}
		String reason = this.protocol.filter().refuse(internet.getAddress());
		Lease lease = Lease.of(channel);
		if (reason == null && lease != null && !lease.claim(internet.getAddress())) {
			reason = this.protocol.limit().fullPerAddress();
		}
		return reason;
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event instanceof ChannelInputShutdownEvent) {
			ctx.close();
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		this.deadline.end();
		if (!this.decided) {
			this.decided = true;
			this.protocol.refusals().aborted();
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		if (cause instanceof IOException) {
			logger.debug("Connection from {} is broken before its PROXY protocol header", ctx.channel().remoteAddress(),
					cause);
			ctx.close();
		}
		else if (cause instanceof DecoderException) {
			refuse(ctx.channel(), ctx.channel().remoteAddress(),
					"its PROXY protocol header is malformed (" + cause.getMessage() + ")");
		}
		else {
			logger.error("Connection from {} cannot be set up", ctx.channel().remoteAddress(), cause);
			ctx.close();
		}
	}

	private void refuse(Channel channel, @Nullable SocketAddress client, String reason) {
		if (!this.decided) {
			this.decided = true;
			this.protocol.refusals().refused(this.protocol.listener().name(), client, reason);
		}
		channel.close();
	}

	/**
	 * Ends the patience with a balancer that does not send its header.
	 */
	private final class Deadline extends Watched {

		private final Channel channel;

		private final long beginMillis = System.currentTimeMillis();

		Deadline(Sweep sweep, Channel channel) {
			super(sweep);
			this.channel = channel;
		}

		@Override
		protected void check(long now, long floor) {
			long patience = ProxyHeader.this.protocol.patienceMillis();
			if (patience > 0 && now - Math.max(floor, this.beginMillis) >= patience) {
				refuse(this.channel, this.channel.remoteAddress(),
						"its PROXY protocol header has not come within " + patience + " ms");
			}
		}

	}

}
