package io.swoole.server.transport;

import java.net.SocketAddress;
import java.util.function.BooleanSupplier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.swoole.server.ListenerType;
import io.swoole.server.TransportType;
import org.jspecify.annotations.Nullable;

/**
 * Linux.
 */
final class EpollTransport implements Transport {

	@Override
	public TransportType type() {
		return TransportType.EPOLL;
	}

	@Override
	public @Nullable Throwable unavailabilityCause() {
		return Epoll.unavailabilityCause();
	}

	@Override
	public IoHandlerFactory ioHandlerFactory(BooleanSupplier expecting) {
		return new EpollRegistrations(EpollIoHandler.newFactory(0, () -> new YieldingSelectStrategy(expecting)));
	}

	@Override
	public ChannelFactory<? extends ServerChannel> streamChannelFactory(ListenerType type) {
		return switch (type) {
			case TCP -> () -> new EpollServerSocketChannel(SocketProtocolFamily.INET);
			case TCP6 -> () -> new EpollServerSocketChannel(SocketProtocolFamily.INET6);
			case UNIX_STREAM -> EpollServerDomainSocketChannel::new;
			default -> throw new IllegalArgumentException("'type' must not be " + type);
		};
	}

	@Override
	public ChannelFactory<? extends Channel> datagramChannelFactory(ListenerType type) {
		return switch (type) {
			case UDP -> () -> new EpollDatagramChannel(SocketProtocolFamily.INET);
			case UDP6 -> () -> new EpollDatagramChannel(SocketProtocolFamily.INET6);
			case UNIX_DGRAM -> EpollDomainDatagramChannel::new;
			default -> throw new IllegalArgumentException("'type' must not be " + type);
		};
	}

	@Override
	public boolean receiveBatches(Channel channel, int size) {
		return channel.config().setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, size);
	}

	@Override
	public SocketAddress unixAddress(String path) {
		return new DomainSocketAddress(path);
	}

	@Override
	public TcpOptions tcpOptions() {
		return new TcpOptions(EpollChannelOption.TCP_KEEPIDLE, EpollChannelOption.TCP_KEEPINTVL,
				EpollChannelOption.TCP_KEEPCNT, EpollChannelOption.TCP_USER_TIMEOUT,
				EpollChannelOption.TCP_DEFER_ACCEPT, ChannelOption.TCP_FASTOPEN, UnixChannelOption.SO_REUSEPORT);
	}

}
