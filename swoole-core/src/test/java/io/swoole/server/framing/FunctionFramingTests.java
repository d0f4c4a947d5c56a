package io.swoole.server.framing;

import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.swoole.server.PackageLengthFunction;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of functions that measure packets: FRAME-30, FRAME-33.
 */
class FunctionFramingTests {

	private static Decoding of(int maxLength, PackageLengthFunction function) {
		return Decoding.of((options) -> options.packageLengthFunc(function).packageMaxLength(maxLength));
	}

	@Test
	void whenFunctionNeedsMoreThenItIsAskedAgainUntilItKnows() {
		AtomicInteger calls = new AtomicInteger();
		try (Decoding decoding = of(100, (data) -> {
			calls.incrementAndGet();
			return (data.readableBytes() < 2) ? 0 : 10;
		})) {
			decoding.readByteByByte("0123456789".getBytes());
			assertThat(decoding.texts()).containsExactly("0123456789");
			assertThat(calls).hasValue(2);
		}
	}

	@Test
	void whenFunctionReadsThenPacketIsStillWhole() {
		try (Decoding decoding = of(100, (data) -> {
			int length = data.readByte();
			data.skipBytes(data.readableBytes());
			return 1 + length;
		})) {
			decoding.read(new byte[] { 1, 7, 2, 8, 9, 0 });
			assertThat(decoding.packets()).containsExactly(new byte[] { 1, 7 }, new byte[] { 2, 8, 9 },
					new byte[] { 0 });
		}
	}

	/** Also the second packet of a segment begins at index 0. */
	@Test
	void whenFunctionUsesAbsoluteIndexesThenItSeesThePacket() {
		List<Integer> indexes = new ArrayList<>();
		try (Decoding decoding = of(100, (data) -> {
			indexes.add(data.readerIndex());
			return 1 + data.getByte(0);
		})) {
			decoding.read(new byte[] { 1, 7, 2, 8, 9, 0 });
			assertThat(decoding.packets()).hasSize(3);
			assertThat(indexes).containsOnly(0);
		}
	}

	@Test
	void whenFunctionWritesOrReleasesThenNothingHappens() {
		List<ByteBuf> views = new ArrayList<>();
		try (Decoding decoding = of(100, (data) -> {
			views.add(data);
			assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> data.setByte(0, 9));
			assertThat(data.isReadOnly()).isTrue();
			data.release();
			data.release();
			return 2;
		})) {
			decoding.read("abcd");
			assertThat(decoding.texts()).containsExactly("ab", "cd");
			assertThat(views).hasSize(2);
		}
	}

	@Test
	void whenFunctionRefusesThenConnectionFails() {
		for (int refusal : new int[] { -1, -2, Integer.MIN_VALUE }) {
			try (Decoding decoding = of(100, (data) -> refusal)) {
				decoding.read("x").read("y");
				assertThat(decoding.failures()).singleElement()
					.extracting(Throwable::getMessage)
					.asString()
					.contains("package-length-func", "1204 PACKAGE_MALFORMED_DATA");
			}
		}
	}

	@Test
	void whenFunctionThrowsThenConnectionFailsWithThatCause() {
		for (Throwable thrown : List.of(new IllegalStateException("bug"), new StackOverflowError())) {
			try (Decoding decoding = of(100, (data) -> FunctionFramingTests.<RuntimeException, Integer>raise(thrown))) {
				decoding.read("x").read("y");
				assertThat(decoding.failures()).singleElement()
					.isInstanceOf(MalformedPacketException.class)
					.extracting(Throwable::getCause)
					.isSameAs(thrown);
			}
		}
	}

	@Test
	void whenFunctionReadsTooFarThenConnectionFails() {
		try (Decoding decoding = of(100, ByteBuf::readInt)) {
			decoding.read("abc");
			assertThat(decoding.failure()).hasCauseInstanceOf(IndexOutOfBoundsException.class);
		}
	}

	@Test
	void whenLengthExceedsTheLimitThenConnectionFails() {
		for (int length : new int[] { 101, Integer.MAX_VALUE }) {
			try (Decoding decoding = of(100, (data) -> length)) {
				decoding.read("x");
				assertThat(decoding.failure()).hasMessageContaining("1201 PACKAGE_LENGTH_TOO_LARGE");
			}
		}
	}

	@Test
	void whenFunctionDoesNotDecideWithinItsLimitThenConnectionFails() {
		List<Integer> seen = new ArrayList<>();
		try (Decoding decoding = of(100_000, (data) -> {
			seen.add(data.readableBytes());
			return 0;
		})) {
			decoding.read(new byte[8151]);
			assertThat(decoding.failures()).isEmpty();
			decoding.read(new byte[500]);
			assertThat(decoding.failure()).hasMessageContaining("8152 bytes")
				.hasMessageContaining("1202 PACKAGE_LENGTH_NOT_FOUND");
			assertThat(seen).containsExactly(8151, 8152);
		}
	}

	/** FRAME-32: bytes beyond the limit cannot help to decide. */
	@Test
	void whenLimitIsSmallThenFunctionDecidesWithinIt() {
		try (Decoding decoding = of(10, (data) -> (data.readableBytes() == 10) ? 10 : 0);
				Decoding undecided = of(10, (data) -> 0)) {
			assertThat(decoding.readByteByByte("0123456789".getBytes()).texts()).containsExactly("0123456789");
			undecided.read("012345678");
			assertThat(undecided.failures()).isEmpty();
			undecided.read("9");
			assertThat(undecided.failure()).hasMessageContaining("1202 PACKAGE_LENGTH_NOT_FOUND");
		}
	}

	/** The example of {@code docs/framing.md}. */
	@Test
	void whenVersionsHaveDifferentHeadersThenFunctionKnowsBoth() {
		PackageLengthFunction example = (data) -> switch (data.getByte(0)) {
			case 1 -> (data.readableBytes() < 3) ? 0 : 3 + data.getUnsignedShort(1);
			case 2 -> (data.readableBytes() < 5) ? 0 : (data.getInt(1) < 0) ? -1 : 5 + data.getInt(1);
			default -> -1;
		};
		try (Decoding decoding = of(100, example)) {
			decoding.read("\1\0\2ab\2\0\0\0\1c").readByteByByte(new byte[] { 2, 0, 0, 0, 1, 'd', 1, 0, 0 });
			assertThat(decoding.texts()).containsExactly("\1\0\2ab", "\2\0\0\0\1c", "\2\0\0\0\1d", "\1\0\0");
			decoding.read("\3");
			assertThat(decoding.failure()).isInstanceOf(MalformedPacketException.class);
		}
		try (Decoding decoding = of(100, example)) {
			assertThat(decoding.read(new byte[] { 2, -1, -1, -1, -3 }).failure()).hasMessageContaining("1204");
		}
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable, R> R raise(Throwable thrown) throws E {
		throw (E) thrown;
	}

}
