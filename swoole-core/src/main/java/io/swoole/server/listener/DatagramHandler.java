package io.swoole.server.listener;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.DomainSocketAddress;
import io.swoole.server.Listener;
import io.swoole.server.Packet;
import io.swoole.server.ServerHandler;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.dispatch.DatagramDispatcher;
import io.swoole.server.limit.AddressFilter;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes datagrams out of the large buffers they are received in and gives them to the
 * dispatcher. Empty ones are ignored.
 */
final class DatagramHandler extends ChannelInboundHandlerAdapter {

	private static final Logger logger = LoggerFactory.getLogger(DatagramHandler.class);

	private final Listener listener;

	private final AddressFilter filter;

	private final DatagramSocket socket;

	private final Reactor reactor;

	private final ServerHandler handler;

	private final DatagramDispatcher dispatcher;

	private final ServerCounters counters;

	DatagramHandler(Listener listener, AddressFilter filter, DatagramSocket socket, ServerHandler handler,
			DatagramDispatcher dispatcher, ServerCounters counters) {
		this.listener = listener;
		this.filter = filter;
		this.socket = socket;
		this.reactor = socket.reactor();
		this.handler = handler;
		this.dispatcher = dispatcher;
		this.counters = counters;
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		this.reactor.beginTurn();
		AddressedEnvelope<?, ?> datagram = (AddressedEnvelope<?, ?>) message;
		try {
			receive(datagram.sender(), (ByteBuf) datagram.content());
		}
		finally {
			datagram.release();
		}
	}

	private void receive(SocketAddress sender, ByteBuf content) {
		this.counters.receivedBytes.add(content.readableBytes());
		if (!content.isReadable()) {
			return;
		}
		if (sender instanceof InetSocketAddress inet && this.filter.refuse(inet.getAddress()) != null) {
			this.counters.discarded.increment();
			return;
		}
		Worker worker = this.dispatcher.choose(sender, content);
		if (worker != null) {
			this.dispatcher.packet(worker, this.handler, new Packet(ByteBufUtil.getBytes(content), source(sender),
					this.listener.name(), this.listener.port(), Instant.ofEpochMilli(System.currentTimeMillis())));
		}
	}

	/** The sender, with a note of the listener to answer from. */
	private SocketAddress source(SocketAddress sender) {
		return (sender instanceof InetSocketAddress inet) ? new PacketSource.Inet(inet, this.listener.name())
				: new PacketSource.Unix((DomainSocketAddress) sender, this.listener.name());
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		this.reactor.endTurn();
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		if (cause instanceof NoReceiveBufferException noBuffer) {
			this.socket.pause(noBuffer);
			return;
		}
		// such as a destination that is unreachable: it concerns one sender, the socket
		// goes on
		logger.debug("Failure of the socket of listener '{}'", this.listener, cause);
	}

}
