package io.swoole.server.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Keeps sockets registered with epoll that are interested in nothing for the moment.
 * <p>
 * When a client has ended its side and no output waits, a channel is interested in
 * nothing. Netty then takes the socket out of epoll, but goes on as if it were still in:
 * the next output that does not fit into the socket at once cannot be registered and the
 * connection breaks. In place of no interest at all this asks for edges only, of which
 * there are none to come but errors.
 */
final class EpollRegistrations implements IoHandlerFactory {

	private final IoHandlerFactory factory;

	EpollRegistrations(IoHandlerFactory factory) {
		this.factory = factory;
	}

	@Override
	public IoHandler newHandler(ThreadAwareExecutor executor) {
		return new Handler(this.factory.newHandler(executor));
	}

	@Override
	public boolean isChangingThreadSupported() {
		return this.factory.isChangingThreadSupported();
	}

	private record Handler(IoHandler delegate) implements IoHandler {

		@Override
		public void initialize() {
			this.delegate.initialize();
		}

		@Override
		public int run(IoHandlerContext context) {
			return this.delegate.run(context);
		}

		@Override
		public void prepareToDestroy() {
			this.delegate.prepareToDestroy();
		}

		@Override
		public void destroy() {
			this.delegate.destroy();
		}

		@Override
		public IoRegistration register(IoHandle handle) throws Exception {
			return new Registration(this.delegate.register(handle));
		}

		@Override
		public void wakeup() {
			this.delegate.wakeup();
		}

		@Override
		public boolean isCompatible(Class<? extends IoHandle> handleType) {
			return this.delegate.isCompatible(handleType);
		}

	}

	private record Registration(IoRegistration delegate) implements IoRegistration {

		@Override
		public <T> T attachment() {
			return this.delegate.attachment();
		}

		@Override
		public long submit(IoOps ops) {
			boolean nothing = ops instanceof EpollIoOps epoll && epoll.value() == 0;
			return this.delegate.submit(nothing ? EpollIoOps.EPOLLET : ops);
		}

		@Override
		public boolean isValid() {
			return this.delegate.isValid();
		}

		@Override
		public boolean cancel() {
			return this.delegate.cancel();
		}

	}

}
