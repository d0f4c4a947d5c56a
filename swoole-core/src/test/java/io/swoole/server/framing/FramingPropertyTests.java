package io.swoole.server.framing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares the decoder with a naive one on random packets in random segments: FRAME-02,
 * FRAME-10 to FRAME-12, FRAME-14, FRAME-20 to FRAME-28, FRAME-30, FRAME-34.
 */
class FramingPropertyTests {

	private static final int SEQUENCES = 10_000;

	@ParameterizedTest
	@EnumSource
	void whenPacketsArriveInRandomSegmentsThenResultIsThatOfTheNaiveDecoder(FramingMode mode) {
		UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false, true);
		RandomRuns.of(SEQUENCES).run(mode, (random) -> {
			FramingModel model = mode.model(random);
			List<byte[]> reads = RandomRuns.segments(random, stream(model, random));
			try (Decoding decoding = Decoding.of(model.options(), memory)) {
				reads.forEach(decoding::read);
				if (!decoding.failures().isEmpty()) {
					assertThat(decoding.failures()).singleElement().isInstanceOf(MalformedPacketException.class);
				}
				boolean failed = !decoding.failures().isEmpty();
				new FramingModel.Outcome(decoding.packets(), failed).assertEqualTo(model.cut(reads));
			}
			assertThat(memory.metric().usedHeapMemory()).as("bytes not released").isZero();
		});
	}

	/** Some packets, sometimes one that is too long, sometimes without the end. */
	private static byte[] stream(FramingModel model, Random random) {
		List<byte[]> packets = new ArrayList<>();
		int count = 1 + random.nextInt((random.nextInt(20) == 0) ? 200 : 20);
		for (int i = 0; i < count; i++) {
			int length = switch (random.nextInt(10)) {
				case 0 -> 0;
				case 1 -> random.nextInt(model.maxLength);
				default -> random.nextInt(20);
			};
			packets.add(model.packet(random, length));
		}
		if (random.nextInt(8) == 0) {
			packets.add(random.nextInt(packets.size()), model.packet(random, model.maxLength));
		}
		byte[] stream = FramingModel.concat(packets.toArray(byte[][]::new));
		return (random.nextInt(4) == 0) ? Arrays.copyOf(stream, random.nextInt(stream.length + 1)) : stream;
	}

}
