package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which settings of a listener make a framing. Settings that contradict each other are
 * refused; one that has no effect is worth a warning, as whoever has set it expects
 * something else than what will happen.
 */
final class FramingRules {

	private static final Logger logger = LoggerFactory.getLogger(ListenerOptions.class);

	static final String DEFAULT_EOF = "\r\n\r\n";

	static final char DEFAULT_LENGTH_TYPE = 'N';

	static final int DEFAULT_BODY_OFFSET = 4;

	private static final String LENGTH_TYPES = "cCsSnNlLvVqQJP";

	/** How many bytes the lengths of these types take. */
	private static final String LENGTH_SIZES = "11222444248888";

	private static final int LARGEST_OFFSET = 8152;

	private static final int LARGEST_PACKET = 1024 * 1024 * 1024;

	private final ListenerOptions options;

	private FramingRules(ListenerOptions options) {
		this.options = options;
	}

	static void check(ListenerOptions options) {
		FramingRules rules = new FramingRules(options);
		rules.checkMode();
		rules.checkLimit();
		rules.checkEof();
		rules.checkLength();
		rules.checkStrip();
	}

	private boolean isEof() {
		return this.options.openEofCheck() || this.options.openEofSplit();
	}

	private boolean isLength() {
		return this.options.openLengthCheck() && this.options.packageLengthFunc() == null;
	}

	private void checkMode() {
		Set<String> modes = new LinkedHashSet<>();
		if (isEof()) {
			modes.add(this.options.openEofSplit() ? "open-eof-split" : "open-eof-check");
		}
		if (this.options.packageLengthFunc() != null) {
			modes.add("package-length-func");
		}
		else if (this.options.openLengthCheck()) {
			modes.add("open-length-check");
		}
		if (this.options.openMqttProtocol()) {
			modes.add("open-mqtt-protocol");
		}
		if (modes.size() > 1) {
			String last = modes.toArray(String[]::new)[modes.size() - 1];
			fail(last, "package-length-func".equals(last) ? this.options.packageLengthFunc() : true,
					"a listener frames packets in one way, but these are set: " + String.join(", ", modes));
		}
	}

	private void checkLimit() {
		int maxLength = this.options.packageMaxLength();
		check(maxLength >= 1 && maxLength <= LARGEST_PACKET, "package-max-length", maxLength,
				"allowed are 1 byte to 1 GiB");
	}

	private void checkEof() {
		byte[] eof = this.options.packageEof();
		String text = escape(eof);
		check(eof.length >= 1 && eof.length <= 8, "package-eof", text, "must be 1 to 8 bytes, but is " + eof.length);
		if (isEof()) {
			check(eof.length <= this.options.packageMaxLength(), "package-max-length", this.options.packageMaxLength(),
					"is smaller than package-eof");
		}
		else if (!Arrays.equals(eof, DEFAULT_EOF.getBytes(StandardCharsets.ISO_8859_1))) {
			warn("package-eof", "without open-eof-split or open-eof-check");
		}
	}

	private void checkLength() {
		char type = this.options.packageLengthType();
		int offset = this.options.packageLengthOffset();
		int bodyOffset = this.options.packageBodyOffset();
		check(LENGTH_TYPES.indexOf(type) >= 0, "package-length-type", type, "allowed are the letters " + LENGTH_TYPES);
		check(offset >= 0 && offset <= LARGEST_OFFSET, "package-length-offset", offset,
				"allowed are 0 to " + LARGEST_OFFSET);
		check(bodyOffset >= 0 && bodyOffset <= LARGEST_OFFSET, "package-body-offset", bodyOffset,
				"allowed are 0 to " + LARGEST_OFFSET);
		if (isLength()) {
			int size = LENGTH_SIZES.charAt(LENGTH_TYPES.indexOf(type)) - '0';
			int header = Math.max(offset + size, bodyOffset);
			check(header <= this.options.packageMaxLength(), "package-max-length", this.options.packageMaxLength(),
					"is smaller than the header of " + header
							+ " bytes that package-length-offset, package-length-type and package-body-offset make");
			return;
		}
		String reason = (this.options.packageLengthFunc() != null) ? "with package-length-func"
				: "without open-length-check";
		if (type != DEFAULT_LENGTH_TYPE) {
			warn("package-length-type", reason);
		}
		if (offset != 0) {
			warn("package-length-offset", reason);
		}
		if (bodyOffset != DEFAULT_BODY_OFFSET) {
			warn("package-body-offset", reason);
		}
	}

	private void checkStrip() {
		if (!this.options.packageStrip() || this.options.openEofSplit() || isLength()) {
			return;
		}
		if (this.options.openEofCheck()) {
			fail("package-strip", true, "open-eof-check hands out several packets at once, with terminators between "
					+ "them; set open-eof-split to get each by itself");
		}
		else if (this.options.packageLengthFunc() != null) {
			fail("package-strip", true, "package-length-func does not tell where the header of a packet ends");
		}
		else if (this.options.openMqttProtocol()) {
			fail("package-strip", true, "with open-mqtt-protocol the header says what a packet is");
		}
		else {
			fail("package-strip", true, "there is nothing to strip without open-eof-split or open-length-check");
		}
	}

	private void check(boolean valid, String option, Object value, String reason) {
		if (!valid) {
			fail(option, value, reason);
		}
	}

	private void warn(String option, String reason) {
		logger.warn("Listener '{}': {} has no effect {}", this.options.name(), option, reason);
	}

	private void fail(String option, @Nullable Object value, String reason) {
		throw new InvalidOptionException(this.options.name(), option, value, reason);
	}

	/** The bytes of a terminator that may be written with escapes. */
	static byte[] unescape(String listener, String text) {
		String bytes = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
		StringBuilder plain = new StringBuilder();
		for (int i = 0; i < bytes.length(); i++) {
			char next = bytes.charAt(i);
			if (next != '\\' || i + 1 == bytes.length()) {
				plain.append(next);
				continue;
			}
			next = bytes.charAt(++i);
			switch (next) {
				case 'r' -> plain.append('\r');
				case 'n' -> plain.append('\n');
				case 't' -> plain.append('\t');
				case '0' -> plain.append('\0');
				case '\\' -> plain.append('\\');
				case 'x' -> {
					String hex = bytes.substring(i + 1, Math.min(i + 3, bytes.length()));
					if (!hex.matches("[0-9a-fA-F]{2}")) {
						throw new InvalidOptionException(listener, "package-eof", text,
								"\\x needs two hexadecimal digits");
					}
					plain.append((char) Integer.parseInt(hex, 16));
					i += 2;
				}
				default -> throw new InvalidOptionException(listener, "package-eof", text,
						"unknown escape \\" + next + ", allowed are \\r \\n \\t \\0 \\xHH and \\\\");
			}
		}
		return plain.toString().getBytes(StandardCharsets.ISO_8859_1);
	}

	private static String escape(byte[] bytes) {
		StringBuilder text = new StringBuilder();
		for (byte next : bytes) {
			text.append(switch (next) {
				case '\r' -> "\\r";
				case '\n' -> "\\n";
				case '\t' -> "\\t";
				case '\\' -> "\\\\";
				default -> (next > ' ' && next < 127) ? String.valueOf((char) next) : String.format("\\x%02x", next);
			});
		}
		return text.toString();
	}

}
