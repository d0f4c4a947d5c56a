package io.swoole.server.listener;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.swoole.server.Internal;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.Listener;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ListenerType;
import io.swoole.server.ServerHandler;
import io.swoole.server.TransportType;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.dispatch.DatagramDispatcher;
import io.swoole.server.limit.AddressFilter;
import io.swoole.server.transport.Transport;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * Binds the listeners that receive datagrams. The event loops take turns: each listener
 * is served by the next of them, or by all where sockets may share a port.
 */
@Internal
public final class DatagramBinder {

	/** No UDP datagram is longer, of either family. */
	private static final int UDP_SIZE = 65535;

	/** Longer than a unix datagram may be with the default settings of Linux. */
	private static final int UNIX_SIZE = 256 * 1024;

	/**
	 * How many datagrams are received at once. Together they stay within what Netty
	 * pools; where it pools less, because the heap is small, so do we.
	 */
	private static final int BATCH = (Runtime.getRuntime().maxMemory() > 512 * 1024 * 1024) ? 16 : 4;

	private final Transport transport;

	private final SocketOptions socketOptions;

	private final List<Reactor> reactors;

	private final Function<ListenerOptions, ServerHandler> handlers;

	private final DatagramDispatcher dispatcher;

	private final ServerCounters counters;

	private int next;

	/**
	 * Creates a binder.
	 * @param transport the way to the operating system
	 * @param socketOptions the settings of sockets
	 * @param reactors the event loops
	 * @param handlers gives the callbacks of a listener
	 * @param dispatcher takes what is received
	 * @param counters counts bytes
	 */
	public DatagramBinder(Transport transport, SocketOptions socketOptions, List<Reactor> reactors,
			Function<ListenerOptions, ServerHandler> handlers, DatagramDispatcher dispatcher, ServerCounters counters) {
		this.transport = transport;
		this.socketOptions = socketOptions;
		this.reactors = reactors;
		this.handlers = handlers;
		this.dispatcher = dispatcher;
		this.counters = counters;
	}

	DatagramListener bind(ListenerOptions options) {
		if (!this.transport.supports(options.type())) {
			throw new InvalidOptionException(options.name(), "type", options.type(),
					"unix datagrams need epoll or kqueue: add Netty's native library for this platform");
		}
		UnixSocketFile file = null;
		if (options.type().isUnix()) {
			file = new UnixSocketFile(options);
			file.makeRoom();
		}
		List<DatagramSocket> sockets = new ArrayList<>();
		try {
			return bind(options, sockets, file);
		}
		catch (Throwable ex) {
			sockets.forEach((socket) -> socket.channel().close().awaitUninterruptibly());
			throw ex;
		}
	}

	private DatagramListener bind(ListenerOptions options, List<DatagramSocket> sockets,
			@Nullable UnixSocketFile file) {
		SocketAddress address = ListenAddress.of(options, this.transport);
		DatagramSocket first = bind(options, address);
		sockets.add(first);
		if (file != null) {
			file.created();
		}
		else if (this.socketOptions.sharesPort(options) && this.transport.type() == TransportType.EPOLL) {
			// elsewhere the system gives all datagrams to one of the sockets anyway
			InetSocketAddress shared = (InetSocketAddress) first.channel().localAddress();
			while (sockets.size() < this.reactors.size()) {
				sockets.add(bind(options, shared));
			}
		}
		Listener listener = ListenAddress.describe(options, first.channel());
		AddressFilter filter = new AddressFilter(options);
		ServerHandler handler = this.handlers.apply(options);
		for (DatagramSocket socket : sockets) {
			socket.channel()
				.pipeline()
				.addLast(new DatagramHandler(listener, filter, socket, handler, this.dispatcher, this.counters));
		}
		return new DatagramListener(listener, List.copyOf(sockets), file);
	}

	private DatagramSocket bind(ListenerOptions options, SocketAddress address) {
		Reactor reactor = this.reactors.get(this.next++ % this.reactors.size());
		Bootstrap bootstrap = new Bootstrap().group(reactor.loop())
			.channelFactory(this.transport.datagramChannelFactory(options.type()))
			.option(ChannelOption.AUTO_READ, false)
			.handler(new ChannelInboundHandlerAdapter()); // the one that counts needs the
															// port
		this.socketOptions.apply(bootstrap, options);
		ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
		if (!bound.isSuccess()) {
			throw ListenAddress.failure(options, bound.cause());
		}
		receiveLargest(bound.channel(), options.type());
		return new DatagramSocket(options, bound.channel(), reactor, this.counters);
	}

	/** A datagram that does not fit into the buffer would be cut off without a word. */
	private void receiveLargest(Channel channel, ListenerType type) {
		int size = type.isUnix() ? UNIX_SIZE : UDP_SIZE;
		boolean batches = !type.isUnix() && this.transport.receiveBatches(channel, size);
		channel.config().setRecvByteBufAllocator(new ReceiveBuffers(batches ? size * BATCH : size));
	}

}
