package io.swoole.server.listener;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

import io.netty.bootstrap.AbstractBootstrap;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import io.swoole.server.TransportType;
import io.swoole.server.transport.TcpOptions;
import io.swoole.server.transport.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the settings of sockets to the operating system. What a transport has no option
 * for is left out, with one warning per setting.
 */
@Internal
public final class SocketOptions {

	private static final Logger logger = LoggerFactory.getLogger(SocketOptions.class);

	private final TransportType transport;

	private final TcpOptions available;

	private final boolean reusePort;

	private final Set<String> missing = new HashSet<>();

	/**
	 * Creates the options of a run.
	 * @param transport what there are options for
	 * @param options the settings of the server
	 */
	public SocketOptions(Transport transport, ServerOptions options) {
		this.transport = transport.type();
		this.available = transport.tcpOptions();
		this.reusePort = options.enableReusePort();
	}

	/** The socket of a listener that accepts connections. */
	void apply(ServerBootstrap bootstrap, ListenerOptions listener) {
		bootstrap.option(ChannelOption.SO_BACKLOG, listener.backlog());
		// each packet of a read gets a reference count of its own; with Netty's adaptive
		// allocator it would be that of the read, shared with all packets in it
		bootstrap.childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
		if (this.transport != TransportType.NIO || !listener.type().isUnix()) {
			// the end of input must not close the socket before pending output is
			// written;
			// Netty cannot do that for unix sockets on NIO
			bootstrap.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
		}
		if (listener.kernelSocketRecvBufferSize() > 0) {
			// inherited by accepted sockets: after the handshake it would be too late
			bootstrap.option(ChannelOption.SO_RCVBUF, listener.kernelSocketRecvBufferSize());
		}
		if (listener.kernelSocketSendBufferSize() > 0) {
			bootstrap.childOption(ChannelOption.SO_SNDBUF, listener.kernelSocketSendBufferSize());
		}
		if (!listener.type().isUnix()) {
			applyTcp(bootstrap, listener);
		}
	}

	/** The socket of a listener that receives datagrams. */
	void apply(Bootstrap bootstrap, ListenerOptions listener) {
		if (listener.kernelSocketRecvBufferSize() > 0) {
			bootstrap.option(ChannelOption.SO_RCVBUF, listener.kernelSocketRecvBufferSize());
		}
		if (listener.kernelSocketSendBufferSize() > 0) {
			bootstrap.option(ChannelOption.SO_SNDBUF, listener.kernelSocketSendBufferSize());
		}
		if (sharesPort(listener)) {
			listening(bootstrap, "enable-reuse-port", this.available.reusePort(), true);
		}
	}

	/** Whether several sockets may receive the datagrams of one port. */
	boolean sharesPort(ListenerOptions listener) {
		return this.reusePort && !listener.type().isUnix();
	}

	private void applyTcp(ServerBootstrap bootstrap, ListenerOptions listener) {
		bootstrap.option(ChannelOption.SO_REUSEADDR, true)
			.childOption(ChannelOption.TCP_NODELAY, listener.openTcpNodelay());
		if (listener.openTcpKeepalive()) {
			bootstrap.childOption(ChannelOption.SO_KEEPALIVE, true);
			child(bootstrap, "tcp-keepidle", this.available.keepIdle(), (int) listener.tcpKeepidle().toSeconds());
			child(bootstrap, "tcp-keepinterval", this.available.keepInterval(),
					(int) listener.tcpKeepinterval().toSeconds());
			child(bootstrap, "tcp-keepcount", this.available.keepCount(), listener.tcpKeepcount());
		}
		if (!listener.tcpUserTimeout().isZero()) {
			child(bootstrap, "tcp-user-timeout", this.available.userTimeout(),
					(int) listener.tcpUserTimeout().toMillis());
		}
		if (!listener.tcpDeferAccept().isZero()) {
			listening(bootstrap, "tcp-defer-accept", this.available.deferAccept(),
					(int) listener.tcpDeferAccept().toSeconds());
		}
		if (listener.tcpFastopen()) {
			listening(bootstrap, "tcp-fastopen", this.available.fastOpen(), listener.backlog());
		}
		if (this.reusePort) {
			listening(bootstrap, "enable-reuse-port", this.available.reusePort(), true);
		}
	}

	private <T> void child(ServerBootstrap bootstrap, String setting, @Nullable ChannelOption<T> option, T value) {
		if (option != null) {
			bootstrap.childOption(option, value);
		}
		else {
			warn(setting);
		}
	}

	private <T> void listening(AbstractBootstrap<?, ?> bootstrap, String setting, @Nullable ChannelOption<T> option,
			T value) {
		if (option != null) {
			bootstrap.option(option, value);
		}
		else {
			warn(setting);
		}
	}

	private void warn(String setting) {
		if (this.missing.add(setting)) {
			logger.warn("{} has no effect: transport {} has no such option here", setting,
					this.transport.name().toLowerCase(Locale.ROOT));
		}
	}

}
