package io.swoole.server.engine;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.Errors;
import io.swoole.server.Listener;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PortInUseException;
import io.swoole.server.ServerException;
import io.swoole.server.transport.Transport;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets of a run: bound synchronously, all or none, and silent until they
 * are told to accept.
 */
final class Listeners {

	private final Transport transport;

	private final SocketOptions sockets;

	private final EventLoopGroup acceptor;

	private final EventLoopGroup connections;

	private final Function<ListenerOptions, ChannelHandler> accept;

	private final Function<ListenerOptions, ChannelHandler> initializer;

	private final List<Channel> channels = new ArrayList<>();

	private final List<Listener> listeners = new ArrayList<>();

	Listeners(Transport transport, SocketOptions sockets, EventLoopGroup acceptor, EventLoopGroup connections,
			Function<ListenerOptions, ChannelHandler> accept, Function<ListenerOptions, ChannelHandler> initializer) {
		this.transport = transport;
		this.sockets = sockets;
		this.acceptor = acceptor;
		this.connections = connections;
		this.accept = accept;
		this.initializer = initializer;
	}

	List<Listener> all() {
		return List.copyOf(this.listeners);
	}

	InetSocketAddress address() {
		return (InetSocketAddress) this.channels.get(0).localAddress();
	}

	void bind(List<ListenerOptions> all) {
		for (ListenerOptions options : all) {
			bind(options);
		}
	}

	private void bind(ListenerOptions options) {
		ServerBootstrap bootstrap = new ServerBootstrap().group(this.acceptor, this.connections)
			.channelFactory(this.transport.serverChannelFactory())
			.option(ChannelOption.AUTO_READ, false)
			// the end of input must not close the socket before pending output is written
			.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
			.handler(this.accept.apply(options))
			.childHandler(this.initializer.apply(options));
		this.sockets.apply(bootstrap, options);
		ChannelFuture bound = bootstrap.bind(options.host(), options.port()).awaitUninterruptibly();
		if (!bound.isSuccess()) {
			throw failure(options, bound.cause());
		}
		Channel channel = bound.channel();
		int port = ((InetSocketAddress) channel.localAddress()).getPort();
		this.channels.add(channel);
		this.listeners.add(new Listener(options.name(), options.type(), options.host(), port, false));
	}

	private static ServerException failure(ListenerOptions options, @Nullable Throwable cause) {
		for (Throwable next = cause; next != null; next = next.getCause()) {
			boolean refused = next instanceof BindException || next instanceof Errors.NativeIoException;
			if (refused && String.valueOf(next.getMessage()).contains("in use")) {
				return new PortInUseException(options.name(), options.host(), options.port(), next);
			}
		}
		return new ServerException("Listener '" + options.name() + "' cannot be bound to " + options.host() + ":"
				+ options.port() + ": " + cause, cause);
	}

	void accept() {
		this.channels.forEach((channel) -> channel.config().setAutoRead(true));
	}

	void close() {
		for (Channel channel : this.channels) {
			channel.close().awaitUninterruptibly();
		}
	}

}
