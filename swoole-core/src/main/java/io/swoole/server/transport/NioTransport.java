package io.swoole.server.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.BooleanSupplier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.swoole.server.ListenerType;
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
	public IoHandlerFactory ioHandlerFactory(BooleanSupplier expecting) {
		return NioIoHandler.newFactory(SelectorProvider.provider(), () -> new YieldingSelectStrategy(expecting));
	}

	@Override
	public boolean supports(ListenerType type) {
		return type != ListenerType.UNIX_DGRAM;
	}

	@Override
	public ChannelFactory<? extends ServerChannel> streamChannelFactory(ListenerType type) {
		return switch (type) {
			case TCP -> () -> new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET);
			case TCP6 -> () -> new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET6);
			case UNIX_STREAM -> NioServerDomainSocketChannel::new;
			default -> throw new IllegalArgumentException("'type' must not be " + type);
		};
	}

	@Override
	public ChannelFactory<? extends Channel> datagramChannelFactory(ListenerType type) {
		return switch (type) {
			case UDP -> () -> new NioDatagramChannel(SocketProtocolFamily.INET);
			case UDP6 -> () -> new NioDatagramChannel(SocketProtocolFamily.INET6);
			default -> throw new IllegalArgumentException("'type' must not be " + type);
		};
	}

	@Override
	public SocketAddress unixAddress(String path) {
		return UnixDomainSocketAddress.of(path);
	}

	@Override
	public TcpOptions tcpOptions() {
		try (SocketChannel socket = SocketChannel.open(); ServerSocketChannel server = ServerSocketChannel.open()) {
			return new TcpOptions(option(socket, "TCP_KEEPIDLE"), option(socket, "TCP_KEEPINTERVAL"),
					option(socket, "TCP_KEEPCOUNT"), null, null, null, option(server, "SO_REUSEPORT"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Finds an option by its name: which there are depends on system and runtime. */
	@SuppressWarnings("unchecked")
	private static <T> @Nullable ChannelOption<T> option(NetworkChannel channel, String name) {
		for (SocketOption<?> option : channel.supportedOptions()) {
			if (option.name().equals(name)) {
				return NioChannelOption.of((SocketOption<T>) option);
			}
		}
		return null;
	}

}
