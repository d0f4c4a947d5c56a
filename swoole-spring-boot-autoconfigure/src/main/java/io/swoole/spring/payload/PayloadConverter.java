package io.swoole.spring.payload;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;

/**
 * A format of packets. Beans of this type add formats to those that {@code @OnReceive}
 * and {@code @OnPacket} methods know: they are asked in their order, before JSON, what to
 * make of a payload parameter that is no {@code byte[]}, {@code ByteBuf},
 * {@code ByteBuffer} or {@code String}, and of a returned value that is no
 * {@code byte[]}, {@code ByteBuf} or {@code CharSequence}.
 * <p>
 * All questions are asked once per handler, at the start; afterwards only readers and
 * writers are called. They run in several workers at the same time.
 */
public interface PayloadConverter {

	/**
	 * How packets are read into a type; called at the start for every payload parameter.
	 * @param type the type of the parameter
	 * @return the reader, {@code null} to leave the type to others
	 */
	default @Nullable Reader reader(ResolvableType type) {
		return null;
	}

	/**
	 * How values of a type are written; called at the start for every handler that
	 * returns something.
	 * @param type the type the handler is declared to return, or that of the value which
	 * a returned stage completes with
	 * @return the writer, {@code null} to leave the type to others
	 */
	default @Nullable Writer writer(ResolvableType type) {
		return null;
	}

	/**
	 * Reads packets into one type.
	 */
	@FunctionalInterface
	interface Reader {

		/**
		 * Reads a packet. Called in a worker, for every packet.
		 * @param packet the packet, without what {@code package-strip} removes; valid
		 * during the call, the reader need not release it
		 * @return what the handler gets
		 * @throws Exception if the packet cannot be read; it counts as unreadable and its
		 * connection is closed
		 */
		@Nullable Object read(ByteBuf packet) throws Exception;

	}

	/**
	 * Writes values of one type.
	 */
	@FunctionalInterface
	interface Writer {

		/**
		 * Writes a value. Called in a worker, for every answer that is not {@code null}.
		 * @param value what the handler has returned
		 * @param packet an empty buffer, to be filled; with {@code package-strip} the
		 * header or terminator is added afterwards
		 * @throws Exception if the value cannot be written; a failure of the handler
		 */
		void write(Object value, ByteBuf packet) throws Exception;

	}

}
