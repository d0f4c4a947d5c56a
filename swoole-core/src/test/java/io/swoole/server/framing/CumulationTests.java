package io.swoole.server.framing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the memory that unfinished packets take.
 */
class CumulationTests {

	private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;

	private final Cumulation cumulation = new Cumulation();

	private void add(int length) {
		this.cumulation.add(this.allocator, this.allocator.buffer(length).writeZero(length));
	}

	private void take(int length) {
		this.cumulation.take(length, 0, 0).release();
	}

	/** A packet is always unfinished, so the buffer is never empty. */
	@Test
	void whenEveryReadEndsInAPacketThenBufferDoesNotGrow() {
		add(50);
		for (int i = 0; i < 100_000; i++) {
			add(100);
			take(100);
			assertThat(this.cumulation.bytes().capacity()).isLessThan(1024);
		}
		assertThat(this.cumulation.readableBytes()).isEqualTo(50);
		this.cumulation.clear();
	}

	@Test
	void whenPacketsAreKeptThenTheirBytesStay() {
		add(10);
		ByteBuf kept = this.cumulation.take(4, 0, 0);
		for (int i = 0; i < 1000; i++) {
			this.cumulation.add(this.allocator, this.allocator.buffer(3).writeByte(1).writeByte(2).writeByte(3));
		}
		assertThat(kept.readInt()).isZero();
		kept.release();
		this.cumulation.clear();
	}

	@Test
	void whenLittleIsLeftOfALargeReadThenLargeBufferIsNotKept() {
		add(65536);
		take(65530);
		ByteBuf large = this.cumulation.bytes();
		this.cumulation.trim(this.allocator);
		assertThat(large.refCnt()).isZero();
		assertThat(this.cumulation.bytes().capacity()).isLessThan(1024);
		assertThat(this.cumulation.readableBytes()).isEqualTo(6);
		this.cumulation.clear();
	}

	@Test
	void whenMuchIsLeftThenItIsNotMoved() {
		add(65536);
		take(30000);
		ByteBuf large = this.cumulation.bytes();
		this.cumulation.trim(this.allocator);
		assertThat(this.cumulation.bytes()).isSameAs(large);
		this.cumulation.clear();
	}

	/** A handler in front of the decoder may pass on such a buffer. */
	@Test
	void whenBufferIsReadOnlyThenMoreIsAdded() {
		this.cumulation.add(this.allocator, Unpooled.wrappedBuffer(new byte[] { 1, 2 }).asReadOnly());
		this.cumulation.add(this.allocator, Unpooled.wrappedBuffer(new byte[] { 3 }).asReadOnly());
		ByteBuf all = this.cumulation.take(3, 0, 0);
		assertThat(all.readMedium()).isEqualTo(0x010203);
		all.release();
		assertThat(this.cumulation.isReadable()).isFalse();
	}

	@Test
	void whenReadBringsNothingThenNothingChanges() {
		add(0);
		assertThat(this.cumulation.isReadable()).isFalse();
		add(5);
		add(0);
		assertThat(this.cumulation.readableBytes()).isEqualTo(5);
		this.cumulation.clear();
	}

}
