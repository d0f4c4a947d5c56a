package io.swoole.server.listener;

import java.net.SocketAddress;
import java.util.function.Function;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.swoole.server.Internal;
import io.swoole.server.Listener;
import io.swoole.server.ListenerOptions;
import io.swoole.server.transport.Transport;
import org.jspecify.annotations.Nullable;

/**
 * Binds the listeners that accept connections.
 */
@Internal
public final class StreamBinder {

	private final Transport transport;

	private final SocketOptions socketOptions;

	private final EventLoopGroup acceptor;

	private final EventLoopGroup connections;

	private final Function<ListenerOptions, ChannelHandler> accept;

	private final Function<ListenerOptions, ChannelHandler> initializer;

	/**
	 * Creates a binder.
	 * @param transport the way to the operating system
	 * @param socketOptions the settings of sockets
	 * @param acceptor the event loop of listening sockets
	 * @param connections the event loops of connections
	 * @param accept gives what stands in front of a listener and decides who may connect
	 * @param initializer sets up the connections of a listener
	 */
	public StreamBinder(Transport transport, SocketOptions socketOptions, EventLoopGroup acceptor,
			EventLoopGroup connections, Function<ListenerOptions, ChannelHandler> accept,
			Function<ListenerOptions, ChannelHandler> initializer) {
		this.transport = transport;
		this.socketOptions = socketOptions;
		this.acceptor = acceptor;
		this.connections = connections;
		this.accept = accept;
		this.initializer = initializer;
	}

	BoundListener bind(ListenerOptions options) {
		ServerBootstrap bootstrap = new ServerBootstrap().group(this.acceptor, this.connections)
			.channelFactory(this.transport.streamChannelFactory(options.type()))
			.option(ChannelOption.AUTO_READ, false)
			.handler(this.accept.apply(options))
			.childHandler(this.initializer.apply(options));
		this.socketOptions.apply(bootstrap, options);
		if (options.type().isUnix()) {
			return bindUnix(options, bootstrap);
		}
		return new StreamListener(options, bind(options, bootstrap), null);
	}

	private BoundListener bindUnix(ListenerOptions options, ServerBootstrap bootstrap) {
		UnixSocketFile file = new UnixSocketFile(options);
		file.makeRoom();
		Channel channel = bind(options, bootstrap);
		try {
			file.created();
		}
		catch (Throwable ex) {
			channel.close().awaitUninterruptibly();
			throw ex;
		}
		return new StreamListener(options, channel, file);
	}

	private Channel bind(ListenerOptions options, ServerBootstrap bootstrap) {
		ChannelFuture bound = bootstrap.bind(ListenAddress.of(options, this.transport)).awaitUninterruptibly();
		if (!bound.isSuccess()) {
			throw ListenAddress.failure(options, bound.cause());
		}
		return bound.channel();
	}

	/**
	 * A socket that accepts connections.
	 */
	private static final class StreamListener implements BoundListener {

		private final Listener listener;

		private final Channel channel;

		private final @Nullable UnixSocketFile file;

		StreamListener(ListenerOptions options, Channel channel, @Nullable UnixSocketFile file) {
			this.listener = ListenAddress.describe(options, channel);
			this.channel = channel;
			this.file = file;
		}

		@Override
		public Listener listener() {
			return this.listener;
		}

		@Override
		public SocketAddress address() {
			return this.channel.localAddress();
		}

		@Override
		public void accept() {
			this.channel.config().setAutoRead(true);
		}

		@Override
		public void stopAccepting() {
			close();
		}

		@Override
		public void close() {
			this.channel.close().awaitUninterruptibly();
			if (this.file != null) {
				this.file.remove();
			}
		}

	}

}
