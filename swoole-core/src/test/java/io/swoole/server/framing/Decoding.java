package io.swoole.server.framing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.swoole.server.ListenerOptions;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * A frame decoder without a network: is fed with what reads bring and collects packets.
 */
final class Decoding implements AutoCloseable {

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final ReadGate gate = new ReadGate(this.channel);

	private final FrameDecoder decoder;

	private final List<byte[]> packets = new ArrayList<>();

	private final List<Throwable> failures = new ArrayList<>();

	private Consumer<ByteBuf> onPacket = (packet) -> {
	};

	private Decoding(Framing framing, ByteBufAllocator allocator) {
		this.channel.config().setAllocator(allocator);
		this.decoder = new FrameDecoder(framing, this.gate, new Reactor(0, this.channel.eventLoop()));
		this.channel.pipeline().addLast(this.decoder, new Collector());
	}

	static Decoding of(Consumer<ListenerOptions.Builder> settings) {
		return of(options(settings), ByteBufAllocator.DEFAULT);
	}

	static Decoding of(ListenerOptions options, ByteBufAllocator allocator) {
		return of(Framing.of(options), allocator);
	}

	static Decoding of(Framing framing, ByteBufAllocator allocator) {
		return new Decoding(framing, allocator);
	}

	static ListenerOptions options(Consumer<ListenerOptions.Builder> settings) {
		ListenerOptions.Builder builder = ListenerOptions.builder("test");
		settings.accept(builder);
		return builder.build();
	}

	/** Has an action look at every packet before it is released. */
	Decoding onPacket(Consumer<ByteBuf> onPacket) {
		this.onPacket = onPacket;
		return this;
	}

	/** One read that brings text, one byte per character. */
	Decoding read(String text) {
		return read(text.getBytes(StandardCharsets.ISO_8859_1));
	}

	/** One read that brings bytes. */
	Decoding read(byte[] bytes) {
		this.channel.writeInbound(this.channel.alloc().buffer(bytes.length).writeBytes(bytes));
		return this;
	}

	/** One read for each byte. */
	Decoding readByteByByte(byte[] bytes) {
		for (byte next : bytes) {
			read(new byte[] { next });
		}
		return this;
	}

	EmbeddedChannel channel() {
		return this.channel;
	}

	ReadGate gate() {
		return this.gate;
	}

	FrameDecoder decoder() {
		return this.decoder;
	}

	List<byte[]> packets() {
		return this.packets;
	}

	/** The packets, one character per byte. */
	List<String> texts() {
		return this.packets.stream().map((packet) -> new String(packet, StandardCharsets.ISO_8859_1)).toList();
	}

	/** Everything that went down the pipeline as a failure. */
	List<Throwable> failures() {
		return this.failures;
	}

	/** The first failure. */
	@Nullable Throwable failure() {
		return this.failures.isEmpty() ? null : this.failures.get(0);
	}

	@Override
	public void close() {
		this.channel.finishAndReleaseAll();
	}

	private final class Collector extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext ctx, Object message) {
			ByteBuf packet = (ByteBuf) message;
			try {
				Decoding.this.packets.add(ByteBufUtil.getBytes(packet));
				Decoding.this.onPacket.accept(packet);
			}
			finally {
				packet.release();
			}
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
			Decoding.this.failures.add(cause);
		}

	}

}
