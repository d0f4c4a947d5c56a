package io.swoole.server.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import io.swoole.server.worker.Worker;

/**
 * The event loops of accepted connections. Draws the session id of a connection first,
 * then its owner; in mode {@code base} that settles its event loop too.
 */
final class SessionEventLoopGroup extends MultiThreadIoEventLoopGroup {

	/** What an accepted channel has been given. */
	static final AttributeKey<Session> SESSION = AttributeKey.valueOf(SessionEventLoopGroup.class, "session");

	private final AtomicLong sessions;

	private final EventLoop[] loops;

	private final BiFunction<Long, Channel, Worker> owners;

	private final boolean loopOfOwner;

	/**
	 * Creates the event loops.
	 * @param size how many
	 * @param threads makes their threads
	 * @param io the transport
	 * @param owners chooses the owner of an accepted channel
	 * @param loopOfOwner whether a channel lives on the event loop with the number of its
	 * owner
	 * @param startSessionId the number before the first session id
	 */
	SessionEventLoopGroup(int size, ThreadFactory threads, IoHandlerFactory io,
			BiFunction<Long, Channel, Worker> owners, boolean loopOfOwner, long startSessionId) {
		super(size, threads, io);
		this.sessions = new AtomicLong(startSessionId);
		this.owners = owners;
		this.loopOfOwner = loopOfOwner;
		this.loops = new EventLoop[size];
		int i = 0;
		for (EventExecutor loop : this) {
			this.loops[i++] = (EventLoop) loop;
		}
	}

	@Override
	protected IoEventLoop newChild(Executor executor, IoHandlerFactory io, Object... arguments) {
		return new ClosingEventLoop(this, executor, io);
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
		Worker owner = this.owners.apply(fd, channel);
		int loop = this.loopOfOwner ? owner.id() : (int) (fd % this.loops.length);
		channel.attr(SESSION).set(new Session(fd, owner, loop));
		return this.loops[loop].register(channel);
	}

	/**
	 * What an accepted channel has been given.
	 *
	 * @param fd its session id
	 * @param owner the worker it belongs to
	 * @param loop the number of its event loop
	 */
	record Session(long fd, Worker owner, int loop) {

	}

}
