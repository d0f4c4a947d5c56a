package io.swoole.server.engine;

import java.io.IOException;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.swoole.server.connection.ConnectionState;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.dispatch.Dispatcher;
import io.swoole.server.framing.MalformedPacketException;
import io.swoole.server.heartbeat.Watched;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the pipeline: packets and the end of a connection go to the dispatcher, and
 * what handlers of this turn wrote is flushed.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionHandler.class);

	private final NettyConnection connection;

	private final Dispatcher dispatcher;

	private final @Nullable Watched watch;

	ConnectionHandler(NettyConnection connection, Dispatcher dispatcher, @Nullable Watched watch) {
		this.watch = watch;
		this.connection = connection;
		this.dispatcher = dispatcher;
	}

	@Override
	public void channelActive(ChannelHandlerContext ctx) {
		if (this.watch != null) {
			this.watch.begin();
		}
		this.connection.reactor().beginTurn();
		this.dispatcher.connected(this.connection);
		this.connection.reactor().endTurn();
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object packet) {
		this.dispatcher.packet(this.connection, (ByteBuf) packet);
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		this.connection.reactor().endTurn();
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event instanceof ChannelInputShutdownEvent) {
			if (this.connection.life().endInput()) {
				this.dispatcher.ended(this.connection);
			}
			if (this.connection.life().state() == ConnectionState.RELEASED) {
				// it has been closed, and its client has been waited for
				ctx.close();
			}
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		if (this.watch != null) {
			this.watch.end();
		}
		this.connection.life().socketClosed();
		if (this.connection.life().end()) {
			this.dispatcher.ended(this.connection);
		}
		else if (this.connection.isHalfClosable() && this.connection.isOpen()) {
			// nobody can be answered any more
			this.dispatcher.tasksAnswered(this.connection);
		}
	}

	private void end() {
		if (this.connection.life().end()) {
			this.dispatcher.ended(this.connection);
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		if (cause instanceof MalformedPacketException malformed) {
			logger.warn("{} is closed: {}", this.connection, malformed.getMessage());
			this.dispatcher.malformed(this.connection, malformed);
			end();
		}
		else if (cause instanceof IOException) {
			logger.debug("{} is broken", this.connection, cause);
			this.connection.peer().broken(cause);
			ctx.close();
		}
		else {
			logger.error("{} is closed after an unexpected failure", this.connection, cause);
			ctx.close();
		}
	}

}
