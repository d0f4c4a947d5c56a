package io.swoole.server.framing;

import java.util.HexFormat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of lengths in headers: FRAME-20, FRAME-21, FRAME-25 to FRAME-28.
 */
class LengthFramingTests {

	private static byte[] hex(String text) {
		return HexFormat.of().parseHex(text.replace(" ", ""));
	}

	private static Decoding of(char type, int lengthOffset, int bodyOffset) {
		return Decoding.of((options) -> options.openLengthCheck(true)
			.packageLengthType(type)
			.packageLengthOffset(lengthOffset)
			.packageBodyOffset(bodyOffset)
			.packageMaxLength(1000));
	}

	/** FRAME-20, FRAME-21: 258 is 01 02, or 2 where there is one byte. */
	@ParameterizedTest
	@CsvSource({ "c, 02, 2", "C, 02, 2", "s, 02 01, 258", "S, 02 01, 258", "n, 01 02, 258", "v, 02 01, 258",
			"l, 02 01 00 00, 258", "L, 02 01 00 00, 258", "N, 00 00 01 02, 258", "V, 02 01 00 00, 258",
			"q, 02 01 00 00 00 00 00 00, 258", "Q, 02 01 00 00 00 00 00 00, 258", "J, 00 00 00 00 00 00 01 02, 258",
			"P, 02 01 00 00 00 00 00 00, 258" })
	void whenHeaderHasTypeThenLengthIsRead(char type, String length, int body) {
		byte[] packet = FramingModel.concat(hex(length), new byte[body]);
		try (Decoding decoding = of(type, 0, packet.length - body)) {
			decoding.readByteByByte(packet).read(packet).read(FramingModel.concat(packet, packet));
			assertThat(decoding.packets()).containsExactly(packet, packet, packet, packet);
		}
	}

	/** FRAME-21: the high bit belongs to the number where it is unsigned. */
	@ParameterizedTest
	@CsvSource({ "C, ff, 255", "S, 01 80, 32769", "v, 01 80, 32769", "n, 80 01, 32769", "L, 00 00 00 80, 2147483648",
			"V, ff ff ff ff, 4294967295", "N, ff ff ff fe, 4294967294", "c, 80, -128", "c, ff, -1", "s, fe ff, -2",
			"l, 00 00 00 80, -2147483648", "q, ff ff ff ff ff ff ff ff, -1",
			"J, 7f ff ff ff ff ff ff ff, 9223372036854775807", "P, 00 00 00 00 00 00 00 80, -9223372036854775808",
			"Q, ff ff ff ff ff ff ff ff, -1" })
	void whenHighBitIsSetThenTypeSaysWhatItMeans(char type, String bytes, long value) {
		ByteBuf in = Unpooled.wrappedBuffer(hex(bytes));
		assertThat(LengthType.of(type).read(in, 0)).isEqualTo(value);
	}

	@ParameterizedTest
	@EnumSource
	void whenLargestLengthIsWrittenThenItIsReadAgain(LengthType type) {
		ByteBuf buffer = Unpooled.buffer(10);
		for (long length : new long[] { 0, 1, 100, type.largest() / 3, type.largest() }) {
			type.write(buffer, 1, length);
			assertThat(type.read(buffer, 1)).isEqualTo(length);
		}
		assertThat(buffer.getByte(0)).isZero();
		assertThat(buffer.getByte(1 + type.size())).isZero();
	}

	/** FRAME-25. */
	@ParameterizedTest
	@CsvSource({ "c, ff, -1", "s, 00 80, -32768", "l, ff ff ff ff, -1",
			"q, 00 00 00 00 00 00 00 80, -9223372036854775808" })
	void whenLengthIsNegativeThenConnectionFails(char type, String length, String value) {
		try (Decoding decoding = of(type, 0, 8)) {
			decoding.read(hex(length));
			assertThat(decoding.failure()).hasMessageContaining("length " + value + " is negative")
				.hasMessageContaining("1204 PACKAGE_MALFORMED_DATA");
		}
	}

	@ParameterizedTest
	@CsvSource({ "Q, ff ff ff ff ff ff ff ff, 18446744073709551615", "P, 00 00 00 00 00 00 00 80, 9223372036854775808",
			"J, 80 00 00 00 00 00 00 01, 9223372036854775809" })
	void whenLengthOverflowsThenConnectionFails(char type, String length, String value) {
		try (Decoding decoding = of(type, 0, 8)) {
			decoding.read(hex(length));
			assertThat(decoding.failure()).hasMessageContaining("length " + value + " overflows")
				.hasMessageContaining("1204 PACKAGE_MALFORMED_DATA");
		}
	}

