package io.swoole.server.listener;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.Future;
import io.swoole.server.ListenerOptions;
import io.swoole.server.SwooleError;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends datagrams from the socket of a listener. What is sent in one turn of its event
 * loop goes to the operating system together.
 */
final class DatagramSocket implements Reactor.Flushable {

	/** What IPv4 leaves of 64 KiB for the data of a datagram. */
	private static final int LARGEST = 65507;

	private static final int PAUSE_MILLIS = 100;

	private static final Logger logger = LoggerFactory.getLogger(DatagramSocket.class);

	private final LimitedLog limitedLog = new LimitedLog(logger);

	private final ListenerOptions options;

	private final Channel channel;

	private final Reactor reactor;

	private final ServerCounters counters;

	private final @Nullable UnixBacklog backlog;

	/** Bytes accepted and not given to the operating system yet. */
	private final AtomicLong pending = new AtomicLong();

	private volatile boolean receiving;

	// accessed on the event loop only

	private boolean unflushed;

	private boolean paused;

	DatagramSocket(ListenerOptions options, Channel channel, Reactor reactor, ServerCounters counters) {
		this.options = options;
		this.channel = channel;
		this.reactor = reactor;
		this.counters = counters;
		this.backlog = options.type().isUnix() ? new UnixBacklog(channel, reactor) : null;
	}

	Channel channel() {
		return this.channel;
	}

	Reactor reactor() {
		return this.reactor;
	}

	boolean inEventLoop() {
		return this.reactor.inEventLoop();
	}

	/** Begins or ceases to receive; from any thread. */
	void receive(boolean on) {
		this.receiving = on;
		this.channel.config().setAutoRead(on);
	}

	/**
	 * Receives nothing for a while, as there is no buffer to receive with; on the event
	 * loop.
	 */
	void pause(NoReceiveBufferException cause) {
		if (this.paused) {
			return;
		}
		this.paused = true;
		this.limitedLog.warn("Listener '{}' receives nothing for {} ms: {}", this.options.name(), PAUSE_MILLIS,
				String.valueOf(cause.getMessage()));
		this.channel.config().setAutoRead(false);
		this.reactor.loop().schedule(() -> {
			this.paused = false;
			if (this.channel.isOpen()) {
				this.channel.config().setAutoRead(this.receiving);
			}
		}, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
	}

	/** Sends a datagram; from any thread. */
	SwooleError send(SocketAddress to, byte[] data) {
		if (data.length == 0) {
			return SwooleError.NO_PAYLOAD;
		}
		if (data.length > LARGEST && !this.options.type().isUnix()) {
			return SwooleError.DATA_LENGTH_TOO_LARGE;
		}
		if (!this.channel.isOpen()) {
			return SwooleError.SESSION_CLOSED;
		}
		long limit = this.options.socketBufferSize();
		if (limit > 0 && this.pending.get() >= limit) {
			return SwooleError.OUTPUT_BUFFER_OVERFLOW;
		}
		boolean atOnce = this.reactor.inEventLoop();
		byte[] content = atOnce ? data : data.clone();
		this.pending.addAndGet(data.length);
		this.counters.caller().responses.increment();
		if (atOnce) {
			write(to, content);
		}
		else {
			this.reactor.post(Event.of(() -> write(to, content)));
		}
		return SwooleError.NONE;
	}

	/** How many bytes wait to be sent. */
	long pending() {
		return this.pending.get();
	}

	private void write(SocketAddress to, byte[] data) {
		ByteBuf content;
		try {
			content = this.channel.alloc().directBuffer(data.length).writeBytes(data);
		}
		catch (Throwable ex) {
			written(to, data.length, this.reactor.loop().newFailedFuture(ex));
			return;
		}
		Object datagram = (to instanceof DomainSocketAddress unix) ? new DomainDatagramPacket(content, unix)
				: new DatagramPacket(content, (InetSocketAddress) to);
		this.channel.write(datagram).addListener((future) -> written(to, data.length, future));
		if (!this.unflushed) {
			this.unflushed = true;
			this.reactor.written(this);
		}
	}

	private void written(SocketAddress to, int length, Future<?> result) {
		this.pending.addAndGet(-length);
		if (this.backlog != null) {
			this.backlog.left(to);
		}
		if (result.isSuccess()) {
			this.counters.sentBytes.add(length);
		}
		else if (this.channel.isOpen()) {
			this.limitedLog.warn("Datagram of {} bytes to {} not sent: {} [listener={}]", length, to,
					String.valueOf(result.cause()), this.options.name());
		}
	}

	@Override
	public void flush() {
		this.unflushed = false;
		this.channel.flush();
		if (this.backlog != null) {
			this.backlog.flushed();
		}
	}

}
