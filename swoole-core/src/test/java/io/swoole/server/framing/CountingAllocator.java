package io.swoole.server.framing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;

/**
 * Makes buffers that count the work done with them.
 */
final class CountingAllocator extends AbstractByteBufAllocator {

	/** How many bytes have been copied into buffers. */
	long copied;

	/** How many bytes have been looked at, one by one or in a search. */
	long examined;

	/** How much memory has been allocated. */
	long allocated;

	CountingAllocator() {
		super(false);
	}

	@Override
	protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
		return new Buffer(initialCapacity, maxCapacity);
	}

	@Override
	protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
		return newHeapBuffer(initialCapacity, maxCapacity);
	}

	@Override
	public boolean isDirectBufferPooled() {
		return false;
	}

	private final class Buffer extends UnpooledHeapByteBuf {

		Buffer(int initialCapacity, int maxCapacity) {
			super(CountingAllocator.this, initialCapacity, maxCapacity);
			CountingAllocator.this.allocated += initialCapacity;
		}

		@Override
		public ByteBuf capacity(int newCapacity) {
			CountingAllocator.this.copied += capacity();
			CountingAllocator.this.allocated += newCapacity;
			return super.capacity(newCapacity);
		}

		@Override
		public ByteBuf setBytes(int index, ByteBuf source, int sourceIndex, int length) {
			CountingAllocator.this.copied += length;
			return super.setBytes(index, source, sourceIndex, length);
		}

		@Override
		public byte getByte(int index) {
			CountingAllocator.this.examined++;
			return super.getByte(index);
		}

		@Override
		public int indexOf(int fromIndex, int toIndex, byte value) {
			int found = super.indexOf(fromIndex, toIndex, value);
			int end = (found < 0) ? toIndex : found + 1;
			CountingAllocator.this.examined += Math.abs(end - fromIndex);
			return found;
		}

	}

}
