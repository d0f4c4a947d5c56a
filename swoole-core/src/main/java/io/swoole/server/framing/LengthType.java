package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * How the length of a packet is written, by the letters of PHP's {@code pack()}.
 */
enum LengthType {

	/** Four bytes, unsigned, big-endian. */
	N(4) {
		@Override
		long read(ByteBuf in, int index) {
			return in.getUnsignedInt(index);
		}
	},

	/** Two bytes, unsigned, big-endian. */
	n(2) {
		@Override
		long read(ByteBuf in, int index) {
			return in.getUnsignedShort(index);
		}
	};

	private final int size;

	LengthType(int size) {
		this.size = size;
	}

	static LengthType of(char letter) {
		return valueOf(String.valueOf(letter));
	}

	int size() {
		return this.size;
	}

	/**
	 * Reads the length.
	 * @param in the bytes
	 * @param index where it begins
	 * @return the length; negative if it is, or is beyond the largest {@code long}
	 */
	abstract long read(ByteBuf in, int index);

}
