package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * Hands out everything received when a read has ended with a terminator, be it one packet
 * or many. When so much has come that it exceeds the limit, the whole packets in front
 * are handed out, as many as the limit allows.
 */
final class EofCheckFramer implements Framer {

	private final byte[] eof;

	private final int maxLength;

	/** No packet ends within so many bytes from the beginning. */
	private int searched;

	EofCheckFramer(byte[] eof, int maxLength) {
		this.eof = eof;
		this.maxLength = maxLength;
	}

	@Override
	public int measure(ByteBuf in) throws MalformedPacketException {
		int readable = in.readableBytes();
		if (readable <= this.maxLength && endsAt(in, readable)) {
			this.searched = 0;
			return readable;
		}
		return (readable < this.maxLength) ? INCOMPLETE : wholePackets(in);
	}

	private int wholePackets(ByteBuf in) throws MalformedPacketException {
		for (int length = this.maxLength; length > this.searched; length--) {
			if (endsAt(in, length)) {
				this.searched = this.maxLength - length;
				return length;
			}
		}
		throw MalformedPacketException.tooLong("a packet without package-eof", this.maxLength);
	}

	private boolean endsAt(ByteBuf in, int length) {
		int start = length - this.eof.length;
		if (start < 0) {
			return false;
		}
		for (int i = this.eof.length - 1; i >= 0; i--) {
			if (in.getByte(in.readerIndex() + start + i) != this.eof[i]) {
				return false;
			}
		}
		return true;
	}

}
