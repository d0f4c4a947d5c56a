package io.swoole.server.connection;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connection open after its client has ended its side, while tasks dispatched for
 * it are open.
 */
final class HalfClose {

	private static final Logger logger = LoggerFactory.getLogger(HalfClose.class);

	private final NettyConnection connection;

	private final Channel channel;

	private final ConnectionEvents events;

	private final Duration timeout;

	private final AtomicInteger openTasks = new AtomicInteger();

	private volatile boolean inputHandled;

	HalfClose(NettyConnection connection, Channel channel, ConnectionEvents events, Duration timeout) {
		this.connection = connection;
		this.channel = channel;
		this.events = events;
		this.timeout = timeout;
	}

	void taskOpened() {
		this.openTasks.incrementAndGet();
	}

	void taskSettled() {
		if (this.openTasks.decrementAndGet() == 0 && this.inputHandled) {
			this.events.tasksAnswered(this.connection);
		}
	}

	/**
	 * The input has ended, and all that came before has been handled.
	 * @return whether it is the client that has ended its side, it can still be answered,
	 * and tasks are open: their end, or the end of patience, will tell
	 */
	boolean awaitsTasks() {
		this.inputHandled = true;
		ConnectionLife life = this.connection.life();
		if (this.openTasks.get() == 0 || !life.hasInputEnded() || life.isSocketClosed()) {
			return false;
		}
		Future<?> deadline = this.channel.eventLoop()
			.schedule(this::giveUp, TimeUnit.NANOSECONDS.convert(this.timeout), TimeUnit.NANOSECONDS);
		this.channel.closeFuture().addListener((future) -> deadline.cancel(false));
		return true;
	}

	private void giveUp() {
		if (this.connection.isOpen()) {
			logger.info("{} is closed: {} tasks were not answered within {} ms after its client had ended its side",
					this.connection, this.openTasks.get(), this.timeout.toMillis());
			this.events.tasksAnswered(this.connection);
		}
	}

}
