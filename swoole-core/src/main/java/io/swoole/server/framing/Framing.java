package io.swoole.server.framing;

import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PackageLengthFunction;
import org.jspecify.annotations.Nullable;

/**
 * How a listener cuts bytes into packets, and how it makes a packet of the body of an
 * answer.
 */
@Internal
public final class Framing {

	/** Up to this size copying a body costs less than joining it with its header. */
	private static final int SMALL = 2048;

	private static final byte[] NOTHING = new byte[0];

	private final Supplier<Framer> framers;

	private final @Nullable LengthType lengthType;

	private final int lengthOffset;

	private final int bodyOffset;

	/** How many bytes are stripped from the beginning of a packet. */
	private final int head;

	/** What is stripped from the end of a packet. */
	private final byte[] tail;

	private Framing(Supplier<Framer> framers, @Nullable LengthType lengthType, int lengthOffset, int bodyOffset,
			int head, byte[] tail) {
		this.framers = framers;
		this.lengthType = lengthType;
		this.lengthOffset = lengthOffset;
		this.bodyOffset = bodyOffset;
		this.head = head;
		this.tail = tail;
	}

	/**
	 * The framing of a listener.
	 * @param options its settings
	 * @return the framing
	 */
	public static Framing of(ListenerOptions options) {
		int maxLength = options.packageMaxLength();
		PackageLengthFunction function = options.packageLengthFunc();
		if (options.openEofSplit() || options.openEofCheck()) {
			byte[] eof = options.packageEof();
			return new Framing(
					options.openEofSplit() ? () -> new EofSplitFramer(eof, maxLength)
							: () -> new EofCheckFramer(eof, maxLength),
					null, 0, 0, 0, options.packageStrip() ? eof : NOTHING);
		}
		if (function != null) {
			return new Framing(() -> new FunctionFramer(function, maxLength), null, 0, 0, 0, NOTHING);
		}
		if (options.openLengthCheck()) {
			return ofLength(options);
		}
		Framer shared = options.openMqttProtocol() ? new MqttFramer(maxLength) : new RawFramer(maxLength);
		return new Framing(() -> shared, null, 0, 0, 0, NOTHING);
	}

	private static Framing ofLength(ListenerOptions options) {
		LengthType type = LengthType.of(options.packageLengthType());
		int offset = options.packageLengthOffset();
		int bodyOffset = options.packageBodyOffset();
		Framer shared = new LengthFramer(type, offset, bodyOffset, options.packageMaxLength());
		int head = options.packageStrip() ? Math.max(bodyOffset, offset + type.size()) : 0;
		return new Framing(() -> shared, type, offset, bodyOffset, head, NOTHING);
	}

	Framer newFramer() {
		return this.framers.get();
	}

	int head() {
		return this.head;
	}

	int tail() {
		return this.tail.length;
	}

	/**
	 * Makes a packet of a body: adds what is stripped from packets of this listener,
	 * nothing if packets are left as they are.
	 * @param body the body; this method takes it over
	 * @param allocator makes buffers
	 * @return the packet
	 * @throws IllegalArgumentException if the length of the packet does not fit into its
	 * header
	 */
	public ByteBuf frame(ByteBuf body, ByteBufAllocator allocator) {
		if (this.head == 0 && this.tail.length == 0) {
			return body;
		}
		int length = body.readableBytes();
		boolean small = length <= SMALL;
		ByteBuf packet = allocator.buffer(this.head + (small ? length : 0) + this.tail.length);
		try {
			writeHead(packet, length);
		}
		catch (IllegalArgumentException ex) {
			packet.release();
			body.release();
			throw ex;
		}
		if (small) {
			packet.writeBytes(body).writeBytes(this.tail);
			body.release();
			return packet;
		}
		return (this.head > 0) ? Unpooled.wrappedBuffer(packet, body)
				: Unpooled.wrappedBuffer(body, packet.writeBytes(this.tail));
	}

	private void writeHead(ByteBuf packet, int bodyLength) {
		if (this.lengthType == null) {
			return;
		}
		long value = (long) this.head + bodyLength - this.bodyOffset;
		if (value > this.lengthType.largest()) {
			throw new IllegalArgumentException("A packet with a body of " + bodyLength
					+ " bytes is too long for package-length-type " + this.lengthType.name());
		}
		int index = packet.writerIndex();
		packet.writeZero(this.head);
		this.lengthType.write(packet, index + this.lengthOffset, value);
	}

}
