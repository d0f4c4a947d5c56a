package io.swoole.server.framing;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.swoole.server.ListenerOptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A way of framing with random settings: makes packets, and cuts a stream the naive way,
 * to be compared with the decoder.
 */
abstract class FramingModel {

	/** How long a packet may be. */
	final int maxLength;

	FramingModel(int maxLength) {
		this.maxLength = maxLength;
	}

	abstract void settings(ListenerOptions.Builder builder);

	final ListenerOptions options() {
		return Decoding.options((builder) -> {
			builder.packageMaxLength(this.maxLength);
			settings(builder);
		});
	}

	/** A packet with a body of random bytes that are likely to be misunderstood. */
	abstract byte[] packet(Random random, int bodyLength);

	/**
	 * The length of the first packet of a stream; 0 if it is not complete, negative if no
	 * packet begins like this.
	 */
	abstract int measure(byte[] stream);

	/** What the handler is to see of a packet. */
	byte[] seen(byte[] packet) {
		return packet;
	}

	/** What the decoder is to make of these reads. */
	Outcome cut(List<byte[]> reads) {
		ByteArrayOutputStream stream = new ByteArrayOutputStream();
		reads.forEach(stream::writeBytes);
		byte[] all = stream.toByteArray();
		List<byte[]> packets = new ArrayList<>();
		for (int from = 0; from < all.length;) {
			int length = measure(all, from);
			if (length < 0) {
				return new Outcome(packets, true);
			}
			if (length == 0) {
				break;
			}
			packets.add(seen(Arrays.copyOfRange(all, from, from + length)));
			from += length;
		}
		return new Outcome(packets, false);
	}

	/** Most packets are short, so the whole rest is looked at only where it matters. */
	private int measure(byte[] stream, int from) {
		int length = 0;
		for (int seen = 128; length == 0; seen *= 2) {
			int end = Math.min(stream.length, from + seen);
			length = measure(Arrays.copyOfRange(stream, from, end));
			if (end == stream.length) {
				break;
			}
		}
		return length;
	}

	static byte[] concat(byte[]... parts) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		for (byte[] part : parts) {
			bytes.writeBytes(part);
		}
		return bytes.toByteArray();
	}

	static byte[] randomBytes(Random random, int length) {
		byte[] bytes = new byte[length];
		random.nextBytes(bytes);
		return bytes;
	}

	/**
	 * What comes out.
	 *
	 * @param packets what the handler sees
	 * @param malformed whether the connection is closed then
	 */
	record Outcome(List<byte[]> packets, boolean malformed) {

		void assertEqualTo(Outcome expected) {
			if (this.malformed != expected.malformed
					|| !Arrays.deepEquals(this.packets.toArray(), expected.packets.toArray())) {
				assertThat(readable()).isEqualTo(expected.readable());
			}
		}

		/** A form that shows differences. */
		private List<String> readable() {
			List<String> lines = new ArrayList<>();
			this.packets.forEach((packet) -> lines.add(Arrays.toString(packet)));
			lines.add(this.malformed ? "malformed" : "open");
			return lines;
		}

	}

}
