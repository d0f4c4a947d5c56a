package io.swoole.server.framing;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import io.netty.channel.embedded.EmbeddedChannel;
import io.swoole.server.ListenerOptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A large packet in small pieces costs linear work: counted, not timed.
 */
class LinearTimeTests {

	private static final int LENGTH = 2 * 1024 * 1024;

	private static final int PIECE = 1460;

	private final CountingAllocator work = new CountingAllocator();

	private void receive(byte[] packet, int piece, Consumer<ListenerOptions.Builder> settings) {
		try (Decoding decoding = Decoding.of(Decoding.options(settings), this.work)) {
			EmbeddedChannel channel = decoding.channel();
			for (int at = 0; at < packet.length; at += piece) {
				int length = Math.min(piece, packet.length - at);
				channel.writeInbound(this.work.buffer(length).writeBytes(packet, at, length));
			}
			assertThat(decoding.failures()).isEmpty();
			assertThat(decoding.packets()).containsExactly(packet);
		}
		// each byte once, and every time the buffer is replaced by one of twice its size
		assertThat(this.work.copied).as("bytes copied").isLessThan(3L * packet.length);
		assertThat(this.work.allocated).as("bytes allocated").isLessThan(6L * packet.length);
	}

	private static byte[] packet(int length, String end) {
		byte[] packet = new byte[length];
		Arrays.fill(packet, (byte) 'x');
		System.arraycopy(end.getBytes(), 0, packet, length - end.length(), end.length());
		return packet;
	}

	@Test
	void whenTerminatorIsSoughtThenEveryByteIsSearchedOnce() {
		receive(packet(LENGTH, "\r\n\r\n"), PIECE, (options) -> options.openEofSplit(true));
		assertThat(this.work.examined).isLessThan((long) (1.01 * LENGTH));
	}

	/** Every piece ends in what may be the beginning of the terminator. */
	@Test
	void whenTerminatorBeginsFalselyEverywhereThenWorkIsStillLinear() {
		byte[] packet = packet(LENGTH, "\r\n\r\n");
		for (int i = 0; i < LENGTH - 8; i++) {
			packet[i] = (byte) "\r\n\r".charAt(i % 3);
		}
		receive(packet, PIECE, (options) -> options.openEofSplit(true));
		assertThat(this.work.examined).isLessThan(4L * LENGTH);
	}

	@Test
	void whenPiecesAreSingleBytesThenWorkIsLinear() {
		byte[] packet = packet(100_000, "\r\n\r\n");
		receive(packet, 1, (options) -> options.openEofSplit(true));
		assertThat(this.work.examined).isLessThan(2L * packet.length);
	}

	@Test
	void whenTerminatorIsCheckedThenOnlyTheEndOfEachReadIsExamined() {
		receive(packet(LENGTH, "\r\n\r\n"), PIECE, (options) -> options.openEofCheck(true));
		assertThat(this.work.examined).isLessThan(LENGTH / 100);
	}

	/**
	 * Hardly a read ends where a packet does, so that the limit is reached every time.
	 */
	@Test
	void whenCheckedPacketsFillTheLimitThenWorkIsLinear() {
		byte[] stream = new byte[200_000];
		for (int i = 0; i < stream.length; i++) {
			stream[i] = (byte) ((i % 601 == 600) ? '\n' : 'x');
		}
		try (Decoding decoding = Decoding.of(
				Decoding.options((options) -> options.openEofCheck(true).packageEof("\\n").packageMaxLength(1000)),
				this.work)) {
			for (int at = 0; at < stream.length; at += 7) {
				decoding.read(Arrays.copyOfRange(stream, at, Math.min(at + 7, stream.length)));
			}
			assertThat(decoding.failures()).isEmpty();
			assertThat(decoding.packets()).hasSizeGreaterThan(300)
				.allSatisfy((packet) -> assertThat(packet.length % 601).isZero());
		}
		assertThat(this.work.examined).isLessThan(2L * stream.length);
	}

	@Test
	void whenLengthIsKnownThenOnlyTheHeaderIsExamined() {
		byte[] packet = packet(LENGTH, "");
		int body = LENGTH - 4;
		for (int i = 0; i < 4; i++) {
			packet[i] = (byte) (body >>> (24 - 8 * i));
		}
		receive(packet, PIECE, (options) -> options.openLengthCheck(true));
		assertThat(this.work.examined).isLessThan(LENGTH / 100);
	}

	@Test
	void whenFunctionKnowsTheLengthThenItIsNotAskedAgain() {
		AtomicLong calls = new AtomicLong();
		receive(packet(LENGTH, ""), PIECE, (options) -> options.packageLengthFunc((data) -> {
			calls.incrementAndGet();
			return LENGTH;
		}));
		assertThat(calls).hasValue(1);
	}

	@Test
	void whenControlPacketIsLargeThenOnlyItsHeaderIsExamined() {
		byte[] packet = packet(LENGTH, "");
		int remaining = LENGTH - 5;
		for (int i = 0; i < 4; i++) {
			packet[1 + i] = (byte) ((remaining >>> (7 * i)) & 0x7f | ((i < 3) ? 0x80 : 0));
		}
		receive(packet, PIECE, (options) -> options.openMqttProtocol(true));
		assertThat(this.work.examined).isLessThan(LENGTH / 100);
	}

}
