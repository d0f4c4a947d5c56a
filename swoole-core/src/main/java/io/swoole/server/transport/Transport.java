package io.swoole.server.transport;

import java.net.SocketAddress;
import java.util.function.BooleanSupplier;
import java.util.List;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.swoole.server.Internal;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerType;
import io.swoole.server.TransportType;
import org.jspecify.annotations.Nullable;

/**
 * A way to the operating system.
 */
@Internal
public interface Transport {

	/**
	 * What it is called in settings.
	 * @return the type
	 */
	TransportType type();

	/**
	 * Why it does not work here.
	 * @return the cause, {@code null} if it works
	 */
	@Nullable Throwable unavailabilityCause();

	/**
	 * Makes what drives an event loop.
	 * @param expecting whether other threads are about to bring something to event loops
	 * @return the factory
	 */
	IoHandlerFactory ioHandlerFactory(BooleanSupplier expecting);

	/**
	 * Whether it has sockets of a kind.
	 * @param type the kind
	 * @return {@code true} if so
	 */
	default boolean supports(ListenerType type) {
		return true;
	}

	/**
	 * Makes listening sockets that accept connections.
	 * @param type the kind, one that accepts connections
	 * @return the factory
	 */
	ChannelFactory<? extends ServerChannel> streamChannelFactory(ListenerType type);

	/**
	 * Makes sockets that receive datagrams.
	 * @param type the kind, one of datagrams that this transport supports
	 * @return the factory
	 */
	ChannelFactory<? extends Channel> datagramChannelFactory(ListenerType type);

	/**
	 * Has a datagram socket receive as many datagrams at once as fit into its receive
	 * buffer.
	 * @param channel the socket
	 * @param size how much room each of them gets, in bytes
	 * @return {@code false} if it can only receive them one by one
	 */
	default boolean receiveBatches(Channel channel, int size) {
		return false;
	}

	/**
	 * The address of a unix socket in the form its channels take.
	 * @param path the path
	 * @return the address
	 */
	SocketAddress unixAddress(String path);

	/**
	 * The options for TCP sockets this transport has.
	 * @return the options
	 */
	TcpOptions tcpOptions();

	/**
	 * Chooses a transport.
	 * @param wanted the setting
	 * @return the transport
	 * @throws InvalidOptionException if the one that is wanted does not work here
	 */
	static Transport choose(TransportType wanted) {
		return new TransportChoice(List.of(new EpollTransport(), new KQueueTransport(), new NioTransport()))
			.choose(wanted);
	}

}
