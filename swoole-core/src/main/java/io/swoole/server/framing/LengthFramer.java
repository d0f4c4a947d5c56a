package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;
import io.swoole.server.SwooleError;

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
		if (value < 0) {
			throw new MalformedPacketException(SwooleError.PACKAGE_MALFORMED_DATA, this.type.isSigned()
					? "length " + value + " is negative" : "length " + Long.toUnsignedString(value) + " overflows");
		}
		// compared before the addition, which could overflow
		if (value > this.maxLength - this.bodyOffset) {
			throw MalformedPacketException
				.tooLong("length " + value + " with package-body-offset of " + this.bodyOffset, this.maxLength);
		}
		int total = (int) value + this.bodyOffset;
		if (total < header) {
			throw new MalformedPacketException(SwooleError.PACKAGE_MALFORMED_DATA,
					"a packet of " + total + " bytes is shorter than its own header");
		}
		return (in.readableBytes() >= total) ? total : INCOMPLETE;
	}

}
