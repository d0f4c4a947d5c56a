package io.swoole.server.engine;

import java.util.concurrent.Executor;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;

/**
 * An event loop that closes its sockets when it stops. Netty's own leaves them open when
 * it is told to stop, without a quiet period, just before it asks itself whether it is
 * to.
 */
final class ClosingEventLoop extends SingleThreadIoEventLoop {

	private boolean closed;

	ClosingEventLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory io) {
		super(parent, executor, io);
	}

	@Override
	protected boolean confirmShutdown() {
		if (isShuttingDown() && !this.closed) {
			this.closed = true;
			ioHandler().prepareToDestroy();
		}
		return super.confirmShutdown();
	}

}
