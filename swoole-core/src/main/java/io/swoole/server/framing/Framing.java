package io.swoole.server.framing;

import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
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

	/**
	 * Whether bytes are packets as they come, so that none can be incomplete.
	 * @return {@code true} if so
	 */
	public boolean isRaw() {
		return newFramer() instanceof RawFramer;
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
	 * Whether something is stripped from packets, and {@code frame} adds it.
	 * @return {@code true} if so
	 */
	public boolean isStripped() {
		return this.head > 0 || this.tail.length > 0;
	}

	/**
	 * Makes a packet.
	 * @param body its body
	 * @param allocator makes buffers
	 * @return the packet
	 * @throws IllegalArgumentException if the length of the packet does not fit into its
	 * header
	 */
	public ByteBuf frame(byte[] body, ByteBufAllocator allocator) {
		return begin(body.length, body.length, allocator).writeBytes(body).writeBytes(this.tail);
	}

	/**
	 * Makes a packet.
	 * @param body its body, which becomes UTF-8
	 * @param allocator makes buffers
	 * @return the packet
	 * @throws IllegalArgumentException if the length of the packet does not fit into its
	 * header
	 */
	public ByteBuf frame(CharSequence body, ByteBufAllocator allocator) {
		String text = body.toString();
		int length = ByteBufUtil.utf8Bytes(text);
		ByteBuf packet = begin(length, length, allocator);
		ByteBufUtil.reserveAndWriteUtf8(packet, text, length);
		return packet.writeBytes(this.tail);
	}

	/**
	 * Makes a packet.
	 * @param body its body; this method takes it over, also when it fails
	 * @param allocator makes buffers
	 * @return the packet
	 * @throws IllegalArgumentException if the length of the packet does not fit into its
	 * header
	 */
	public ByteBuf frame(ByteBuf body, ByteBufAllocator allocator) {
		int length = body.readableBytes();
		if (length <= SMALL) {
			try {
				return begin(length, length, allocator).writeBytes(body).writeBytes(this.tail);
			}
			finally {
				body.release();
			}
		}
		ByteBuf added;
		try {
			added = begin(length, 0, allocator).writeBytes(this.tail);
		}
		catch (Throwable ex) {
			body.release();
			throw ex;
		}
		return (this.head > 0) ? Unpooled.wrappedBuffer(added, body) : Unpooled.wrappedBuffer(body, added);
	}

	/**
	 * A buffer with the header of a packet.
	 * @param bodyLength the length of the body
	 * @param space how many bytes to have space for beside what is added
	 * @param allocator makes the buffer
	 */
	private ByteBuf begin(int bodyLength, int space, ByteBufAllocator allocator) {
		LengthType type = this.lengthType;
		long value = (long) this.head + bodyLength - this.bodyOffset;
		if (type != null && value > type.largest()) {
			throw new IllegalArgumentException("A packet with a body of " + bodyLength
					+ " bytes is too long for package-length-type " + type.name());
		}
		ByteBuf packet = allocator.buffer(this.head + space + this.tail.length).writeZero(this.head);
		if (type != null) {
			type.write(packet, this.lengthOffset, value);
		}
		return packet;
	}

}
