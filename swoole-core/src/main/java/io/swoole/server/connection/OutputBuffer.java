package io.swoole.server.connection;

import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to one connection. Small pieces of one turn are gathered in
 * one buffer and flushed together. {@link #pending()} counts every byte from the moment
 * it is accepted, in whatever thread, until the socket has taken it.
 */
final class OutputBuffer implements Reactor.Flushable {

	/** Up to this size copying costs less than a piece of its own. */
	private static final int SMALL = 2048;

	private static final int GATHERED = 4096;

	private final Channel channel;

	private final Reactor reactor;

	private final ServerCounters counters;

	private final AtomicLong pending = new AtomicLong();

	private volatile long lastFlushMillis = System.currentTimeMillis();

	// accessed on the event loop only

	private @Nullable ByteBuf gathered;

	/** Bytes given to the channel, or gathered, since the last flush. */
	private long unflushed;

	OutputBuffer(Channel channel, Reactor reactor, ServerCounters counters) {
		this.channel = channel;
		this.reactor = reactor;
		this.counters = counters;
	}

	long pending() {
		return this.pending.get();
	}

	/** When bytes were last given to the socket, in milliseconds. */
	long lastFlushMillis() {
		return this.lastFlushMillis;
	}

	/** Counts bytes as accepted; they must be given to {@code write} next. */
	void accept(int bytes) {
		this.pending.addAndGet(bytes);
	}

	void write(byte[] data) {
		if (data.length <= SMALL) {
			gather(data.length).writeBytes(data);
			written(data.length);
		}
		else {
			write(this.channel.alloc().directBuffer(data.length).writeBytes(data));
		}
	}

	void write(CharSequence text, int length) {
		if (length <= SMALL) {
			ByteBufUtil.writeUtf8(gather(length), text);
			written(length);
		}
		else {
			ByteBuf data = this.channel.alloc().directBuffer(length);
			ByteBufUtil.writeUtf8(data, text);
			write(data);
		}
	}

	void write(ByteBuf data) {
		int length = data.readableBytes();
		if (length <= SMALL) {
			gather(length).writeBytes(data);
			data.release();
		}
		else {
			passOn();
			this.channel.write(data, this.channel.voidPromise());
		}
		written(length);
	}

	@Override
	public void flush() {
		passOn();
		this.channel.flush();
		long bytes = this.unflushed;
		this.unflushed = 0;
		this.lastFlushMillis = System.currentTimeMillis();
		this.counters.sentBytes.add(bytes);
		if (isWritten()) {
			this.pending.addAndGet(-bytes);
		}
		else {
			// the socket is full: learn from an empty piece behind these bytes when it
			// has taken them
			this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((future) -> this.pending.addAndGet(-bytes));
		}
	}

	/**
	 * Runs an action when everything written so far is in the socket, or never will be.
	 * @param action the action
	 */
	void afterFlush(Runnable action) {
		flush();
		if (isWritten()) {
			action.run();
		}
		else {
			this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((future) -> action.run());
		}
	}

	/** The channel is closed: nothing more will be written. */
	void discard() {
		ByteBuf buffer = this.gathered;
		if (buffer != null) {
			this.gathered = null;
			buffer.release();
		}
	}

	private ByteBuf gather(int length) {
		ByteBuf buffer = this.gathered;
		if (buffer != null && buffer.writableBytes() >= length) {
			return buffer;
		}
		passOn();
		buffer = this.channel.alloc().directBuffer(Math.max(length, (this.unflushed == 0) ? 256 : GATHERED), GATHERED);
		this.gathered = buffer;
		return buffer;
	}

	private void written(int length) {
		if (this.unflushed == 0) {
			this.reactor.written(this);
		}
		this.unflushed += length;
	}

	private void passOn() {
		ByteBuf buffer = this.gathered;
		if (buffer != null) {
			this.gathered = null;
			this.channel.write(buffer, this.channel.voidPromise());
		}
	}

	private boolean isWritten() {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		return buffer == null || buffer.isEmpty();
	}

}
