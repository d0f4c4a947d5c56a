package io.swoole.spring.handler;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.SwooleServer;

/**
 * Sends what a handler of packets returns back to the client, with the header or
 * terminator that was stripped from the packet.
 */
final class Reply {

	private Reply() {
	}

	/**
	 * Sends a reply.
	 * @param server the server
	 * @param connection the connection of the packet
	 * @param reply what the handler has returned
	 * @param packet the packet, which the server releases afterwards
	 * @param references the reference count of the packet before the handler was called
	 * @throws Throwable what a reply that comes later has failed with
	 */
	static void send(SwooleServer server, Connection connection, Object reply, ByteBuf packet, int references)
			throws Throwable {
		if (reply instanceof CharSequence text) {
			connection.sendPacket(text);
		}
		else if (reply instanceof byte[] bytes) {
			connection.sendPacket(bytes);
		}
		else if (reply instanceof ByteBuf buffer) {
			connection.sendPacket(owned(buffer, packet, references));
		}
		else if (reply instanceof LaterReply later) {
			later.send(() -> server.getWorkerExecutor(HandlerEvent.RECEIVE.callback()),
					(now) -> send(server, connection, now, packet, references), (value) -> send(connection, value));
		}
		else {
			throw new IllegalArgumentException("Cannot send a reply of type " + reply.getClass().getName());
		}
	}

	/** Sends a reply that has come after the packet was released. */
	private static void send(Connection connection, Object reply) {
		if (reply instanceof CharSequence text) {
			connection.sendPacket(text);
		}
		else if (reply instanceof byte[] bytes) {
			connection.sendPacket(bytes);
		}
		else {
			connection.sendPacket((ByteBuf) reply);
		}
	}

	/**
	 * Lets go of a reply that is not to be sent.
	 * @param reply what the handler has returned
	 * @param packet the packet, which the server releases afterwards
	 * @param references the reference count of the packet before the handler was called
	 */
	static void drop(Object reply, ByteBuf packet, int references) {
		if (reply instanceof ByteBuf buffer) {
			owned(buffer, packet, references).release();
		}
		else if (reply instanceof LaterReply later) {
			later.drop();
		}
	}

	/**
	 * Sending releases the buffer. One that has the reference count of the packet, such
	 * as the packet itself, needs a reference for that, unless the handler has retained
	 * it.
	 */
	private static ByteBuf owned(ByteBuf buffer, ByteBuf packet, int references) {
		int before = packet.refCnt();
		buffer.retain();
		boolean shared = packet.refCnt() != before;
		if (!shared || before != references) {
			buffer.release();
		}
		return buffer;
	}

}
