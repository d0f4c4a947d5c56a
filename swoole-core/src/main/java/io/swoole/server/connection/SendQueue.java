package io.swoole.server.connection;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleError;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.VirtualThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts or refuses what is sent to one connection, in any thread, and brings it to its
 * event loop in one piece. Every method returns why it was refused.
 */
final class SendQueue {

	private static final Logger logger = LoggerFactory.getLogger(SendQueue.class);

	private final NettyConnection connection;

	private final Reactor reactor;

	private final PendingOutput pending;

	private final OutputBuffer output;

	private final ServerCounters counters;

	private final ServerOptions options;

	SendQueue(NettyConnection connection, Reactor reactor, PendingOutput pending, OutputBuffer output,
			ServerCounters counters, ServerOptions options) {
		this.connection = connection;
		this.reactor = reactor;
		this.pending = pending;
		this.output = output;
		this.counters = counters;
		this.options = options;
	}

	SwooleError send(byte[] data) {
		SwooleError error = accept(data.length);
		if (error == SwooleError.NONE) {
			if (this.reactor.inEventLoop()) {
				this.output.write(data);
			}
			else {
				post(data, null);
			}
		}
		return error;
	}

	SwooleError send(CharSequence data) {
		// of what another thread can change the length would be no promise
		String text = data.toString();
		int length = ByteBufUtil.utf8Bytes(text);
		SwooleError error = accept(length);
		if (error == SwooleError.NONE) {
			if (this.reactor.inEventLoop()) {
				this.output.write(text, length);
			}
			else {
				post(text, length);
			}
		}
		return error;
	}

	SwooleError send(ByteBuf data) {
		if (data.refCnt() == 0) {
			throw new IllegalReferenceCountException("The buffer to be sent has been released");
		}
		SwooleError error;
		try {
			error = accept(data.readableBytes());
		}
		catch (Throwable ex) {
			data.release();
			throw ex;
		}
		if (error != SwooleError.NONE) {
			data.release();
		}
		else if (this.reactor.inEventLoop()) {
			this.output.write(data);
		}
		else {
			post(data, null);
		}
		return error;
	}

	/** Sends and waits until it has been written; never on an event loop. */
	SwooleError sendAndWait(byte[] data) {
		long deadline = deadline(this.options.socketSendTimeout());
		SwooleError error = tryAccept(data.length);
		while (error == SwooleError.OUTPUT_BUFFER_OVERFLOW) {
			SwooleError waited = this.pending.awaitRoom(false, deadline);
			error = (waited == SwooleError.NONE) ? tryAccept(data.length) : waited;
			if (waited == SwooleError.OUTPUT_BUFFER_OVERFLOW) {
				return waited; // interrupted
			}
		}
		if (error != SwooleError.NONE) {
			return (error == SwooleError.CO_TIMEDOUT) ? timedOut() : error;
		}
		Completion completion = new Completion();
		post(data, completion);
		return completion.await(deadline);
	}

	/** Sends a part of a file. */
	SwooleError sendFile(Path path, long offset, long length) {
		SwooleError refused = this.connection.error();
		if (refused != SwooleError.NONE) {
			return refused;
		}
		SendableFile file;
		try {
			file = SendableFile.open(path, offset, length);
		}
		catch (SendableFile.NotSendableException ex) {
			logger.debug("sendFile refused: {} [fd={}]", ex.getMessage(), this.connection.fd());
			return ex.error();
		}
		SwooleError error;
		try {
			error = acceptFile(file.length());
		}
		catch (Throwable ex) {
			file.close();
			throw ex;
		}
		if (error != SwooleError.NONE) {
			file.close();
		}
		else if (this.reactor.inEventLoop()) {
			this.output.write(file);
		}
		else {
			this.reactor.post(new FileEvent(file));
		}
		return error;
	}

	// accepting

	private SwooleError accept(int length) {
		SwooleError error = tryAccept(length);
		if (error == SwooleError.OUTPUT_BUFFER_OVERFLOW && this.options.sendYield() && VirtualThreads.isCurrent()) {
			Long deadline = yieldDeadline();
			while (error == SwooleError.OUTPUT_BUFFER_OVERFLOW) {
				error = this.pending.awaitRoom(false, deadline);
				if (error != SwooleError.NONE) {
					return error;
				}
				error = tryAccept(length);
			}
		}
		return error;
	}

