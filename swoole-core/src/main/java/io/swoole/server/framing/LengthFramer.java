package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * A packet says in its header how long it is: the length of the packet is the number
 * written there plus a constant.
 */
final class LengthFramer implements Framer {

	private final LengthType type;

	private final int lengthOffset;

	private final int bodyOffset;

	private final int maxLength;

	LengthFramer(LengthType type, int lengthOffset, int bodyOffset, int maxLength) {
		this.type = type;
		this.lengthOffset = lengthOffset;
		this.bodyOffset = bodyOffset;
		this.maxLength = maxLength;
	}

	@Override
	public int measure(ByteBuf in) throws MalformedPacketException {
		int header = this.lengthOffset + this.type.size();
		if (in.readableBytes() < header) {
			return INCOMPLETE;
		}
		long value = this.type.read(in, in.readerIndex() + this.lengthOffset);
		// compared before the addition, which could overflow
		if (value < 0) {
			throw new MalformedPacketException("length " + value + " is negative");
		}
		if (value > this.maxLength - this.bodyOffset) {
			throw new MalformedPacketException("length " + value + " and package-body-offset of " + this.bodyOffset
					+ " exceed package-max-length of " + this.maxLength + " bytes");
		}
		int total = (int) value + this.bodyOffset;
		if (total < header) {
			throw new MalformedPacketException("a packet of " + total + " bytes is shorter than its own header");
		}
		return (in.readableBytes() >= total) ? total : INCOMPLETE;
	}

}
