package io.swoole.server.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Makes the buffers that datagrams are received in, all of the same size. What prevents
 * that is no reason to close the socket.
 */
final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {

	private final int size;

	ReceiveBuffers(int size) {
		this.size = size;
	}

	@Override
	@SuppressWarnings("deprecation") // the type that is inherited
	public Handle newHandle() {
		return new FixedHandle();
	}

	private final class FixedHandle extends MaxMessageHandle {

		@Override
		public int guess() {
			return ReceiveBuffers.this.size;
		}

		@Override
		public ByteBuf allocate(ByteBufAllocator allocator) {
			try {
				return super.allocate(allocator);
			}
			catch (Throwable ex) {
				throw unchecked(new NoReceiveBufferException(ex));
			}
		}

		/** The interface does not let a checked exception pass, the event loop does. */
		@SuppressWarnings("unchecked")
		private static <E extends Throwable> RuntimeException unchecked(Throwable failure) throws E {
			throw (E) failure;
		}

	}

}
