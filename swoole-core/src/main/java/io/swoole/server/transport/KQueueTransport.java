package io.swoole.server.transport;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.swoole.server.TransportType;
import org.jspecify.annotations.Nullable;

/**
 * macOS and BSD.
 */
final class KQueueTransport implements Transport {

	@Override
	public TransportType type() {
		return TransportType.KQUEUE;
	}

	@Override
	public @Nullable Throwable unavailabilityCause() {
		return KQueue.unavailabilityCause();
	}

	@Override
	public IoHandlerFactory ioHandlerFactory() {
		return KQueueIoHandler.newFactory();
	}

	@Override
	public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
		return KQueueServerSocketChannel::new;
	}

	@Override
	public TcpOptions tcpOptions() {
		return new TcpOptions(null, null, null, null, null, ChannelOption.TCP_FASTOPEN, UnixChannelOption.SO_REUSEPORT);
	}

}
