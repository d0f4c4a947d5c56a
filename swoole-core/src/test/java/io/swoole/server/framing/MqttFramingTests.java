package io.swoole.server.framing;

import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of control packets of MQTT: FRAME-34.
 */
class MqttFramingTests {

	private static Decoding of(int maxLength) {
		return Decoding.of((options) -> options.openMqttProtocol(true).packageMaxLength(maxLength));
	}

	private static byte[] hex(String text) {
		return HexFormat.of().parseHex(text.replace(" ", ""));
	}

	/** The bounds of the table in the specification. */
	@ParameterizedTest
	@CsvSource({ "00, 0", "7f, 127", "80 01, 128", "ff 7f, 16383", "80 80 01, 16384", "ff ff 7f, 2097151",
			"80 80 80 01, 2097152", "80 00, 0" })
	void whenRemainingLengthHasSomeBytesThenPacketIsWhole(String length, int remaining) {
		byte[] packet = FramingModel.concat(hex("30"), hex(length), new byte[remaining]);
		try (Decoding decoding = of(3 * 1024 * 1024)) {
			int header = packet.length - remaining;
			decoding.readByteByByte(Arrays.copyOf(packet, header));
			decoding.read(new byte[remaining]).read(packet);
			assertThat(decoding.packets()).hasSize(2);
			assertThat(decoding.packets().get(0)).isEqualTo(packet);
			assertThat(decoding.packets().get(1)).isEqualTo(packet);
		}
	}

	/** PINGREQ, DISCONNECT and a CONNECT as a client sends it. */
	@Test
	void whenClientTalksThenEveryControlPacketIsByItself() {
		byte[] connect = hex("10 0e 0004 4d515454 04 02 003c 0002 6964");
		try (Decoding decoding = of(1000)) {
			decoding.read(FramingModel.concat(connect, hex("c000"), hex("e000")));
			assertThat(decoding.packets()).containsExactly(connect, hex("c000"), hex("e000"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "30 80 80 80 80", "30 ff ff ff ff 7f" })
	void whenRemainingLengthHasFiveBytesThenConnectionFails(String bytes) {
		try (Decoding decoding = of(1000)) {
			decoding.readByteByByte(hex(bytes));
			assertThat(decoding.failures()).singleElement()
				.extracting(Throwable::getMessage)
				.asString()
				.contains("1201 PACKAGE_LENGTH_TOO_LARGE");
		}
	}

	@Test
	void whenPacketIsTooLongThenConnectionFailsAfterTheHeader() {
		try (Decoding decoding = of(130)) {
			decoding.read(hex("30 7f")).read(new byte[127]);
			assertThat(decoding.packets()).hasSize(1);
			decoding.read(hex("30 80"));
			assertThat(decoding.failures()).isEmpty();
			decoding.read(hex("01"));
			assertThat(decoding.failure()).hasMessageContaining("control packet of 131 bytes")
				.hasMessageContaining("1201");
		}
	}

}
