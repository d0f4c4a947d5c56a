package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * No framing: a packet is what one read returned, 64 KiB at the most.
 */
final class RawFramer implements Framer {

	private static final int LARGEST = 65536;

	private final int maxLength;

	RawFramer(int maxLength) {
		this.maxLength = Math.min(maxLength, LARGEST);
	}

	@Override
	public int measure(ByteBuf in) {
		return Math.min(in.readableBytes(), this.maxLength);
	}

}
