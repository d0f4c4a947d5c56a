package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;

/**
 * Finds the end of the packet at the beginning of a buffer. One instance serves one
 * connection and may remember how far it has looked.
 */
@Internal
public interface Framer {

	/** The packet is not complete yet. */
	int INCOMPLETE = 0;

	/**
	 * Measures the first packet. Does not move the reader index.
	 * @param in what has been received and not handed out, at least one byte; begins with
	 * the same bytes until a packet has been found
	 * @return the length of the packet, with its header or terminator, or
	 * {@link #INCOMPLETE}
	 * @throws MalformedPacketException if no packet can begin like this
	 */
	int measure(ByteBuf in) throws MalformedPacketException;

	/**
	 * A framer for a new connection.
	 * @param options the settings of its listener
	 * @return the framer
	 */
	static Framer of(ListenerOptions options) {
		if (options.openEofSplit()) {
			return new EofFramer(options.packageEof(), options.packageMaxLength());
		}
		if (options.openLengthCheck()) {
			return new LengthFramer(LengthType.of(options.packageLengthType()), options.packageLengthOffset(),
					options.packageBodyOffset(), options.packageMaxLength());
		}
		return new RawFramer();
	}

}
