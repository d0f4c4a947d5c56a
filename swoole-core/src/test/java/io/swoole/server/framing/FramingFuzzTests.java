package io.swoole.server.framing;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.netty.buffer.ByteBufAllocator;
import io.swoole.server.ListenerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Feeds random and damaged bytes to every decoder. The system property
 * {@code swoole.fuzz.count} says how often. That no buffer is left is checked after each
 * test.
 */
class FramingFuzzTests {

	private static final int COUNT = Integer.getInteger("swoole.fuzz.count", 10_000);

	@ParameterizedTest
	@EnumSource
	void whenBytesAreRandomOrDamagedThenOnlyTheirConnectionEnds(FramingMode mode) {
		RandomRuns.of(COUNT).run(mode, (random) -> {
			FramingModel model = mode.model(random);
			ListenerOptions options = model.options();
			byte[] stream = (random.nextInt(3) == 0) ? FramingModel.randomBytes(random, random.nextInt(300))
					: damaged(random, model);
			Framing framing = Framing.of(options);
			try (Decoding other = Decoding.of(framing, ByteBufAllocator.DEFAULT);
					Decoding decoding = Decoding.of(framing, ByteBufAllocator.DEFAULT)) {
				byte[] packet = model.packet(random, 3);
				other.read(Arrays.copyOf(packet, packet.length - 1));
				feed(decoding, RandomRuns.segments(random, stream), random);
				check(decoding, model, stream);
				other.read(new byte[] { packet[packet.length - 1] });
				assertThat(other.failures()).isEmpty();
				assertThat(other.packets()).isNotEmpty();
			}
		});
	}

	private static byte[] damaged(Random random, FramingModel model) {
		ByteArrayOutputStream stream = new ByteArrayOutputStream();
		for (int i = random.nextInt(12); i >= 0; i--) {
			byte[] packet = model.packet(random, 1 + random.nextInt(30));
			switch (random.nextInt(8)) {
				case 0 -> packet[random.nextInt(packet.length)] = (byte) random.nextInt();
				case 1 -> packet[random.nextInt(Math.min(10, packet.length))] ^= (byte) (1 << random.nextInt(8));
				case 2 -> packet = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
				case 3 -> packet = FramingModel.concat(packet, FramingModel.randomBytes(random, random.nextInt(5)));
				default -> {
				}
			}
			stream.writeBytes(packet);
		}
		return stream.toByteArray();
	}

	/** The gate closes and opens in between, and sometimes the connection breaks. */
	private static void feed(Decoding decoding, List<byte[]> reads, Random random) {
		boolean held = random.nextInt(3) == 0;
		if (held) {
			decoding.onPacket((packet) -> {
				if (random.nextBoolean()) {
					decoding.gate().hold(ReadGate.QUEUED);
				}
			});
		}
		for (byte[] read : reads) {
			decoding.read(read);
			if (held && random.nextInt(3) == 0) {
				decoding.gate().release(ReadGate.QUEUED);
			}
			if (random.nextInt(500) == 0) {
				decoding.channel().close();
				return;
			}
		}
		while (!decoding.gate().isOpen()) {
			decoding.gate().release(ReadGate.QUEUED);
			decoding.channel().runPendingTasks();
		}
	}

	private static void check(Decoding decoding, FramingModel model, byte[] stream) {
		assertThat(decoding.failures()).hasSizeLessThanOrEqualTo(1)
			.hasOnlyElementsOfType(MalformedPacketException.class);
		assertThat(decoding.packets())
			.allSatisfy((packet) -> assertThat(packet.length).isLessThanOrEqualTo(model.maxLength));
		byte[] seen = FramingModel.concat(decoding.packets().toArray(byte[][]::new));
		if (!decoding.decoder().framing().isStripped()) {
			assertThat(Arrays.copyOf(stream, seen.length)).isEqualTo(seen);
		}
		boolean ended = !decoding.failures().isEmpty() || !decoding.channel().isOpen();
		assertThat(decoding.decoder().bufferedBytes()).isLessThanOrEqualTo(ended ? 0 : model.maxLength);
	}

}
