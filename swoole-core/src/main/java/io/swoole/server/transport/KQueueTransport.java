package io.swoole.server.transport;

import java.net.SocketAddress;
import java.util.function.BooleanSupplier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueDomainDatagramChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.swoole.server.ListenerType;
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
	public IoHandlerFactory ioHandlerFactory(BooleanSupplier expecting) {
		return KQueueIoHandler.newFactory(0, () -> new YieldingSelectStrategy(expecting));
	}

	@Override
	public ChannelFactory<? extends ServerChannel> streamChannelFactory(ListenerType type) {
		return switch (type) {
			// one socket type for both families: the address it is bound to decides
			case TCP, TCP6 -> KQueueServerSocketChannel::new;
			case UNIX_STREAM -> KQueueServerDomainSocketChannel::new;
			default -> throw new IllegalArgumentException("'type' must not be " + type);
		};
	}

	@Override
	public ChannelFactory<? extends Channel> datagramChannelFactory(ListenerType type) {
		return switch (type) {
			case UDP -> () -> new KQueueDatagramChannel(SocketProtocolFamily.INET);
			case UDP6 -> () -> new KQueueDatagramChannel(SocketProtocolFamily.INET6);
			case UNIX_DGRAM -> KQueueDomainDatagramChannel::new;
			default -> throw new IllegalArgumentException("'type' must not be " + type);
		};
	}

	@Override
	public SocketAddress unixAddress(String path) {
		return new DomainSocketAddress(path);
	}

	@Override
	public TcpOptions tcpOptions() {
		return new TcpOptions(null, null, null, null, null, ChannelOption.TCP_FASTOPEN, UnixChannelOption.SO_REUSEPORT);
	}

}
