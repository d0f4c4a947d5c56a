package io.swoole.server.connection;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.handler.stream.ChunkedInput;
import io.swoole.server.SwooleError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open file, or a part of it, on its way to a client. Must be closed, or given away as
 * a region or as pieces, which close it.
 */
final class SendableFile {

	private static final Logger logger = LoggerFactory.getLogger(SendableFile.class);

	/** All pieces have this size, but the last one. */
	static final int PIECE = 64 * 1024;

	private final Path path;

	private final FileChannel channel;

	private final long offset;

	private final long length;

	private SendableFile(Path path, FileChannel channel, long offset, long length) {
		this.path = path;
		this.channel = channel;
		this.offset = offset;
		this.length = length;
	}

	/**
	 * Opens a file.
	 * @param path the file
	 * @param offset where to begin
	 * @param length how many bytes, 0: up to the end
	 * @return the file
	 * @throws NotSendableException if it cannot be sent
	 */
	static SendableFile open(Path path, long offset, long length) throws NotSendableException {
		try {
			// looked at before it is opened: opening a pipe would wait for its writer
			BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
			if (!attributes.isRegularFile()) {
				throw new NotSendableException(SwooleError.IS_NOT_REGULAR_FILE, path + " is no regular file");
			}
			FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
			try {
				return new SendableFile(path, channel, offset, checkedLength(path, channel.size(), offset, length));
			}
			catch (IOException | NotSendableException ex) {
				channel.close();
				throw ex;
			}
		}
		catch (IOException | UnsupportedOperationException ex) {
			boolean tooLong = String.valueOf(ex.getMessage()).contains("too long");
			throw new NotSendableException(tooLong ? SwooleError.NAME_TOO_LONG : SwooleError.SYSTEM_CALL_FAIL,
					"it cannot be opened: " + ex);
		}
	}

	private static long checkedLength(Path path, long size, long offset, long length) throws NotSendableException {
		if (offset >= size) {
			throw new NotSendableException(SwooleError.SYSTEM_CALL_FAIL,
					path + " has " + size + " bytes, nothing from " + offset + " on");
		}
		if (length > size - offset) {
			throw new NotSendableException(SwooleError.INVALID_PARAMS,
					path + " has " + size + " bytes, less than " + offset + " plus " + length);
		}
		return (length > 0) ? length : size - offset;
	}

	long length() {
		return this.length;
	}

	/** Whether the operating system can send it by itself. */
	boolean isNative() {
		return this.path.getFileSystem() == FileSystems.getDefault();
	}

	/** To be sent by the operating system. */
	FileRegion region() {
		return new DefaultFileRegion(this.channel, this.offset, this.length);
	}

	/** To be read piece by piece. */
	ChunkedInput<ByteBuf> pieces() {
		return new Pieces();
	}

	/**
	 * It has not been sent up to its end, and it is not the client that has gone.
	 * @param cause what has happened
	 */
	void failed(Throwable cause) {
		try {
			long size = Files.size(this.path);
			if (size < this.offset + this.length) {
				logger.warn("{} has become shorter while it was sent: {} bytes are left of the {} that were promised",
						this.path, size, this.offset + this.length);
				return;
			}
		}
		catch (IOException ex) {
			cause.addSuppressed(ex);
		}
		logger.debug("{} has not been sent to its end", this.path, cause);
	}

	void close() {
		try {
			this.channel.close();
		}
		catch (IOException ex) {
			logger.debug("{} cannot be closed", this.path, ex);
		}
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

	/**
	 * A file cannot be sent.
	 */
	static final class NotSendableException extends Exception {

		private static final long serialVersionUID = 1L;

		private final SwooleError error;

		NotSendableException(SwooleError error, String message) {
			super(message, null, false, false);
			this.error = error;
		}

		SwooleError error() {
			return this.error;
		}

	}

	/**
	 * The pieces. Unlike Netty's own class it fails at a file that has become shorter
	 * instead of reading on for ever.
	 */
	private final class Pieces implements ChunkedInput<ByteBuf> {

		private long progress;

		@Override
		public boolean isEndOfInput() {
			return this.progress == SendableFile.this.length;
		}

		@Override
		public void close() {
			SendableFile.this.close();
		}

		@Override
		@Deprecated
		public ByteBuf readChunk(ChannelHandlerContext ctx) throws IOException {
			return readChunk(ctx.alloc());
		}

		@Override
		public ByteBuf readChunk(ByteBufAllocator allocator) throws IOException {
			int size = (int) Math.min(PIECE, SendableFile.this.length - this.progress);
			ByteBuf piece = allocator.buffer(size, size);
			try {
				while (piece.isWritable()) {
					int count = piece.writeBytes(SendableFile.this.channel,
							SendableFile.this.offset + this.progress + piece.readableBytes(), piece.writableBytes());
					if (count < 0) {
						throw new EOFException(SendableFile.this.path + " has become shorter while it was sent");
					}
				}
				this.progress += size;
				return piece.retain();
			}
			finally {
				piece.release();
			}
		}

		@Override
		public long length() {
			return SendableFile.this.length;
		}

		@Override
		public long progress() {
			return this.progress;
		}

	}

}
