package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * The bytes of a connection that have not been handed out yet, in one buffer. Every time
 * it must be replaced the next one has twice the space of what is in it, so each byte is
 * copied a constant number of times, however small the pieces are, and what has been
 * handed out does not stay.
 */
final class Cumulation {

	/** Buffers up to this size are kept, however little is in them. */
	private static final int SMALL = 4096;

	private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

	boolean isReadable() {
		return this.bytes.isReadable();
	}

	int readableBytes() {
		return this.bytes.readableBytes();
	}

	/** The bytes; owned by this cumulation. */
	ByteBuf bytes() {
		return this.bytes;
	}

	/** Adds bytes at the end; takes their buffer over. */
	void add(ByteBufAllocator allocator, ByteBuf more) {
		if (!this.bytes.isReadable()) {
			this.bytes.release();
			this.bytes = more;
			return;
		}
		try {
			int length = more.readableBytes();
			if (this.bytes.isReadOnly() || this.bytes.maxFastWritableBytes() < length) {
				replace(allocator, 2L * this.bytes.readableBytes() + 2L * length);
			}
			this.bytes.writeBytes(more);
		}
		finally {
			more.release();
		}
	}

	/**
	 * Takes the first packet out.
	 * @param length its length
	 * @param head how many bytes to leave out at its beginning
	 * @param tail how many bytes to leave out at its end
	 * @return the packet, beginning at index 0; the caller owns it
	 */
	ByteBuf take(int length, int head, int tail) {
		ByteBuf all = this.bytes;
		int begin = all.readerIndex();
		boolean last = length == all.readableBytes();
		if (last && begin == 0 && head + tail == 0) {
			this.bytes = Unpooled.EMPTY_BUFFER;
			return all;
		}
		ByteBuf packet = all.retainedSlice(begin + head, length - head - tail);
		all.skipBytes(length);
		if (last) {
			clear();
		}
		return packet;
	}

	/** Moves few bytes out of a large buffer, so that nobody keeps it for them. */
	void trim(ByteBufAllocator allocator) {
		int capacity = this.bytes.capacity();
		if (capacity > SMALL && this.bytes.isReadable() && this.bytes.readableBytes() < capacity / 4) {
			replace(allocator, 2L * this.bytes.readableBytes());
		}
	}

	void clear() {
		this.bytes.release();
		this.bytes = Unpooled.EMPTY_BUFFER;
	}

	private void replace(ByteBufAllocator allocator, long capacity) {
		ByteBuf next = allocator.buffer((int) Math.min(capacity, Integer.MAX_VALUE));
		next.writeBytes(this.bytes);
		this.bytes.release();
		this.bytes = next;
	}

}
