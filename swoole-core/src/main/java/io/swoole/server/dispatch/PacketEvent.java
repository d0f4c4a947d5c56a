package io.swoole.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.worker.Event;

/**
 * A packet on its way from the event loop to the owner of its connection.
 */
final class PacketEvent extends Event {

	private final Callbacks callbacks;

	private final NettyConnection connection;

	private final ByteBuf packet;

	private final long dispatchMillis;

	PacketEvent(Callbacks callbacks, NettyConnection connection, ByteBuf packet) {
		this.callbacks = callbacks;
		this.connection = connection;
		this.packet = packet;
		this.dispatchMillis = connection.lastReceiveMillis();
	}

	@Override
	public void run() {
		this.connection.taken(this.packet.readableBytes());
		this.connection.dispatched(this.dispatchMillis);
		this.callbacks.receive(this.connection.lane().context(), this.connection, this.packet);
	}

	@Override
	public void discard() {
		this.connection.taken(this.packet.readableBytes());
		this.packet.release();
	}

}
