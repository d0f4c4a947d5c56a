package io.swoole.server.listener;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.DomainDatagramPacket;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * Gives up unix datagrams whose receiver does not read. Other than those of UDP they wait
 * until there is room for them, and with the first of a socket all behind it would wait,
 * for whomever they are. On the event loop only.
 */
final class UnixBacklog {

	/**
	 * How long a receiver may be busy: a burst fills its queue quickly. One that was
	 * given up and has taken nothing since gets a single further try.
	 */
	private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final int REMEMBERED = 1000;

	private final Channel channel;

	private final Reactor reactor;

	/** Those that were given up when they were tried last. */
	private final Set<SocketAddress> givenUp = new HashSet<>();

	private boolean watching;

	private @Nullable DomainDatagramPacket watched;

	private long watchedSince;

	UnixBacklog(Channel channel, Reactor reactor) {
		this.channel = channel;
		this.reactor = reactor;
	}

	/** The channel has been flushed, which may have left something behind. */
	void flushed() {
		if (!this.watching) {
			watch();
		}
	}

	/** A datagram has been sent, or cannot be. */
	void left(SocketAddress to) {
		this.givenUp.remove(to);
	}

	private void watch() {
		DomainDatagramPacket first = first();
		this.watching = first != null;
		if (first == null) {
			this.watched = null;
			return;
		}
		if (first != this.watched) {
			this.watched = first;
			this.watchedSince = System.nanoTime();
		}
		else if (this.givenUp.contains(first.recipient()) || System.nanoTime() - this.watchedSince >= PATIENCE_NANOS) {
			this.watched = null;
			giveUp(first.recipient());
		}
		this.reactor.loop().schedule(this::watch, 1, TimeUnit.MILLISECONDS);
	}

	private @Nullable DomainDatagramPacket first() {
		ChannelOutboundBuffer output = this.channel.unsafe().outboundBuffer();
		return (output != null && output.current() instanceof DomainDatagramPacket datagram) ? datagram : null;
	}

	/** What is behind goes on by itself: the event loop tries again and again. */
	private void giveUp(SocketAddress receiver) {
		ChannelOutboundBuffer output = this.channel.unsafe().outboundBuffer();
		IOException cause = new IOException("its receiver does not read");
		for (DomainDatagramPacket next = first(); output != null && next != null
				&& next.recipient().equals(receiver); next = first()) {
			output.remove(cause);
		}
		if (this.givenUp.size() == REMEMBERED) {
			this.givenUp.clear();
		}
		this.givenUp.add(receiver);
		if (output != null && output.isEmpty()) {
			// without anything to write the channel would not cease to be called writable
			this.channel.unsafe().write(Unpooled.EMPTY_BUFFER, this.channel.unsafe().voidPromise());
			this.channel.unsafe().flush();
		}
	}

}
