package io.swoole.server.framing;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.netty.buffer.ByteBuf;
import io.swoole.server.ListenerOptions;
import io.swoole.testing.FailingAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

/**
 * What holds for every way of framing that finds packets by itself: FRAME-03, FRAME-10,
 * FRAME-23, FRAME-24, FRAME-32, FRAME-33.
 */
class FrameDecoderTests {

	private static final int MAX = 64;

	/** Settings, and how a packet is made of a body. */
	static Stream<Arguments> framings() {
		return Stream.of(
				framing("open-eof-split", (options) -> options.openEofSplit(true).packageEof("\\r\\n"),
						(body) -> FramingModel.concat(body, "\r\n".getBytes())),
				framing("open-length-check",
						(options) -> options.openLengthCheck(true).packageLengthType('n').packageBodyOffset(2),
						(body) -> FramingModel.concat(new byte[] { 0, (byte) body.length }, body)),
				framing("package-length-func",
						(options) -> options.packageLengthFunc((data) -> 1 + data.getUnsignedByte(0)),
						(body) -> FramingModel.concat(new byte[] { (byte) body.length }, body)),
				framing("open-mqtt-protocol", (options) -> options.openMqttProtocol(true),
						(body) -> FramingModel.concat(new byte[] { 0x30, (byte) body.length }, body)));
	}

	private static Arguments framing(String name, Consumer<ListenerOptions.Builder> settings, Packets packets) {
		return argumentSet(name, settings.andThen((options) -> options.packageMaxLength(MAX)), packets);
	}

	@ParameterizedTest
	@MethodSource("framings")
	void whenBytesArriveOneByOneThenPacketsAreWhole(Consumer<ListenerOptions.Builder> settings, Packets packets) {
		try (Decoding decoding = Decoding.of(settings)) {
			decoding.readByteByByte(FramingModel.concat(packets.of("hello"), packets.of(""), packets.of("world")));
			assertThat(decoding.packets()).containsExactly(packets.of("hello"), packets.of(""), packets.of("world"));
		}
	}

	@ParameterizedTest
	@MethodSource("framings")
	void whenTwoPacketsAreSplitAnywhereThenBothAreWhole(Consumer<ListenerOptions.Builder> settings, Packets packets) {
		byte[] stream = FramingModel.concat(packets.of("first"), packets.of("second"));
		for (int at = 0; at <= stream.length; at++) {
			try (Decoding decoding = Decoding.of(settings)) {
				decoding.read(Arrays.copyOf(stream, at)).read(Arrays.copyOfRange(stream, at, stream.length));
				assertThat(decoding.packets()).as("split at %d", at)
					.containsExactly(packets.of("first"), packets.of("second"));
			}
		}
	}

	@ParameterizedTest
	@MethodSource("framings")
	void whenHundredPacketsAreInOneSegmentThenAllAreHandedOut(Consumer<ListenerOptions.Builder> settings,
			Packets packets) {
		ByteArrayOutputStream stream = new ByteArrayOutputStream();
		for (int i = 0; i < 100; i++) {
			stream.writeBytes(packets.of("packet " + i));
		}
		try (Decoding decoding = Decoding.of(settings)) {
			decoding.read(stream.toByteArray());
			assertThat(decoding.packets()).hasSize(100);
			assertThat(decoding.packets().get(99)).isEqualTo(packets.of("packet 99"));
		}
	}

	/** FRAME-14, FRAME-24, FRAME-32. */
	@ParameterizedTest
	@MethodSource("framings")
	void whenPacketIsAsLongAsTheLimitThenItIsHandedOut(Consumer<ListenerOptions.Builder> settings, Packets packets) {
		byte[] largest = packets.ofLength(MAX);
		try (Decoding decoding = Decoding.of(settings)) {
			decoding.read(largest).readByteByByte(largest);
			assertThat(decoding.packets()).containsExactly(largest, largest);
			assertThat(decoding.failures()).isEmpty();
		}
	}

	/** FRAME-14, FRAME-24, FRAME-32, FRAME-33: what came before is handed out. */
	@ParameterizedTest
	@MethodSource("framings")
	void whenPacketIsLongerThanTheLimitThenConnectionFails(Consumer<ListenerOptions.Builder> settings,
			Packets packets) {
		byte[] stream = FramingModel.concat(packets.of("good"), packets.ofLength(MAX + 1), packets.of("late"));
		try (Decoding whole = Decoding.of(settings); Decoding bytes = Decoding.of(settings)) {
			for (Decoding decoding : List.of(whole.read(stream), bytes.readByteByByte(stream))) {
				assertThat(decoding.packets()).containsExactly(packets.of("good"));
				assertThat(decoding.failures()).singleElement()
					.isInstanceOf(MalformedPacketException.class)
					.extracting(Throwable::getMessage)
					.asString()
					.contains("package-max-length of " + MAX, "1201 PACKAGE_LENGTH_TOO_LARGE");
				assertThat(decoding.decoder().bufferedBytes()).isZero();
			}
		}
	}

