package io.swoole.server.framing;

import java.util.function.IntConsumer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.swoole.server.Internal;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into packets and hands them on, one {@link ByteBuf} per
 * packet, which the receiver owns. Between two packets it looks at the gate; what may not
 * be handed out yet it keeps. The end of input is passed on after the last packet.
 */
@Internal
public final class FrameDecoder extends ChannelInboundHandlerAdapter {

	private final Framing framing;

	private final Framer framer;

	private final ReadGate gate;

	private final Reactor reactor;

	private IntConsumer onReceived = (bytes) -> {
	};

	private final Cumulation received = new Cumulation();

	private boolean decoding;

	private @Nullable Object endOfInput;

	/** Whether what has arrived and still arrives is thrown away. */
	private boolean discarding;

	private long packets;

	/**
	 * Creates the decoder of a connection.
	 * @param framing how the listener cuts packets
	 * @param gate says when packets may be handed out
	 * @param reactor the event loop of the connection
	 */
	public FrameDecoder(Framing framing, ReadGate gate, Reactor reactor) {
		this.framing = framing;
		this.framer = framing.newFramer();
		this.gate = gate;
		this.reactor = reactor;
	}

	/**
	 * Tells how many bytes each read has brought.
	 * @param onReceived is given the number, on the event loop
	 */
	public void onReceived(IntConsumer onReceived) {
		this.onReceived = onReceived;
	}

	/**
	 * How the listener cuts packets.
	 * @return the framing
	 */
	public Framing framing() {
		return this.framing;
	}

	/**
	 * How many bytes wait to be handed out.
	 * @return the number of bytes; exact on the event loop only
	 */
	public int bufferedBytes() {
		return this.received.readableBytes();
	}

	/**
	 * Throws away what has arrived and not been handed out, and all that still arrives;
	 * on the event loop only.
	 */
	public void discardInput() {
		this.discarding = true;
		this.received.clear();
	}

	/**
	 * Whether a packet has begun that is not complete, and could be completed by the
	 * client; on the event loop.
	 * @return {@code true} if so
	 */
	public boolean isMidPacket() {
		return this.received.isReadable() && this.gate.isOpen();
	}

	/**
	 * How many packets have been handed out; on the event loop.
	 * @return the number
	 */
	public long packets() {
		return this.packets;
	}

	@Override
	public void handlerAdded(ChannelHandlerContext ctx) {
		this.gate.onOpened(() -> {
			this.reactor.beginTurn();
			try {
				decode(ctx);
			}
			finally {
				this.reactor.endTurn();
			}
		});
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext ctx) {
		this.received.clear();
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		ByteBuf bytes = (ByteBuf) message;
		this.onReceived.accept(bytes.readableBytes());
		this.reactor.beginTurn();
		if (this.discarding) {
			bytes.release();
			return;
		}
		try {
			this.received.add(ctx.alloc(), bytes);
		}
		catch (Throwable ex) {
			// there is no room for them: packets must not begin behind the hole
			discardInput();
			throw ex;
		}
		decode(ctx);
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		try {
			this.received.trim(ctx.alloc());
		}
		finally {
			// ends the turn
			ctx.fireChannelReadComplete();
		}
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event instanceof ChannelInputShutdownEvent) {
			this.endOfInput = event;
			decode(ctx);
		}
		else {
			ctx.fireUserEventTriggered(event);
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		this.received.clear();
		ctx.fireChannelInactive();
	}

	private void decode(ChannelHandlerContext ctx) {
		if (this.decoding) {
			return; // a handler has opened the gate: the loop below goes on
		}
		this.decoding = true;
		try {
			handOut(ctx);
		}
		catch (MalformedPacketException ex) {
			discardInput();
			ctx.fireExceptionCaught(ex);
		}
		finally {
			this.decoding = false;
		}
		if (this.endOfInput != null && this.gate.isOpen()) {
			Object event = this.endOfInput;
			this.endOfInput = null;
			ctx.fireUserEventTriggered(event);
		}
	}

	private void handOut(ChannelHandlerContext ctx) throws MalformedPacketException {
		long begin = 0;
		int count = 0;
		while (this.received.isReadable() && this.gate.isOpen()) {
			int length = this.framer.measure(this.received.bytes());
			if (length == Framer.INCOMPLETE) {
				break;
			}
			ctx.fireChannelRead(this.received.take(length, this.framing.head(), this.framing.tail()));
			this.packets++;
			count++;
			if (count == 1) {
				// a clock costs as much as the rest of a small packet: not for a single
				// one
				begin = this.received.isReadable() ? System.nanoTime() : 0;
			}
			else if (count == Reactor.TURN_EVENTS
					|| ((count & 7) == 0 && System.nanoTime() - begin > Reactor.TURN_NANOS)) {
				yieldTurn();
				break;
			}
		}
	}

	private void yieldTurn() {
		if (this.received.isReadable() && this.gate.isOpen()) {
			this.gate.hold(ReadGate.TURN);
			this.reactor.loop().execute(() -> this.gate.release(ReadGate.TURN));
		}
	}

}
