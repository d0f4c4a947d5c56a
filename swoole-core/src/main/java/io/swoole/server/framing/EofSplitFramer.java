package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * A packet ends at the first terminator. Bytes that have been searched once are not
 * searched again, so the time is linear however the packet arrives.
 */
final class EofSplitFramer implements Framer {

	private final byte[] eof;

	private final int maxLength;

	/** So many bytes from the beginning no terminator starts. */
	private int searched;

	EofSplitFramer(byte[] eof, int maxLength) {
		this.eof = eof;
		this.maxLength = maxLength;
	}

	@Override
	public int measure(ByteBuf in) throws MalformedPacketException {
		int begin = in.readerIndex();
		int lastStart = Math.min(in.readableBytes(), this.maxLength) - this.eof.length;
		int at = this.searched;
		while (at <= lastStart) {
			int found = in.indexOf(begin + at, begin + lastStart + 1, this.eof[0]);
			if (found < 0) {
				at = lastStart + 1;
				break;
			}
			at = found - begin;
			if (matches(in, found)) {
				this.searched = 0;
				return at + this.eof.length;
			}
			at++;
		}
		this.searched = Math.max(at, this.searched);
		if (in.readableBytes() >= this.maxLength) {
			throw MalformedPacketException.tooLong("a packet without package-eof", this.maxLength);
		}
		return INCOMPLETE;
	}

	private boolean matches(ByteBuf in, int start) {
		for (int i = 1; i < this.eof.length; i++) {
			if (in.getByte(start + i) != this.eof[i]) {
				return false;
			}
		}
		return true;
	}

}
