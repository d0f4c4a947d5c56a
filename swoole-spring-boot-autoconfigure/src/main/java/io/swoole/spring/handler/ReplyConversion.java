package io.swoole.spring.handler;

import java.util.concurrent.CompletionStage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.swoole.spring.payload.PayloadConverter.Writer;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;

/**
 * Makes what can be sent of what a handler of packets returns, where that is more than
 * bytes and text.
 */
final class ReplyConversion {

	private final @Nullable Writer writer;

	private ReplyConversion(@Nullable Writer writer) {
		this.writer = writer;
	}

	/**
	 * Whether values of a type are sent as they are.
	 * @param type the type a handler returns
	 * @return {@code true} if so, or if there are no such values
	 */
	static boolean isPlain(Class<?> type) {
		return type == void.class || type == Void.class || type == byte[].class || ByteBuf.class.isAssignableFrom(type)
				|| CharSequence.class.isAssignableFrom(type);
	}

	/**
	 * The conversion of a type that is not sent as it is.
	 * @param type the type a handler returns
	 * @param formats how objects are written
	 * @return the conversion, {@code null} if nothing can be done with the type
	 */
	static @Nullable ReplyConversion of(ResolvableType type, PacketFormats formats) {
		if (!LaterValues.allows(type.toClass())) {
			return null;
		}
		ResolvableType value = LaterValues.valueType(type);
		boolean open = value.resolve() == null; // such as CompletionStage<?>
		if (!open && isPlain(value.toClass())) {
			return new ReplyConversion(null);
		}
		Writer writer = formats.writer(open ? ResolvableType.forClass(Object.class) : value);
		return (writer != null || open) ? new ReplyConversion(writer) : null;
	}

	/**
	 * Converts a value.
	 * @param value what a handler has returned
	 * @return bytes or text, or a {@link LaterReply}
	 * @throws Exception if the value cannot be written
	 */
	@Nullable Object convert(@Nullable Object value) throws Exception {
		if (value == null) {
			return null;
		}
		CompletionStage<?> stage = LaterValues.toStage(value);
		return (stage != null) ? new LaterReply(stage, this) : convertNow(value);
	}

	/**
	 * Converts a value that is there.
	 * @param value what a handler has returned, or a stage has completed with
	 * @return bytes or text
	 * @throws Exception if the value cannot be written
	 */
	Object convertNow(Object value) throws Exception {
		return isPlain(value.getClass()) ? value : write(value);
	}

	private ByteBuf write(Object value) throws Exception {
		if (this.writer == null) {
			throw new IllegalArgumentException("Cannot send a reply of type " + value.getClass().getName());
		}
		ByteBuf packet = ByteBufAllocator.DEFAULT.buffer();
		boolean written = false;
		try {
			this.writer.write(value, packet);
			written = true;
			return packet;
		}
		finally {
			if (!written) {
				packet.release();
			}
		}
	}

}
