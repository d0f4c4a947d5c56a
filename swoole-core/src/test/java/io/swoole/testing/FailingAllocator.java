package io.swoole.testing;

import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Has no memory outside the heap for one of the buffers it is asked for.
 */
public final class FailingAllocator extends PooledByteBufAllocator {

	private final AtomicInteger left = new AtomicInteger(-1);

	public FailingAllocator() {
		super(true);
	}

	/** Fails once, after so many buffers. */
	public void failAfter(int buffers) {
		this.left.set(buffers);
	}

	/** Fails no more; returns whether it has failed. */
	public boolean hasFailed() {
		return this.left.getAndSet(-1) < 0;
	}

	@Override
	protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
		if (this.left.get() >= 0 && this.left.getAndDecrement() == 0) {
			throw new OutOfMemoryError("no direct memory");
		}
		return super.newDirectBuffer(initialCapacity, maxCapacity);
	}

}
