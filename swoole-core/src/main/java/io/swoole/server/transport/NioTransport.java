package io.swoole.server.transport;

import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.swoole.server.TransportType;
import org.jspecify.annotations.Nullable;

/**
 * Java's own.
 */
final class NioTransport implements Transport {

	@Override
	public TransportType type() {
		return TransportType.NIO;
	}

	@Override
	public @Nullable Throwable unavailabilityCause() {
		return null;
	}

	@Override
	public IoHandlerFactory ioHandlerFactory() {
		return NioIoHandler.newFactory();
	}

	@Override
	public ChannelFactory<? extends ServerChannel> serverChannelFactory() {
		return NioServerSocketChannel::new;
	}

}
