package io.swoole.server.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;

/**
 * One file on its way to the socket: tells the output how far it has come. On the event
 * loop only.
 */
final class FileTransfer implements ChannelProgressiveFutureListener {

	private final OutputBuffer output;

	private final SendableFile file;

	/** Whether the operating system sends it, instead of piece after piece. */
	private final boolean whole;

	private long progress;

	FileTransfer(OutputBuffer output, SendableFile file, boolean whole) {
		this.output = output;
		this.file = file;
		this.whole = whole;
	}

	void start(Channel channel) {
		ChannelProgressivePromise promise = channel.newProgressivePromise();
		promise.addListener(this);
		channel.write(this.whole ? this.file.region() : this.file.pieces(), promise);
	}

	@Override
	public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
		// of pieces it is what has been read; but every call is for one that is
		// written
		advance(this.whole ? progress : Math.min(this.progress + SendableFile.PIECE, this.file.length()));
	}

	@Override
	public void operationComplete(ChannelProgressiveFuture future) {
		if (future.isSuccess()) {
			this.output.fileWritten();
			advance(this.file.length());
			return;
		}
		if (!PeerReset.isClosed(future.cause())) {
			this.file.failed(future.cause());
		}
		this.output.failed(future.cause());
	}

	private void advance(long now) {
		long count = now - this.progress;
		if (count > 0) {
			this.progress = now;
			this.output.writtenFromFile(count);
		}
	}

}
