package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of the packet at the beginning of a buffer. One that remembers how far it
 * has looked serves one connection only.
 */
interface Framer {

	/** The packet is not complete yet. */
	int INCOMPLETE = 0;

	/**
	 * Measures the first packet. Does not move the reader index.
	 * @param in what has been received and not been handed out, at least one byte; begins
	 * with the same bytes until a packet has been found, and ends where a read has ended
	 * @return the length of the packet, with its header or terminator, or
	 * {@link #INCOMPLETE}
	 * @throws MalformedPacketException if no packet can begin like this
	 */
	int measure(ByteBuf in) throws MalformedPacketException;

}
