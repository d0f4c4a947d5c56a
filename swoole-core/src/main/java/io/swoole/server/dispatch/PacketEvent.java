package io.swoole.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.swoole.server.callback.ConnectionCallbacks;
import io.swoole.server.connection.NettyConnection;

/**
 * A packet on its way from the event loop to the owner of its connection.
 */
final class PacketEvent extends QueuedPacket {

	private final ConnectionCallbacks callbacks;

	PacketEvent(ConnectionCallbacks callbacks, NettyConnection connection, ByteBuf packet) {
		super(connection, connection.lane(), packet);
		this.callbacks = callbacks;
	}

	@Override
	void receive() {
		this.callbacks.receive(lane().context(), connection(), packet());
	}

}
