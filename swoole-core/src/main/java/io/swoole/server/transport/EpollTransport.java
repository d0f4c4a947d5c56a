package io.swoole.server.transport;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
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
	public IoHandlerFactory ioHandlerFactory() {
		return EpollIoHandler.newFactory();
	}

	@Override
	public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
		return EpollServerSocketChannel::new;
	}

	@Override
	public TcpOptions tcpOptions() {
		return new TcpOptions(EpollChannelOption.TCP_KEEPIDLE, EpollChannelOption.TCP_KEEPINTVL,
				EpollChannelOption.TCP_KEEPCNT, EpollChannelOption.TCP_USER_TIMEOUT,
				EpollChannelOption.TCP_DEFER_ACCEPT, ChannelOption.TCP_FASTOPEN, UnixChannelOption.SO_REUSEPORT);
	}

}
