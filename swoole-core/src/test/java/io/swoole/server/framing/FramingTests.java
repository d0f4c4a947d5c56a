package io.swoole.server.framing;

import java.util.Random;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.swoole.server.ListenerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests of packets made of bodies.
 */
class FramingTests {

	private static byte[] frame(byte[] body, Consumer<ListenerOptions.Builder> settings) {
		Framing framing = Framing.of(Decoding.options(settings));
		byte[] packet = bytes(framing.frame(Unpooled.wrappedBuffer(body), ByteBufAllocator.DEFAULT));
		assertThat(bytes(framing.frame(body, ByteBufAllocator.DEFAULT))).isEqualTo(packet);
		return packet;
	}

	private static byte[] bytes(ByteBuf packet) {
		byte[] bytes = ByteBufUtil.getBytes(packet);
		packet.release();
		return bytes;
	}

	@Test
	void whenBodyIsTextThenItBecomesUtf8() {
		Framing framing = Framing.of(Decoding.options((options) -> options.openLengthCheck(true).packageStrip(true)));
		assertThat(bytes(framing.frame("\u00e9\u20ac", ByteBufAllocator.DEFAULT))).asHexString()
			.isEqualTo("00000005C3A9E282AC");
	}

	@Test
	void whenPacketsAreLeftAsTheyAreThenNothingIsAdded() {
		assertThat(Framing.of(Decoding.options((options) -> {
		})).isStripped()).isFalse();
		assertThat(Framing.of(Decoding.options((options) -> options.openEofSplit(true))).isStripped()).isFalse();
		assertThat(Framing.of(Decoding.options((options) -> options.openLengthCheck(true))).isStripped()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2048, 2049, 100_000 })
	void whenTerminatorIsStrippedThenItIsAdded(int length) {
		assertThat(frame(new byte[length],
				(options) -> options.openEofSplit(true).packageEof("\\r\\n").packageStrip(true)))
			.isEqualTo(FramingModel.concat(new byte[length], "\r\n".getBytes()));
	}

	@ParameterizedTest
	@CsvSource({ "N, 0, 4, 00000003 aabbcc", "n, 0, 2, 0003 aabbcc", "v, 0, 2, 0300 aabbcc", "N, 0, 0, 00000007 aabbcc",
			"V, 2, 8, 0000 03000000 0000 aabbcc", "J, 0, 8, 0000000000000003 aabbcc", "c, 1, 0, 0005 aabbcc",
			"n, 2, 2, 0000 0005 aabbcc" })
	void whenHeaderIsStrippedThenItIsAdded(char type, int lengthOffset, int bodyOffset, String packet) {
		assertThat(frame(new byte[] { (byte) 0xaa, (byte) 0xbb, (byte) 0xcc },
				(options) -> options.openLengthCheck(true)
					.packageLengthType(type)
					.packageLengthOffset(lengthOffset)
					.packageBodyOffset(bodyOffset)
					.packageStrip(true)))
			.asHexString()
			.isEqualToIgnoringCase(packet.replace(" ", ""));
	}

	/** What is made is what is understood. */
	@ParameterizedTest
	@ValueSource(chars = { 'c', 'C', 's', 'S', 'n', 'N', 'l', 'L', 'v', 'V', 'q', 'Q', 'J', 'P' })
	void whenPacketIsMadeThenDecoderFindsItsBody(char type) {
		byte[] body = FramingModel.randomBytes(new Random(type), 100);
		Consumer<ListenerOptions.Builder> settings = (options) -> options.openLengthCheck(true)
			.packageLengthType(type)
			.packageLengthOffset(3)
			.packageBodyOffset(11)
			.packageStrip(true);
		try (Decoding decoding = Decoding.of(settings)) {
			decoding.read(frame(body, settings)).readByteByByte(frame(body, settings));
			assertThat(decoding.packets()).containsExactly(body, body);
		}
	}

	@ParameterizedTest
	@CsvSource({ "c, 127", "C, 255", "s, 32767", "n, 65535" })
	void whenBodyDoesNotFitItsHeaderThenItIsRefused(char type, int largest) {
		Framing framing = Framing.of(Decoding.options((options) -> options.openLengthCheck(true)
			.packageLengthType(type)
			.packageBodyOffset(8)
			.packageStrip(true)));
		ByteBuf packet = framing.frame(Unpooled.buffer().writeZero(largest), ByteBufAllocator.DEFAULT);
		assertThat(packet.readableBytes()).isEqualTo(8 + largest);
		packet.release();
		ByteBuf body = Unpooled.buffer().writeZero(largest + 1);
		assertThatIllegalArgumentException().isThrownBy(() -> framing.frame(body, ByteBufAllocator.DEFAULT))
			.withMessageContaining("too long for package-length-type " + type);
		assertThat(body.refCnt()).isZero();
		assertThatIllegalArgumentException()
			.isThrownBy(() -> framing.frame(new byte[largest + 1], ByteBufAllocator.DEFAULT));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> framing.frame("x".repeat(largest + 1), ByteBufAllocator.DEFAULT));
	}

}
