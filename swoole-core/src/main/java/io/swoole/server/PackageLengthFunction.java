package io.swoole.server;

import io.netty.buffer.ByteBuf;

/**
 * Tells how long a packet is, for protocols whose header the settings cannot describe.
 * Swoole: {@code package_length_func}.
 * <p>
 * Called on the event loop of the connection, with many connections in parallel: it must
 * be thread-safe, must not block and should not keep anything.
 *
 * @see ListenerOptions.Builder#packageLengthFunc
 */
@FunctionalInterface
public interface PackageLengthFunction {

	/**
	 * Measures the packet at the beginning of what has been received and not been handed
	 * out yet. Called again with more bytes until it has told the length, so it must
	 * decide by the bytes alone. An exception is logged and closes this connection.
	 * @param data the first bytes of the packet from index 0 on, at least one and at most
	 * 8152, perhaps with bytes of following packets behind; a read-only view that is
	 * valid during the call. Reading from it has no effect on the connection.
	 * @return the length of the whole packet with its header, which may be more than
	 * {@code data} holds; 0 if more bytes are needed to tell; negative if no packet can
	 * begin like this, which closes the connection, as does a packet longer than
	 * {@code package-max-length} or no decision within 8152 bytes
	 */
	int length(ByteBuf data);

}
