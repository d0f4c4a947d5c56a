package io.swoole.spring.handler;

import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.swoole.server.Packet;
import io.swoole.server.SwooleError;
import io.swoole.server.SwooleServer;

/**
 * Sends what a handler of datagrams returns back to the sender, from the socket the
 * datagram came to.
 */
final class DatagramReply {

	private DatagramReply() {
	}

	/**
	 * Sends a reply.
	 * @param server the server
	 * @param packet the datagram
	 * @param reply what the handler has returned
	 * @throws Throwable what a reply that comes later has failed with
	 */
	static void send(SwooleServer server, Packet packet, Object reply) throws Throwable {
		if (reply instanceof LaterReply later) {
			later.send(() -> server.getWorkerExecutor(HandlerEvent.PACKET.callback()),
					(now) -> sendNow(server, packet, now), (value) -> sendNow(server, packet, value));
		}
		else {
			sendNow(server, packet, reply);
		}
	}

	private static void sendNow(SwooleServer server, Packet packet, Object reply) {
		byte[] data = bytes(reply);
		if (!server.sendTo(packet.address(), data, packet.serverPort())
				&& server.getLastError() == SwooleError.DATA_LENGTH_TOO_LARGE) {
			throw new IllegalArgumentException("A reply of " + data.length + " bytes does not fit into a datagram");
		}
	}

	/**
	 * Lets go of a reply that is not to be sent.
	 * @param reply what the handler has returned
	 */
	static void drop(Object reply) {
		if (reply instanceof ByteBuf buffer) {
			buffer.release();
		}
		else if (reply instanceof LaterReply later) {
			later.drop();
		}
	}

	private static byte[] bytes(Object reply) {
		if (reply instanceof CharSequence text) {
			return text.toString().getBytes(StandardCharsets.UTF_8);
		}
		if (reply instanceof byte[] bytes) {
			return bytes;
		}
		if (reply instanceof ByteBuf buffer) {
			try {
				return ByteBufUtil.getBytes(buffer);
			}
			finally {
				buffer.release();
			}
		}
		throw new IllegalArgumentException("Cannot send a reply of type " + reply.getClass().getName());
	}

}
