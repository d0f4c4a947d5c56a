package io.swoole.spring.handler;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a handler of packets returns back to the client.
 */
final class Reply {

	private Reply() {
	}

	/**
	 * Sends a reply.
	 * @param connection the connection of the packet
	 * @param reply what the handler has returned
	 * @param packet the packet, which the server releases afterwards
	 * @param references the reference count of the packet before the handler was called
	 */
	static void send(Connection connection, Object reply, ByteBuf packet, int references) {
		if (reply instanceof CharSequence text) {
			connection.send(text);
		}
		else if (reply instanceof byte[] bytes) {
			connection.send(bytes);
		}
		else if (reply instanceof ByteBuf buffer) {
			// Sending releases the buffer; a packet that the handler has not retained
			// needs a reference for that
			connection.send((isPartOf(buffer, packet) && packet.refCnt() == references) ? buffer.retain() : buffer);
		}
		else {
			throw new IllegalArgumentException("Cannot send a reply of type " + reply.getClass().getName());
		}
	}

	private static boolean isPartOf(ByteBuf buffer, ByteBuf packet) {
		for (@Nullable
		ByteBuf current = buffer; current != null; current = current.unwrap()) {
			if (current == packet) {
				return true;
			}
		}
		return false;
	}

}