	/** FRAME-24: a sum that would overflow is too long. */
	@ParameterizedTest
	@CsvSource({ "N, ff ff ff ff", "N, 7f ff ff ff", "l, ff ff ff 7f", "J, 7f ff ff ff ff ff ff ff",
			"q, ff ff ff ff ff ff ff 7f", "n, 03 e1" })
	void whenTotalIsTooLongThenConnectionFailsAfterTheHeader(char type, String length) {
		try (Decoding decoding = of(type, 0, 8)) {
			decoding.read(hex(length));
			assertThat(decoding.failure()).hasMessageContaining("1201 PACKAGE_LENGTH_TOO_LARGE");
			assertThat(decoding.decoder().bufferedBytes()).isZero();
		}
	}

	/** FRAME-26. */
	@Test
	void whenBodyIsEmptyThenHeaderIsThePacket() {
		try (Decoding decoding = of('N', 0, 4)) {
			decoding.read(hex("00000000 00000001 41 00000000"));
			assertThat(decoding.packets()).containsExactly(hex("00000000"), hex("0000000141"), hex("00000000"));
		}
	}

	/** FRAME-27. */
	@Test
	void whenTotalIsZeroThenConnectionFails() {
		for (String rest : new String[] { "", "41", "0000000541" }) {
			try (Decoding decoding = of('N', 0, 0)) {
				decoding.read(hex("00000000" + rest));
				assertThat(decoding.failure()).hasMessageContaining("shorter than its own header")
					.hasMessageContaining("1204");
				assertThat(decoding.packets()).isEmpty();
			}
		}
	}

	/** FRAME-28. */
	@Test
	void whenTotalIsShorterThanItsHeaderThenConnectionFails() {
		try (Decoding decoding = of('N', 0, 0)) {
			decoding.read(hex("00000004")).read(hex("00000005 41")).read(hex("00000003 4142"));
			assertThat(decoding.packets()).containsExactly(hex("00000004"), hex("0000000541"));
			assertThat(decoding.failure()).hasMessageContaining("a packet of 3 bytes is shorter than its own header");
		}
	}

	/** FRAME-20: magic, length, command, body. */
	@Test
	void whenLengthIsInTheMiddleOfTheHeaderThenItIsFound() {
		try (Decoding decoding = of('n', 2, 6)) {
			decoding.readByteByByte(hex("cafe 0003 0001 414243 cafe 0000 0002"));
			assertThat(decoding.packets()).containsExactly(hex("cafe 0003 0001 414243"), hex("cafe 0000 0002"));
		}
	}

	@ParameterizedTest
	@CsvSource({ "0, 4, 00000002 4142, 4142", "0, 0, 00000006 4142, 4142", "2, 8, cafe 00000002 0001 4142, 4142",
			"2, 4, cafe 00000004 4142, 4142", "0, 4, 00000000, ''" })
	void whenStrippedThenHeaderIsNotSeen(int lengthOffset, int bodyOffset, String packet, String body) {
		try (Decoding decoding = Decoding.of((options) -> options.openLengthCheck(true)
			.packageLengthOffset(lengthOffset)
			.packageBodyOffset(bodyOffset)
			.packageStrip(true))) {
			decoding.onPacket((seen) -> assertThat(seen.readerIndex()).isZero());
			decoding.readByteByByte(hex(packet)).read(hex(packet)).read(hex(packet + packet));
			assertThat(decoding.packets()).containsExactly(hex(body), hex(body), hex(body), hex(body));
			assertThat(decoding.failures()).isEmpty();
		}
	}

	/** Received bytes that a client may send on purpose are never interpreted twice. */
	@Test
	void whenPacketIsHandedOutThenFollowingBytesStay() {
		try (Decoding decoding = of('C', 0, 1)) {
			decoding.onPacket((packet) -> packet.skipBytes(packet.readableBytes()));
			decoding.read(hex("0141 0242"));
			assertThat(ByteBufUtil.hexDump(decoding.packets().get(0))).isEqualTo("0141");
			assertThat(decoding.decoder().bufferedBytes()).isEqualTo(2);
		}
	}

}
