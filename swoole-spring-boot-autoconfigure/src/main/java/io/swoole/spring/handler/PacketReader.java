package io.swoole.spring.handler;

import io.netty.buffer.ByteBuf;
import io.swoole.server.UnreadablePacketException;
import io.swoole.spring.payload.PayloadConverter.Reader;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;

/**
 * Reads packets into the type of a parameter.
 *
 * @param type the type
 * @param reader reads it
 * @param json whether the format is JSON, which has no place for headers and terminators
 */
record PacketReader(ResolvableType type, Reader reader, boolean json) {

	/** How much of the reason is told: clients decide how long it is. */
	private static final int REASON = 200;

	@Nullable Object read(ByteBuf packet) {
		int length = packet.readableBytes();
		try {
			return this.reader.read(packet);
		}
		catch (Exception ex) {
			throw new UnreadablePacketException(
					"%d bytes cannot be read as %s: %s".formatted(length, this.type, reason(ex)), ex);
		}
	}

	private static String reason(Exception ex) {
		String reason = String.valueOf(ex.getMessage()).lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
		return (reason.length() > REASON) ? reason.substring(0, REASON) + "…" : reason;
	}

}
