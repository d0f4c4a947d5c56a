package io.swoole.server.framing;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.netty.buffer.ByteBuf;
import io.swoole.server.ListenerOptions;
import org.jspecify.annotations.Nullable;

/**
 * All ways of framing.
 */
enum FramingMode {

	/** What one read returned. */
	RAW {
		@Override
		FramingModel model(Random random) {
			return new Raw(1 + random.nextInt(100));
		}
	},

	/** Up to a terminator at the end of a read. */
	EOF_CHECK {
		@Override
		FramingModel model(Random random) {
			return new EofCheck(random);
		}
	},

	/** Up to the first terminator. */
	EOF_SPLIT {
		@Override
		FramingModel model(Random random) {
			return new Eof(random, false);
		}
	},

	/** Up to the first terminator, which is stripped. */
	EOF_SPLIT_STRIPPED {
		@Override
		FramingModel model(Random random) {
			return new Eof(random, true);
		}
	},

	/** A length in a header. */
	LENGTH {
		@Override
		FramingModel model(Random random) {
			return new Length(random, false);
		}
	},

	/** A length in a header that is stripped. */
	LENGTH_STRIPPED {
		@Override
		FramingModel model(Random random) {
			return new Length(random, true);
		}
	},

	/** A function that reads decimal digits up to a colon. */
	FUNCTION {
		@Override
		FramingModel model(Random random) {
			return new Decimal(random);
		}
	},

	/** Control packets of MQTT. */
	MQTT {
		@Override
		FramingModel model(Random random) {
			return new Mqtt(random);
		}
	};

	/** Random settings of this way. */
	abstract FramingModel model(Random random);

	private static int randomLimit(Random random) {
		return 40 + random.nextInt((random.nextInt(10) == 0) ? 20_000 : 200);
	}

	private static final class Raw extends FramingModel {

		Raw(int maxLength) {
			super(maxLength);
		}

		@Override
		void settings(ListenerOptions.Builder builder) {
		}

		@Override
		byte[] packet(Random random, int bodyLength) {
			return randomBytes(random, bodyLength);
		}

		@Override
		int measure(byte[] stream) {
			return Math.min(stream.length, this.maxLength);
		}

		@Override
		Outcome cut(List<byte[]> reads) {
			List<byte[]> packets = new ArrayList<>();
			reads.forEach((read) -> packets.addAll(super.cut(List.of(read)).packets()));
			return new Outcome(packets, false);
		}

	}

	private static class Eof extends FramingModel {

		private static final String[] EOFS = { "\n", "\r\n", "\r\n\r\n", "\0", "aab", "aaaaaaaa", "abababac" };

		final byte[] eof;

		private final boolean strip;

		Eof(Random random, boolean strip) {
			super(randomLimit(random));
			this.eof = EOFS[random.nextInt(EOFS.length)].getBytes();
			this.strip = strip;
		}

		@Override
		void settings(ListenerOptions.Builder builder) {
			builder.openEofSplit(true).packageEof(new String(this.eof)).packageStrip(this.strip);
		}

		@Override
		byte[] packet(Random random, int bodyLength) {
			byte[] body = randomBytes(random, bodyLength);
			for (int i = 0; i < body.length; i++) {
				if (random.nextInt(4) != 0) {
					body[i] = this.eof[random.nextInt(this.eof.length)];
				}
			}
			return concat(body, this.eof);
		}

		@Override
		int measure(byte[] stream) {
			for (int length = this.eof.length; length <= Math.min(stream.length, this.maxLength); length++) {
				if (endsWithEof(stream, 0, length)) {
					return length;
				}
			}
			return (stream.length >= this.maxLength) ? -1 : 0;
		}

		final boolean endsWithEof(byte[] bytes, int from, int to) {
			int start = to - this.eof.length;
			return start >= from && Arrays.equals(bytes, start, to, this.eof, 0, this.eof.length);
		}

		@Override
		byte[] seen(byte[] packet) {
			return this.strip ? Arrays.copyOf(packet, packet.length - this.eof.length) : packet;
		}

	}

	private static final class EofCheck extends Eof {

		EofCheck(Random random) {
			super(random, false);
		}

		@Override
		void settings(ListenerOptions.Builder builder) {
			builder.openEofCheck(true).packageEof(new String(this.eof));
		}

		@Override
		Outcome cut(List<byte[]> reads) {
			List<byte[]> packets = new ArrayList<>();
			byte[] stream = concat(reads.toArray(byte[][]::new));
			int from = 0;
			int to = 0;
			for (byte[] read : reads) {
				to += read.length;
				while (to - from >= this.maxLength || endsWithEof(stream, from, to)) {
					int end = Math.min(to, from + this.maxLength);
					while (end > from && !endsWithEof(stream, from, end)) {
						end--;
					}
					if (end == from) {
						return new Outcome(packets, true);
					}
					packets.add(Arrays.copyOfRange(stream, from, end));
					from = end;
				}
			}
			return new Outcome(packets, false);
		}

	}

	private static final class Length extends FramingModel {

		private static final String TYPES = "cCsSnNlLvVqQJP";

		private final char type;

		private final int size;

		private final int offset;

		private final int bodyOffset;

		private final boolean strip;

