package io.swoole.spring.handler;

import java.lang.invoke.MethodHandles;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.Packet;
import org.jspecify.annotations.Nullable;

/**
 * The data of a datagram, as everything a packet can be had as.
 */
final class DatagramPayload implements Payload {

	private final int index;

	private final PacketPayload packet;

	DatagramPayload(int index) {
		this.index = index;
		this.packet = new PacketPayload(index);
	}

	@Override
	public @Nullable Extractor extractor(Class<?> type) {
		if (type == byte[].class) {
			return Extractor.of(this.index, Packet.class, "data");
		}
		Extractor extractor = this.packet.extractor(type);
		return (extractor != null) ? ofBuffer(extractor) : null;
	}

	@Override
	public Extractor extractor(PacketReader reader) {
		return ofBuffer(this.packet.extractor(reader));
	}

	private Extractor ofBuffer(Extractor extractor) {
		Extractor buffer = Extractor.of(this.index, Packet.class, ByteBuf.class,
				(datagram) -> Unpooled.wrappedBuffer(datagram.data()));
		return new Extractor(this.index, MethodHandles.filterArguments(extractor.handle(), 0, buffer.handle()));
	}

	@Override
	public boolean isPacket() {
		return true;
	}

	@Override
	public String allowedTypes() {
		return this.packet.allowedTypes();
	}

}
