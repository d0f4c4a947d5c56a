package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * A packet, converted once from the buffer straight to what the handler takes.
 */
final class PacketPayload implements Payload {

	private final int index;

	PacketPayload(int index) {
		this.index = index;
	}

	@Override
	public @Nullable Extractor extractor(Class<?> type) {
		if (type == ByteBuf.class) {
			return Extractor.of(this.index, ByteBuf.class);
		}
		String method = (type == String.class) ? "toText"
				: (type == byte[].class) ? "toBytes" : (type == ByteBuffer.class) ? "toByteBuffer" : null;
		return (method != null) ? new Extractor(this.index, conversion(method, type)) : null;
	}

	private static MethodHandle conversion(String method, Class<?> type) {
		try {
			return MethodHandles.lookup()
				.findStatic(PacketPayload.class, method, MethodType.methodType(type, ByteBuf.class));
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public Extractor extractor(PacketReader reader) {
		return Extractor.of(this.index, ByteBuf.class, Object.class, reader::read).as(reader.type().toClass());
	}

	@Override
	public boolean isPacket() {
		return true;
	}

	@Override
	public String allowedTypes() {
		return "byte[], String, ByteBuf or ByteBuffer for the packet";
	}

	private static String toText(ByteBuf packet) {
		return packet.toString(StandardCharsets.UTF_8);
	}

	private static byte[] toBytes(ByteBuf packet) {
		return ByteBufUtil.getBytes(packet);
	}

	private static ByteBuffer toByteBuffer(ByteBuf packet) {
		return ByteBuffer.wrap(ByteBufUtil.getBytes(packet));
	}

}