		Length(Random random, boolean strip) {
			super(randomLimit(random));
			this.type = TYPES.charAt(random.nextInt(TYPES.length()));
			this.size = switch (this.type) {
				case 'c', 'C' -> 1;
				case 's', 'S', 'n', 'v' -> 2;
				case 'N', 'l', 'L', 'V' -> 4;
				default -> 8;
			};
			this.offset = random.nextInt(8);
			this.bodyOffset = random.nextInt(24);
			this.strip = strip;
		}

		@Override
		void settings(ListenerOptions.Builder builder) {
			builder.openLengthCheck(true)
				.packageLengthType(this.type)
				.packageLengthOffset(this.offset)
				.packageBodyOffset(this.bodyOffset)
				.packageStrip(this.strip);
		}

		private int header() {
			return Math.max(this.offset + this.size, this.bodyOffset);
		}

		@Override
		byte[] packet(Random random, int bodyLength) {
			byte[] packet = randomBytes(random, header() + bodyLength);
			BigInteger value = BigInteger.valueOf(packet.length - this.bodyOffset);
			for (int i = 0; i < this.size; i++) {
				int place = isLittleEndian() ? i : this.size - 1 - i;
				packet[this.offset + i] = value.shiftRight(8 * place).byteValue();
			}
			return packet;
		}

		private boolean isLittleEndian() {
			return "sSlLqQvVP".indexOf(this.type) >= 0;
		}

		@Override
		int measure(byte[] stream) {
			if (stream.length < this.offset + this.size) {
				return 0;
			}
			byte[] field = Arrays.copyOfRange(stream, this.offset, this.offset + this.size);
			if (isLittleEndian()) {
				for (int i = 0; i < field.length / 2; i++) {
					byte swapped = field[i];
					field[i] = field[field.length - 1 - i];
					field[field.length - 1 - i] = swapped;
				}
			}
			BigInteger value = ("cslq".indexOf(this.type) >= 0) ? new BigInteger(field) : new BigInteger(1, field);
			BigInteger total = value.add(BigInteger.valueOf(this.bodyOffset));
			if (value.signum() < 0 || total.compareTo(BigInteger.valueOf(this.maxLength)) > 0
					|| total.compareTo(BigInteger.valueOf(this.offset + this.size)) < 0) {
				return -1;
			}
			return (stream.length >= total.intValue()) ? total.intValue() : 0;
		}

		@Override
		byte[] seen(byte[] packet) {
			return this.strip ? Arrays.copyOfRange(packet, header(), packet.length) : packet;
		}

	}

	private static final class Decimal extends FramingModel {

		Decimal(Random random) {
			super(randomLimit(random));
		}

		@Override
		void settings(ListenerOptions.Builder builder) {
			builder.packageLengthFunc(Decimal::length);
		}

		@Override
		byte[] packet(Random random, int bodyLength) {
			return concat((bodyLength + ":").getBytes(), randomBytes(random, bodyLength));
		}

		private static int length(ByteBuf data) {
			int value = 0;
			while (data.isReadable()) {
				byte next = data.readByte();
				if (next == ':') {
					return data.readerIndex() + value;
				}
				if (next == '!') {
					throw new IllegalStateException("no such packet");
				}
				if (next < '0' || next > '9') {
					return -1;
				}
				value = Math.min(10 * value + next - '0', 10_000_000);
			}
			return 0;
		}

		@Override
		int measure(byte[] stream) {
			int limit = Math.min(8152, this.maxLength);
			for (int i = 0; i < Math.min(stream.length, limit); i++) {
				if (stream[i] == ':') {
					int total = total(new String(stream, 0, i), i + 1);
					return (total > this.maxLength) ? -1 : (total > stream.length) ? 0 : total;
				}
				if (!Character.isDigit(stream[i])) {
					return -1;
				}
			}
			return (stream.length >= limit) ? -1 : 0;
		}

		private int total(String digits, int header) {
			BigInteger value = digits.isEmpty() ? BigInteger.ZERO : new BigInteger(digits);
			return (value.bitLength() > 30) ? Integer.MAX_VALUE : header + value.intValue();
		}

	}

	private static final class Mqtt extends FramingModel {

		Mqtt(Random random) {
			super(randomLimit(random));
		}

		@Override
		void settings(ListenerOptions.Builder builder) {
			builder.openMqttProtocol(true);
		}

		@Override
		byte[] packet(Random random, int bodyLength) {
			byte[] header = randomBytes(random, 1);
			int rest = bodyLength;
			do {
				int digit = rest % 128;
				rest /= 128;
				header = concat(header, new byte[] { (byte) ((rest > 0) ? digit + 128 : digit) });
			}
			while (rest > 0);
			return concat(header, randomBytes(random, bodyLength));
		}

		@Override
		int measure(byte[] stream) {
			Integer remaining = remaining(stream);
			if (remaining == null || remaining < 0) {
				return (remaining == null) ? 0 : -1;
			}
			int total = 2 + remaining;
			for (int i = 1; stream[i] < 0; i++) {
				total++;
			}
			return (total > this.maxLength) ? -1 : (total > stream.length) ? 0 : total;
		}

		/** By the pseudo code of the specification; {@code null}: not complete. */
		private static @Nullable Integer remaining(byte[] stream) {
			int value = 0;
			int multiplier = 1;
			for (int i = 1; i < stream.length; i++) {
				value += (stream[i] & 127) * multiplier;
				if ((stream[i] & 128) == 0) {
					return value;
				}
				if (multiplier == 128 * 128 * 128) {
					return -1;
				}
				multiplier *= 128;
			}
			return null;
		}

	}

}