	@ParameterizedTest
	@MethodSource("framings")
	void whenGateIsHeldThenPacketsWaitInOrder(Consumer<ListenerOptions.Builder> settings, Packets packets) {
		try (Decoding decoding = Decoding.of(settings)) {
			decoding.onPacket((packet) -> decoding.gate().hold(ReadGate.QUEUED));
			byte[] stream = FramingModel.concat(packets.of("a"), packets.of("b"), packets.of("c"));
			decoding.read(Arrays.copyOf(stream, stream.length - 1));
			decoding.read(Arrays.copyOfRange(stream, stream.length - 1, stream.length));
			assertThat(decoding.packets()).containsExactly(packets.of("a"));
			decoding.gate().release(ReadGate.QUEUED);
			assertThat(decoding.packets()).containsExactly(packets.of("a"), packets.of("b"));
			decoding.gate().release(ReadGate.QUEUED);
			assertThat(decoding.packets()).containsExactly(packets.of("a"), packets.of("b"), packets.of("c"));
		}
	}

	/** Application code is allowed to look at absolute indexes. */
	@ParameterizedTest
	@MethodSource("framings")
	void whenPacketIsHandedOutThenItBeginsAtIndexZero(Consumer<ListenerOptions.Builder> settings, Packets packets) {
		try (Decoding decoding = Decoding.of(settings)) {
			decoding.onPacket((packet) -> assertThat(packet.readerIndex()).isZero());
			decoding.read(FramingModel.concat(packets.of("a"), packets.of("b"), packets.of("c")));
			assertThat(decoding.packets()).hasSize(3);
			assertThat(decoding.failures()).isEmpty();
		}
	}

	@ParameterizedTest
	@MethodSource("framings")
	void whenPacketIsKeptThenLaterReadsDoNotChangeIt(Consumer<ListenerOptions.Builder> settings, Packets packets) {
		try (Decoding decoding = Decoding.of(settings)) {
			List<ByteBuf> kept = new ArrayList<>();
			decoding.onPacket((packet) -> kept.add(packet.retain()));
			Random random = new Random(1);
			byte[] stream = {};
			for (int i = 0; i < 200; i++) {
				stream = FramingModel.concat(stream, packets.of("packet " + i));
			}
			RandomRuns.segments(random, stream).forEach(decoding::read);
			assertThat(kept).hasSize(200);
			for (int i = 0; i < 200; i++) {
				ByteBuf packet = kept.get(i);
				byte[] bytes = new byte[packet.readableBytes()];
				packet.readBytes(bytes).release();
				assertThat(bytes).isEqualTo(packets.of("packet " + i));
			}
		}
	}

	/** FRAME-02. */
	/** FRAME-03: no packet begins behind bytes that are lost. */
	@Test
	void whenThereIsNoMemoryForTheRestOfAPacketThenNothingIsHandedOutAnyMore() {
		FailingAllocator allocator = new FailingAllocator();
		try (Decoding decoding = Decoding.of(Decoding.options((options) -> options.openEofSplit(true).packageEof(";")),
				allocator)) {
			decoding.read("one;tw");
			allocator.failAfter(1); // what is read is there, what it is to be added to is
									// not
			decoding.read("o".repeat(20_000));
			assertThat(allocator.hasFailed()).isTrue();
			assertThat(decoding.failures()).singleElement().isInstanceOf(OutOfMemoryError.class);
			decoding.read(";three;");
			assertThat(decoding.texts()).containsExactly("one;");
			assertThat(decoding.decoder().bufferedBytes()).isZero();
		}
	}

	@Test
	void whenThereIsNoFramingThenPacketIsWhatOneReadReturned() {
		try (Decoding decoding = Decoding.of((options) -> {
		})) {
			decoding.read("a").read("bc").read("d\r\n\r\ne");
			assertThat(decoding.texts()).containsExactly("a", "bc", "d\r\n\r\ne");
		}
	}

	/** FRAME-02. */
	@Test
	void whenReadIsLargeThenRawPacketsHave64KibibytesAtMost() {
		try (Decoding decoding = Decoding.of((options) -> {
		})) {
			decoding.read(new byte[65536 + 10]);
			assertThat(decoding.packets()).extracting((packet) -> packet.length).containsExactly(65536, 10);
		}
	}

	/** FRAME-02, FRAME-32. */
	@Test
	void whenLimitIsSmallThenRawPacketsKeepIt() {
		try (Decoding decoding = Decoding.of((options) -> options.packageMaxLength(3))) {
			decoding.read("abcdefgh");
			assertThat(decoding.texts()).containsExactly("abc", "def", "gh");
		}
	}

	/** Makes packets. */
	interface Packets {

		byte[] of(byte[] body);

		default byte[] of(String body) {
			return of(body.getBytes());
		}

		/** A packet of that length. */
		default byte[] ofLength(int length) {
			return of(new byte[length - of("").length]);
		}

	}

}
