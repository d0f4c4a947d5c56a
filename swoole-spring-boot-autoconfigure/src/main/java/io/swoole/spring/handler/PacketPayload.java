package io.swoole.spring.handler;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * A packet, converted once from the buffer straight to what the handler takes.
 */
final class PacketPayload implements Payload {

	private final int index;

	private final Map<Class<?>, Extractor> extractors;

	PacketPayload(int index) {
		this.index = index;
		this.extractors = Map.of(ByteBuf.class, Extractor.argument(index, ByteBuf.class), byte[].class,
				Extractor.of(index, ByteBuf.class, byte[].class, ByteBufUtil::getBytes), ByteBuffer.class,
				Extractor.of(index, ByteBuf.class, ByteBuffer.class, PacketPayload::toByteBuffer), String.class,
				Extractor.of(index, ByteBuf.class, String.class, (packet) -> packet.toString(StandardCharsets.UTF_8)));
	}

	@Override
	public @Nullable Extractor extractor(Class<?> type) {
		return this.extractors.get(type);
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

	private static ByteBuffer toByteBuffer(ByteBuf packet) {
		return ByteBuffer.wrap(ByteBufUtil.getBytes(packet));
	}

}
