package io.swoole.server.connection;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the socket of a connection in a way that brings all queued output to its client;
 * on the event loop only. A socket that is closed while the client still sends would be
 * reset by the operating system, and what it has not delivered yet would be lost. So the
 * own side is ended first, and the socket stays open, without the connection, until the
 * client has ended its side too.
 */
final class SocketCloser {

	private static final Logger logger = LoggerFactory.getLogger(SocketCloser.class);

	/**
	 * How long a client may take to end its side when nothing is left to be sent, if it
	 * may take nothing for as long as that.
	 */
	private static final Duration LINGER = Duration.ofSeconds(5);

	private final NettyConnection connection;

	private final Channel channel;

	private final Reactor reactor;

	private final OutputBuffer output;

	/** Lets the connection go once its client has been told of the end. */
	private final Runnable release;

	private final Duration patience;

	private @Nullable Future<?> deadline;

	private boolean ended;

	SocketCloser(NettyConnection connection, Channel channel, Reactor reactor, OutputBuffer output, Runnable release,
			Duration patience) {
		this.connection = connection;
		this.channel = channel;
		this.reactor = reactor;
		this.output = output;
		this.release = release;
		this.patience = patience;
	}

	/** Writes what is queued, then ends the output. */
	void close() {
		this.output.flush();
		this.channel.closeFuture().addListener((future) -> cancelDeadline());
		this.output.whenWritten((written) -> {
			if (!written) {
				return; // closed otherwise
			}
			if (this.deadline == null) {
				end();
			}
			else {
				// not within the write that has completed
				this.reactor.loop().execute(this::end);
			}
		});
		if (!this.ended && this.channel.isOpen()) {
			watch(this.output.progress());
		}
	}

	/** Gives up when the client has taken nothing for too long. */
	private void watch(long before) {
		this.deadline = this.reactor.loop().schedule(() -> {
			long now = this.output.progress();
			if (now != before) {
				watch(now);
				return;
			}
			logger.info(
					"{} is cut: its client has taken nothing for {} ms while it was being closed, {} bytes are lost",
					this.connection, this.patience.toMillis(), this.connection.pending().total());
			this.channel.close();
		}, TimeUnit.NANOSECONDS.convert(this.patience), TimeUnit.NANOSECONDS);
	}

	private void end() {
		this.ended = true;
		cancelDeadline();
		SslHandler tls = this.channel.pipeline().get(SslHandler.class);
		if (!this.channel.isOpen() || (tls == null && this.output.hasForeignHandlers())
				|| !(this.channel instanceof DuplexChannel duplex) || duplex.isInputShutdown()) {
			this.channel.close();
			return;
		}
		if (tls != null) {
			// the farewell of TLS comes first
			tls.closeOutbound().addListener((future) -> shutdownOutput(duplex));
		}
		else {
			shutdownOutput(duplex);
		}
		if (this.channel.isOpen()) {
			this.release.run();
			Duration linger = (this.patience.compareTo(LINGER) < 0) ? this.patience : LINGER;
			this.deadline = this.reactor.loop().schedule(() -> {
				this.channel.close();
			}, TimeUnit.NANOSECONDS.convert(linger), TimeUnit.NANOSECONDS);
		}
	}

	private void shutdownOutput(DuplexChannel duplex) {
		duplex.shutdownOutput().addListener((future) -> {
			if (!future.isSuccess()) {
				this.channel.close();
			}
		});
	}

	private void cancelDeadline() {
		Future<?> pending = this.deadline;
		if (pending != null) {
			pending.cancel(false);
		}
	}

}
