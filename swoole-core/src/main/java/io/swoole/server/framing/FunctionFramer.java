package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.PackageLengthFunction;
import io.swoole.server.SwooleError;

/**
 * The application tells how long a packet is. It is asked until it knows.
 */
final class FunctionFramer implements Framer {

	/** The function must have decided when it has seen so many bytes. */
	private static final int DECIDES_WITHIN = 8152;

	private final PackageLengthFunction function;

	private final int maxLength;

	/** The length of the packet that is being received, 0 until the function knows it. */
	private int total;

	FunctionFramer(PackageLengthFunction function, int maxLength) {
		this.function = function;
		this.maxLength = maxLength;
	}

	@Override
	public int measure(ByteBuf in) throws MalformedPacketException {
		if (this.total == 0) {
			this.total = ask(in);
		}
		int length = this.total;
		if (length == 0 || in.readableBytes() < length) {
			return INCOMPLETE;
		}
		this.total = 0;
		return length;
	}

	private int ask(ByteBuf in) throws MalformedPacketException {
		int limit = Math.min(DECIDES_WITHIN, this.maxLength);
		int visible = Math.min(in.readableBytes(), limit);
		int length = call(in, visible);
		if (length < 0) {
			throw new MalformedPacketException(SwooleError.PACKAGE_MALFORMED_DATA,
					"package-length-func refuses the bytes with " + length);
		}
		if (length == 0 && visible == limit) {
			throw new MalformedPacketException(SwooleError.PACKAGE_LENGTH_NOT_FOUND,
					"package-length-func cannot tell a length from " + limit + " bytes");
		}
		if (length > this.maxLength) {
			throw MalformedPacketException.tooLong("a packet of " + length + " bytes", this.maxLength);
		}
		return length;
	}

	private int call(ByteBuf in, int visible) throws MalformedPacketException {
		// a slice, because nobody expects the packet at another index than 0
		ByteBuf view = in.slice(in.readerIndex(), visible).asReadOnly();
		try {
			return this.function.length(Unpooled.unreleasableBuffer(view));
		}
		catch (Throwable ex) {
			throw new MalformedPacketException(SwooleError.PACKAGE_MALFORMED_DATA, "package-length-func failed", ex);
		}
	}

}
