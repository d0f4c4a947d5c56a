package io.swoole.server.connection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.ListenerOptions;
import io.swoole.server.SwooleError;
import org.jspecify.annotations.Nullable;

/**
 * Counts what has been accepted for one connection and is not written yet, and says when
 * that is too much. Raised by the thread that sends, lowered by the event loop.
 * <p>
 * Memory and files are counted apart: {@code socket-buffer-size} bounds the memory, the
 * watermarks look at both.
 */
final class PendingOutput {

	/** How many files may wait: each keeps a descriptor open. */
	private static final int MAX_FILES = 64;

	private static final int SHIFT = 48;

	private static final long ONE_FILE = 1L << SHIFT;

	private static final long BYTES_MASK = ONE_FILE - 1;

	private static final VarHandle BYTES;

	private static final VarHandle FILES;

	static {
		try {
			BYTES = MethodHandles.lookup().findVarHandle(PendingOutput.class, "bytes", long.class);
			FILES = MethodHandles.lookup().findVarHandle(PendingOutput.class, "files", long.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final NettyConnection connection;

	private final ConnectionEvents events;

	private final long limit;

	private final long high;

	private final long low;

	/** How long a client that has ended its side may take nothing, in nanoseconds. */
	private final long patience;

	private volatile long bytes;

	/** Files in the upper 16 bits, their bytes in the lower 48. */
	private volatile long files;

	/** Whether the high watermark was reached last; changed under the lock of this. */
	private volatile boolean full;

	/** Whether the connection has been asked to close, or is closed. */
	private volatile boolean ended;

	/** Threads that wait for room. */
	private volatile @Nullable Queue<Thread> waiting;

	PendingOutput(NettyConnection connection, ConnectionEvents events, ListenerOptions listener, Duration patience) {
		this.connection = connection;
		this.events = events;
		this.limit = (listener.socketBufferSize() > 0) ? listener.socketBufferSize() : Long.MAX_VALUE;
		this.high = listener.bufferHighWatermark();
		this.low = listener.bufferLowWatermark();
		this.patience = TimeUnit.NANOSECONDS.convert(patience);
	}

	/** How many bytes wait, those of files included. */
	long total() {
		return this.bytes + (this.files & BYTES_MASK);
	}

	/**
	 * Counts bytes as accepted unless the limit has been reached. The bytes that cross it
	 * are still accepted.
	 */
	boolean tryAdd(int count) {
		while (true) {
			long before = this.bytes;
			if (before >= this.limit) {
				return false;
			}
			if (BYTES.compareAndSet(this, before, before + count)) {
				raised(before + count + (this.files & BYTES_MASK));
				return true;
			}
		}
	}

	/** Counts a file as accepted unless the limit has been reached. */
	boolean tryAddFile(long count) {
		while (true) {
			long before = this.files;
			if (!hasRoomForFile()) {
				return false;
			}
			if (FILES.compareAndSet(this, before, before + ONE_FILE + count)) {
				raised(this.bytes + ((before + count) & BYTES_MASK));
				return true;
			}
		}
	}

	boolean hasRoomForFile() {
		return total() < this.limit && this.files >>> SHIFT < MAX_FILES;
	}

	/** Whether bytes would be accepted now. */
	boolean hasRoom() {
		return this.bytes < this.limit && !this.ended;
	}

	/** Bytes have been written, or never will be. */
	void remove(long count) {
		BYTES.getAndAdd(this, -count);
		lowered();
	}

	/** Bytes of a file have been written, or never will be. */
	void removeFromFile(long count) {
		FILES.getAndAdd(this, -count);
		lowered();
	}

	/** A file has been closed, all its bytes are gone. */
	void removeFile() {
		FILES.getAndAdd(this, -ONE_FILE);
		wakeWaiting();
	}

	// watermarks

	private void raised(long total) {
		if (total >= this.high && !this.full) {
			synchronized (this) {
				if (!this.full) {
					becomeFull();
				}
				settle();
			}
		}
	}

	private void lowered() {
		if (this.full && total() <= this.low) {
			synchronized (this) {
				settle();
			}
		}
		wakeWaiting();
	}

	/**
	 * Others raise and lower meanwhile and may have relied on what {@link #full} was.
	 */
	private void settle() {
		while (true) {
			long total = total();
			if (this.full && total <= this.low) {
				this.full = false;
				this.events.bufferEmpty(this.connection);
			}
			else if (!this.full && total >= this.high) {
				becomeFull();
			}
			else {
				return;
			}
		}
	}

	private void becomeFull() {
		this.full = true;
		this.events.bufferFull(this.connection);
	}

	// waiting for room

	/**
	 * Waits for room. The caller must be a thread that may wait. A client that has ended
	 * its side is not waited for when it takes nothing for {@code socket-send-timeout}:
	 * its close event may be behind the caller.
	 * @param file whether room for a file is needed
	 * @param deadline until when, in {@link System#nanoTime()}; {@code null}: as long as
	 * it takes
	 * @return {@link SwooleError#NONE} if there may be room now, otherwise why not
	 */
	SwooleError awaitRoom(boolean file, @Nullable Long deadline) {
		Queue<Thread> queue = waiting();
		Thread self = Thread.currentThread();
		queue.add(self);
		long seen = total();
		long since = System.nanoTime();
		try {
			while (this.connection.error() == SwooleError.NONE) {
				if (file ? hasRoomForFile() : hasRoom()) {
					return SwooleError.NONE;
				}
				if (self.isInterrupted()) {
					return SwooleError.OUTPUT_BUFFER_OVERFLOW;
				}
				long now = System.nanoTime();
				if (deadline != null && now - deadline >= 0) {
					return SwooleError.CO_TIMEDOUT;
				}
				if (total() != seen) {
					seen = total();
					since = now;
				}
				else if (now - since >= this.patience && this.connection.life().hasInputEnded()) {
					return SwooleError.ECONNRESET; // it neither speaks nor listens
				}
				LockSupport.parkNanos(this,
						(deadline != null) ? Math.min(deadline - now, this.patience) : this.patience);
			}
			return SwooleError.ECONNRESET;
		}
		finally {
			queue.remove(self);
		}
	}

	/** The connection takes nothing more: lets all that wait for room look again. */
	void end() {
		this.ended = true;
		wakeAll();
	}

	private void wakeAll() {
		Queue<Thread> queue = this.waiting;
		if (queue != null) {
			queue.forEach(LockSupport::unpark);
		}
	}

	private void wakeWaiting() {
		if (this.waiting != null && hasRoom()) {
			wakeAll();
		}
	}

	private synchronized Queue<Thread> waiting() {
		Queue<Thread> queue = this.waiting;
		if (queue == null) {
			queue = new ConcurrentLinkedQueue<>();
			this.waiting = queue;
		}
		return queue;
	}

}
