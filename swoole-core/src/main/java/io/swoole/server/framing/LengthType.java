package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * How the length of a packet is written, by the letters of PHP's {@code pack()}. What is
 * in the order of the host there is little-endian here, on every machine.
 */
enum LengthType {

	/** One byte, signed. */
	c(1, true, false),

	/** One byte, unsigned. */
	C(1, false, false),

	/** Two bytes, signed, little-endian. */
	s(2, true, true),

	/** Two bytes, unsigned, little-endian. */
	S(2, false, true),

	/** Two bytes, unsigned, big-endian. */
	n(2, false, false),

	/** Two bytes, unsigned, little-endian. */
	v(2, false, true),

	/** Four bytes, signed, little-endian. */
	l(4, true, true),

	/** Four bytes, unsigned, little-endian. */
	L(4, false, true),

	/** Four bytes, unsigned, big-endian. */
	N(4, false, false),

	/** Four bytes, unsigned, little-endian. */
	V(4, false, true),

	/** Eight bytes, signed, little-endian. */
	q(8, true, true),

	/** Eight bytes, unsigned, little-endian. */
	Q(8, false, true),

	/** Eight bytes, unsigned, big-endian. */
	J(8, false, false),

	/** Eight bytes, unsigned, little-endian. */
	P(8, false, true);

	private final int size;

	private final boolean signed;

	private final boolean littleEndian;

	LengthType(int size, boolean signed, boolean littleEndian) {
		this.size = size;
		this.signed = signed;
		this.littleEndian = littleEndian;
	}

	static LengthType of(char letter) {
		return valueOf(String.valueOf(letter));
	}

	int size() {
		return this.size;
	}

	boolean isSigned() {
		return this.signed;
	}

	/** The largest length that can be written. */
	long largest() {
		int bits = 8 * this.size - ((this.signed || this.size == 8) ? 1 : 0);
		return (1L << bits) - 1;
	}

	/**
	 * Reads the length.
	 * @param in the bytes
	 * @param index where it begins
	 * @return the length; negative if it is, or if it is beyond the largest {@code long}
	 */
	long read(ByteBuf in, int index) {
		return switch (this.size) {
			case 1 -> this.signed ? in.getByte(index) : in.getUnsignedByte(index);
			case 2 -> {
				short value = this.littleEndian ? in.getShortLE(index) : in.getShort(index);
				yield this.signed ? value : value & 0xffff;
			}
			case 4 -> {
				int value = this.littleEndian ? in.getIntLE(index) : in.getInt(index);
				yield this.signed ? value : value & 0xffff_ffffL;
			}
			default -> this.littleEndian ? in.getLongLE(index) : in.getLong(index);
		};
	}

	/**
	 * Writes the length.
	 * @param out where to
	 * @param index where it begins
	 * @param length a length, at most {@link #largest()}
	 */
	void write(ByteBuf out, int index, long length) {
		for (int i = 0; i < this.size; i++) {
			int shift = 8 * (this.littleEndian ? i : this.size - 1 - i);
			out.setByte(index + i, (int) (length >>> shift));
		}
	}

}