	private SwooleError tryAccept(int length) {
		if (length == 0) {
			return SwooleError.NO_PAYLOAD;
		}
		if (length > this.options.outputBufferSize()) {
			return SwooleError.DATA_LENGTH_TOO_LARGE;
		}
		SwooleError error = this.connection.error();
		if (error != SwooleError.NONE) {
			return error;
		}
		if (!this.pending.tryAdd(length)) {
			return SwooleError.OUTPUT_BUFFER_OVERFLOW;
		}
		this.counters.caller().responses.increment();
		return SwooleError.NONE;
	}

	private SwooleError acceptFile(long length) {
		boolean yields = this.options.sendYield() && VirtualThreads.isCurrent();
		Long deadline = yields ? yieldDeadline() : null;
		while (!this.pending.tryAddFile(length)) {
			SwooleError error = yields ? this.pending.awaitRoom(true, deadline) : SwooleError.OUTPUT_BUFFER_OVERFLOW;
			if (error != SwooleError.NONE) {
				return error;
			}
		}
		this.counters.caller().responses.increment();
		return SwooleError.NONE;
	}

	private @Nullable Long yieldDeadline() {
		Duration timeout = this.options.sendTimeout();
		return timeout.isZero() ? null : deadline(timeout);
	}

	private static long deadline(Duration timeout) {
		return System.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(timeout), Long.MAX_VALUE / 2);
	}

	private static SwooleError timedOut() {
		return VirtualThreads.isCurrent() ? SwooleError.CO_TIMEDOUT : SwooleError.SOCKET_POLL_TIMEOUT;
	}

	// on the way to the event loop

	private void post(byte[] data, @Nullable Completion completion) {
		ByteBuf copy;
		try {
			copy = Unpooled.wrappedBuffer(data.clone());
		}
		catch (Throwable ex) {
			this.pending.remove(data.length);
			throw ex;
		}
		post(copy, completion);
	}

	private void post(String text, int length) {
		ByteBuf bytes;
		try {
			bytes = Unpooled.buffer(length);
			ByteBufUtil.reserveAndWriteUtf8(bytes, text, length);
		}
		catch (Throwable ex) {
			this.pending.remove(length);
			throw ex;
		}
		post(bytes, null);
	}

	private void post(ByteBuf data, @Nullable Completion completion) {
		this.reactor.post(new WriteEvent(data, completion));
	}

	/**
	 * Data on their way to the event loop.
	 */
	private final class WriteEvent extends Event {

		private final ByteBuf data;

		private final @Nullable Completion completion;

		WriteEvent(ByteBuf data, @Nullable Completion completion) {
			this.data = data;
			this.completion = completion;
		}

		@Override
		public void run() {
			SendQueue.this.output.write(this.data);
			if (this.completion != null) {
				SendQueue.this.output.whenWritten(this.completion);
			}
		}

		@Override
		public void discard() {
			this.data.release();
			if (this.completion != null) {
				this.completion.accept(false);
			}
		}

	}

	/**
	 * A file on its way to the event loop.
	 */
	private final class FileEvent extends Event {

		private final SendableFile file;

		FileEvent(SendableFile file) {
			this.file = file;
		}

		@Override
		public void run() {
			SendQueue.this.output.write(this.file);
		}

		@Override
		public void discard() {
			this.file.close();
		}

	}

	/**
	 * The end of a write somebody waits for.
	 */
	private static final class Completion implements Consumer<Boolean> {

		private final CountDownLatch done = new CountDownLatch(1);

		private volatile boolean written;

		@Override
		public void accept(Boolean written) {
			this.written = written;
			this.done.countDown();
		}

		SwooleError await(long deadline) {
			try {
				if (!this.done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
					return timedOut();
				}
				return this.written ? SwooleError.NONE : SwooleError.ECONNRESET;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return timedOut();
			}
		}

	}

}
