package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * Control packets of MQTT: one byte of type and flags, then the length of the rest in up
 * to four bytes of seven bits each, the lowest first.
 */
final class MqttFramer implements Framer {

	private static final int LENGTH_BYTES = 4;

	private final int maxLength;

	MqttFramer(int maxLength) {
		this.maxLength = maxLength;
	}

	@Override
	public int measure(ByteBuf in) throws MalformedPacketException {
		int remaining = 0;
		for (int i = 0; i < LENGTH_BYTES; i++) {
			if (in.readableBytes() < i + 2) {
				return INCOMPLETE;
			}
			byte next = in.getByte(in.readerIndex() + i + 1);
			remaining |= (next & 0x7f) << (7 * i);
			if (next >= 0) {
				return complete(in, i + 2 + remaining);
			}
		}
		throw MalformedPacketException.tooLong("a remaining length of more than " + LENGTH_BYTES + " bytes",
				this.maxLength);
	}

	private int complete(ByteBuf in, int total) throws MalformedPacketException {
		if (total > this.maxLength) {
			throw MalformedPacketException.tooLong("a control packet of " + total + " bytes", this.maxLength);
		}
		return (in.readableBytes() >= total) ? total : INCOMPLETE;
	}

}
