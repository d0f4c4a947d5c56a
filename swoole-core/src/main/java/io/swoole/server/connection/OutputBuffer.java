package io.swoole.server.connection;

import java.util.Map;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.concurrent.Future;
import io.swoole.server.PipelineNames;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * Brings what was accepted for one connection to its socket; on the event loop only.
 * Small pieces of one turn are gathered in one buffer and flushed together. While the
 * socket takes nothing they are gathered on, so that many small sends to a slow client
 * take no more memory than their bytes.
 * <p>
 * Learns about every {@value #GRAIN} bytes when they have been written.
 */
final class OutputBuffer implements Reactor.Flushable {

	/** Up to this size copying costs less than a piece of its own. */
	private static final int SMALL = 2048;

	private static final int GATHERED = 4096;

	/** Large data are written in pieces of this size, each of which is released then. */
	private static final int GRAIN = 64 * 1024;

	private final Channel channel;

	private final Reactor reactor;

	private final PendingOutput pending;

	private final ServerCounters counters;

	private volatile long lastWriteMillis = System.currentTimeMillis();

	private @Nullable ByteBuf gathered;

	/** Bytes taken over, from the beginning on, as the three numbers below. */
	private long taken;

	/** Bytes of files among those taken over and not written. */
	private long takenFromFiles;

	private int takenFiles;

	/** What had been taken over when it was flushed last. */
	private long flushed;

	private long written;

	/** Bytes at the end of those passed on, of which nobody will tell. */
	private long untold;

	/** Whether nothing between here and the socket changes or keeps bytes. */
	private boolean direct;

	private boolean foreign;

	private boolean flushRequested;

	/** Whether bytes have been lost: what is behind them must not be written. */
	private boolean broken;

	private boolean closed;

	/** {@code null} until somebody waits. */
	private @Nullable WriteWaiters waiters;

	OutputBuffer(Channel channel, Reactor reactor, PendingOutput pending, ServerCounters counters) {
		this.channel = channel;
		this.reactor = reactor;
		this.pending = pending;
		this.counters = counters;
	}

	/** The pipeline is complete. */
	void open() {
		for (Map.Entry<String, ChannelHandler> entry : this.channel.pipeline()) {
			if (entry.getValue() instanceof ChannelOutboundHandler) {
				this.foreign = true;
			}
		}
		this.direct = !this.foreign;
	}

	/** Whether handlers that are not of this class see what is written. */
	boolean hasForeignHandlers() {
		return this.foreign;
	}

	/** Whether nothing that has been accepted is still on its way here. */
	boolean hasAll() {
		return this.closed || this.pending.total() <= this.taken - this.written;
	}

	/** A number that changes when the socket takes bytes, however few. */
	long progress() {
		ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
		return (buffer != null) ? buffer.totalPendingWriteBytes() - buffer.currentProgress() : 0;
	}

	/** When the socket last took bytes, in milliseconds; from any thread. */
	long lastWriteMillis() {
		return this.lastWriteMillis;
	}

	// taking over; the bytes have been added to the pending ones before

	void write(byte[] data) {
		if (this.closed || this.broken) {
			this.pending.remove(data.length);
			return;
		}
		try {
			if (data.length <= SMALL) {
				gather(data.length).writeBytes(data);
			}
			else {
				passOnGathered();
				for (int start = 0; start < data.length; start += GRAIN) {
					int length = Math.min(GRAIN, data.length - start);
					passOn(this.channel.alloc().directBuffer(length).writeBytes(data, start, length));
				}
			}
		}
		catch (Throwable ex) {
			failed(ex);
		}
		taken(data.length);
	}

	void write(String text, int length) {
		if (this.closed || this.broken) {
			this.pending.remove(length);
			return;
		}
		try {
			if (length <= SMALL) {
				// by itself it would ask for room for three bytes per character
				ByteBufUtil.reserveAndWriteUtf8(gather(length), text, length);
			}
			else {
				passOnGathered();
				ByteBuf data = this.channel.alloc().directBuffer(length);
				ByteBufUtil.reserveAndWriteUtf8(data, text, length);
				passOnInPieces(data);
			}
		}
		catch (Throwable ex) {
			failed(ex);
		}
		taken(length);
	}

	void write(ByteBuf data) {
		write(data, data.readableBytes() <= SMALL);
	}

	/**
	 * Other connections are given the same data, so they are copied only where they would
	 * take less memory by that: among what a slow client has not taken yet.
	 */
	void writeShared(ByteBuf data) {
		write(data, data.readableBytes() <= SMALL && this.written != this.flushed);
	}

	private void write(ByteBuf data, boolean copy) {
		int length = data.readableBytes();
		if (this.closed || this.broken) {
			this.pending.remove(length);
			data.release();
			return;
		}
		try {
			if (copy) {
				gatherAll(data, length);
			}
			else {
				passOnGathered();
				passOnInPieces(data);
			}
		}
		catch (Throwable ex) {
			failed(ex);
		}
		taken(length);
	}

	void write(SendableFile file) {
		long length = file.length();
		if (this.closed || this.broken) {
			this.pending.removeFromFile(length);
			this.pending.removeFile();
			file.close();
			return;
		}
		this.takenFiles++;
		this.takenFromFiles += length;
		try {
			passOn(file);
		}
		catch (Throwable ex) {
			file.close();
			failed(ex);
		}
		taken(length);
	}

	private void passOn(SendableFile file) {
		passOnGathered();
		if (this.untold > 0) {
			passOnTold(Unpooled.EMPTY_BUFFER);
		}
		boolean whole = this.direct && file.isNative();
		if (!whole && this.channel.pipeline().get(PipelineNames.FILE_WRITER) == null) {
			this.channel.pipeline()
				.addBefore(PipelineNames.CONNECTION, PipelineNames.FILE_WRITER, new ChunkedWriteHandler());
			this.direct = false;
		}
		new FileTransfer(this, file, whole).start(this.channel);
	}

	private void taken(long length) {
		this.taken += length;
		if (!this.flushRequested) {
			this.flushRequested = true;
			this.reactor.written(this);
		}
	}

	private ByteBuf gather(int length) {
		ByteBuf buffer = this.gathered;
		if (buffer != null && buffer.writableBytes() >= length) {
			return buffer;
		}
		boolean first = this.taken == this.flushed;
		passOnGathered();
		buffer = this.channel.alloc().directBuffer(Math.max(length, first ? 256 : GATHERED), GATHERED);
		this.gathered = buffer;
		return buffer;
	}

	private void gatherAll(ByteBuf data, int length) {
		try {
			gather(length).writeBytes(data);
		}
		finally {
			data.release();
		}
	}

	private void passOnGathered() {
		ByteBuf buffer = this.gathered;
		if (buffer != null) {
			this.gathered = null;
			passOn(buffer);
		}
	}

	private void passOnInPieces(ByteBuf data) {
		boolean last = false;
		try {
			while (data.readableBytes() > GRAIN) {
				passOn(data.readRetainedSlice(GRAIN));
			}
			last = true;
			passOn(data);
		}
		finally {
			if (!last) {
				data.release();
			}
		}
	}

	private void passOn(ByteBuf piece) {
		int length = piece.readableBytes();
		this.untold += length;
		if (this.direct && this.untold < GRAIN) {
			this.channel.write(outsideHeap(piece), this.channel.voidPromise());
		}
		else {
			passOnTold(piece);
		}
	}

	/** Sockets take no bytes of the heap; the channel would not tell of a failed copy. */
	private ByteBuf outsideHeap(ByteBuf piece) {
		ByteBufAllocator allocator = this.channel.alloc();
		if (piece.isDirect() || !allocator.isDirectBufferPooled()) {
			return piece;
		}
		try {
			return allocator.directBuffer(piece.readableBytes()).writeBytes(piece);
		}
		finally {
			piece.release();
		}
	}

	/** Passes on a piece and learns when it, and those before it, have been written. */
	private void passOnTold(ByteBuf piece) {
		long count = this.untold;
		this.untold = 0;
		this.channel.write(piece).addListener((future) -> written(count, future));
	}

	// flushing

	@Override
	public void flush() {
		this.flushRequested = false;
		// otherwise what has been flushed before is still on its way, and its end
		// flushes what has come since; TLS sometimes flushes by itself and is ahead of us
		if (this.written >= this.flushed) {
			try {
				flushTaken();
			}
			catch (Throwable ex) {
				failed(ex);
			}
		}
	}

	private void flushTaken() {
		if (this.closed || this.broken || this.taken == this.flushed) {
			return;
		}
		passOnGathered();
		this.flushed = this.taken;
		this.channel.flush();
		if (this.untold > 0 && this.direct) {
			ChannelOutboundBuffer buffer = this.channel.unsafe().outboundBuffer();
			if (buffer == null) {
				return; // the channel is being closed
			}
			if (buffer.isEmpty()) {
				long count = this.untold;
				this.untold = 0;
				written(count);
			}
			else {
				// the socket is full: an empty piece behind these bytes tells of them
				passOnTold(Unpooled.EMPTY_BUFFER);
				this.channel.flush();
			}
		}
	}

	private void written(long count, Future<?> future) {
		if (future.isSuccess()) {
			written(count);
		}
		else {
			failed(future.cause());
		}
	}

	/**
	 * What a client gets must not have holes: the channel is closed, without a farewell
	 * that would call it complete. Its end lowers what is pending.
	 */
	void failed(Throwable cause) {
		if (!this.closed && !this.broken) {
			this.broken = true;
			this.channel.unsafe().close(this.channel.unsafe().voidPromise());
			this.channel.pipeline().fireExceptionCaught(cause);
		}
	}

	private void written(long count) {
		if (this.closed) {
			return;
		}
		this.written += count;
		this.counters.sentBytes.add(count);
		this.lastWriteMillis = System.currentTimeMillis();
		this.pending.remove(count);
		advanced();
	}

	/** Bytes of a file have been written. */
	void writtenFromFile(long count) {
		if (this.closed) {
			return;
		}
		this.written += count;
		this.takenFromFiles -= count;
		this.counters.sentBytes.add(count);
		this.lastWriteMillis = System.currentTimeMillis();
		this.pending.removeFromFile(count);
		advanced();
	}

	/** A file has been written up to its end. */
	void fileWritten() {
		if (!this.closed) {
			this.takenFiles--;
			this.pending.removeFile();
		}
	}

	private void advanced() {
		if (this.waiters != null) {
			this.waiters.written(this.written);
		}
		if (this.written >= this.flushed && !this.flushRequested) {
			flushTaken();
		}
	}

	/**
	 * Runs an action when everything taken over so far has been written, or never will
	 * be; at once if that is so now.
	 * @param action is given whether it has been written
	 */
	void whenWritten(Consumer<Boolean> action) {
		if (this.closed || this.broken || this.written == this.taken) {
			action.accept(!this.closed && !this.broken);
			return;
		}
		WriteWaiters all = this.waiters;
		if (all == null) {
			all = new WriteWaiters();
			this.waiters = all;
		}
		all.add(this.taken, action);
	}

	/** The channel is closed: nothing more will be written. */
	void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		ByteBuf buffer = this.gathered;
		if (buffer != null) {
			this.gathered = null;
			buffer.release();
		}
		this.pending.remove(this.taken - this.written - this.takenFromFiles);
		this.pending.removeFromFile(this.takenFromFiles);
		for (; this.takenFiles > 0; this.takenFiles--) {
			this.pending.removeFile();
		}
		if (this.waiters != null) {
			this.waiters.close();
		}
	}

}
