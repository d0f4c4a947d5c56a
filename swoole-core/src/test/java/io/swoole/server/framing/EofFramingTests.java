package io.swoole.server.framing;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of terminators: FRAME-03, FRAME-10, FRAME-11, FRAME-12, FRAME-14.
 */
class EofFramingTests {

	private static Decoding split(String eof) {
		return Decoding.of((options) -> options.openEofSplit(true).packageEof(eof).packageMaxLength(100));
	}

	private static Decoding check(String eof) {
		return Decoding.of((options) -> options.openEofCheck(true).packageEof(eof).packageMaxLength(10));
	}

	/** FRAME-10. */
	@Test
	void whenPacketIsOnlyATerminatorThenItIsHandedOut() {
		try (Decoding decoding = split("\\r\\n")) {
			assertThat(decoding.read("\r\n\r\na\r\n").texts()).containsExactly("\r\n", "\r\n", "a\r\n");
		}
	}

	/** FRAME-11. */
	@Test
	void whenTerminatorStraddlesSegmentsThenItIsFound() {
		try (Decoding decoding = split("\\r\\n\\r\\n")) {
			decoding.read("a\r").read("\n").read("\r").read("\nb\r\n\r").read("\n");
			assertThat(decoding.texts()).containsExactly("a\r\n\r\n", "b\r\n\r\n");
		}
	}

	/** FRAME-11. */
	@ParameterizedTest
	@ValueSource(strings = { "\r\n\r\r\n\r\n", "\r\r\n\r\n", "\r\n\n\r\n\r\n", "\r\n\rx\r\n\r\n", "\n\r\n\r\n",
			"\r\r\r\r\n\r\n" })
	void whenTerminatorBeginsFalselyThenTheRealOneIsFound(String packet) {
		for (int at = 0; at <= packet.length(); at++) {
			try (Decoding decoding = split("\\r\\n\\r\\n")) {
				decoding.read(packet.substring(0, at)).read(packet.substring(at)).read("next\r\n\r\n");
				assertThat(decoding.texts()).as("split at %d", at).containsExactly(packet, "next\r\n\r\n");
			}
		}
	}

	/** FRAME-11. */
	@Test
	void whenTerminatorRepeatsItselfThenItIsFound() {
		try (Decoding decoding = split("aaab")) {
			decoding.read("aa").read("a").read("a").read("aabaaa").read("b");
			assertThat(decoding.texts()).containsExactly("aaaaaab", "aaab");
		}
	}

	/** FRAME-14. */
	@Test
	void whenLimitIsReachedWithoutTerminatorThenConnectionFails() {
		try (Decoding decoding = split("\\n")) {
			decoding.read("x".repeat(99));
			assertThat(decoding.failures()).isEmpty();
			decoding.read("x");
			assertThat(decoding.failure()).isInstanceOf(MalformedPacketException.class);
			decoding.read("\n");
			assertThat(decoding.packets()).isEmpty();
			assertThat(decoding.failures()).hasSize(1);
		}
	}

	@Test
	void whenStrippedThenTerminatorIsNotSeen() {
		try (Decoding decoding = Decoding
			.of((options) -> options.openEofSplit(true).packageEof("\\r\\n").packageStrip(true))) {
			decoding.read("a\r\n\r\nb").read("c\r").read("\n");
			assertThat(decoding.texts()).containsExactly("a", "", "bc");
		}
	}

	/** FRAME-12. */
	@Test
	void whenCheckedThenEveryDeliveryEndsWithTerminator() {
		try (Decoding decoding = check("\\n")) {
			decoding.read("a\nb\ncc").read("c\n");
			assertThat(decoding.texts()).containsExactly("a\nb\nccc\n");
		}
	}

	/** FRAME-12. */
	@Test
	void whenCheckedAndTerminatorStraddlesReadsThenItIsFound() {
		try (Decoding decoding = check("\\r\\n")) {
			decoding.read("a\r").read("\n").read("\r").read("\n").read("\n\r").read("b\r\n");
			assertThat(decoding.texts()).containsExactly("a\r\n", "\r\n", "\n\rb\r\n");
		}
	}

	/** FRAME-12, FRAME-32: one delivery never exceeds the limit. */
	@Test
	void whenCheckedAndManyPacketsExceedTheLimitThenAsManyAsFitAreHandedOut() {
		try (Decoding decoding = check("\\n")) {
			decoding.read("aaa\nbbb\nccc\nddd\neee\n");
			assertThat(decoding.texts()).containsExactly("aaa\nbbb\n", "ccc\nddd\n", "eee\n");
		}
	}

	/** FRAME-12, FRAME-14: whole packets are not lost because of what follows them. */
	@Test
	void whenCheckedAndLimitIsReachedInAPacketThenOnlyWholeOnesAreHandedOut() {
		try (Decoding decoding = check("\\n")) {
			decoding.read("aaa\nbbb\ncc");
			assertThat(decoding.texts()).containsExactly("aaa\nbbb\n");
			decoding.read("c\n");
			assertThat(decoding.texts()).containsExactly("aaa\nbbb\n", "ccc\n");
			assertThat(decoding.failures()).isEmpty();
		}
	}

	/** FRAME-14. */
	@Test
	void whenCheckedAndPacketIsAsLongAsTheLimitThenItIsHandedOut() {
		try (Decoding decoding = check("\\n"); Decoding longer = check("\\n")) {
			decoding.read("123456").read("789\n");
			assertThat(decoding.texts()).containsExactly("123456789\n");
			longer.read("a\n123456789").read("0");
			assertThat(longer.texts()).containsExactly("a\n");
			assertThat(longer.failure()).isInstanceOf(MalformedPacketException.class);
			assertThat(longer.failures()).hasSize(1);
		}
	}

	/** FRAME-12: both together split. */
	@Test
	void whenCheckAndSplitAreSetThenPacketsAreSplit() {
		try (Decoding decoding = Decoding
			.of((options) -> options.openEofCheck(true).openEofSplit(true).packageEof("\\n"))) {
			assertThat(decoding.read("a\nb\nc").texts()).isEqualTo(List.of("a\n", "b\n"));
		}
	}

}
