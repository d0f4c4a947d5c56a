package io.swoole.server.engine;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;

/**
 * The event loops of accepted connections. Draws the session id of a connection first and
 * chooses its event loop by it, so that fd and worker belong together.
 */
final class SessionEventLoopGroup extends MultiThreadIoEventLoopGroup {

	/** The session id of an accepted channel. */
	static final AttributeKey<Long> FD = AttributeKey.valueOf(SessionEventLoopGroup.class, "fd");

	private final AtomicLong sessions = new AtomicLong();

	private final EventLoop[] loops;

	SessionEventLoopGroup(int size, ThreadFactory threads, IoHandlerFactory io) {
		super(size, threads, io);
		this.loops = new EventLoop[size];
		int i = 0;
		for (EventExecutor loop : this) {
			this.loops[i++] = (EventLoop) loop;
		}
	}

	EventLoop loop(int index) {
		return this.loops[index];
	}

	long lastSession() {
		return this.sessions.get();
	}

	@Override
	public ChannelFuture register(Channel channel) {
		long fd = this.sessions.incrementAndGet();
		channel.attr(FD).set(fd);
		return this.loops[(int) (fd % this.loops.length)].register(channel);
	}

}
