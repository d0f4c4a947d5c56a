package io.swoole.server;

import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests of the settings that make a framing: FRAME-01, FRAME-13, FRAME-15, FRAME-21,
 * FRAME-22, FRAME-29, FRAME-32.
 */
class FramingRulesTests {

	private static final PackageLengthFunction FUNCTION = (data) -> 1;

	/** FRAME-01. */
	@Test
	void whenTwoWaysOfFramingAreSetThenBuildNamesBoth() {
		invalid("open-length-check", "open-eof-check", (options) -> options.openEofCheck(true).openLengthCheck(true));
		invalid("open-length-check", "open-eof-split", (options) -> options.openEofSplit(true).openLengthCheck(true));
		invalid("package-length-func", "open-eof-split",
				(options) -> options.openEofSplit(true).packageLengthFunc(FUNCTION));
		invalid("open-mqtt-protocol", "open-eof-check", (options) -> options.openEofCheck(true).openMqttProtocol(true));
		invalid("open-mqtt-protocol", "open-length-check",
				(options) -> options.openLengthCheck(true).openMqttProtocol(true));
		invalid("open-mqtt-protocol", "package-length-func",
				(options) -> options.packageLengthFunc(FUNCTION).openMqttProtocol(true));
	}

	@Test
	void whenSettingsMeanTheSameThenBuildSucceeds() {
		assertThatNoException().isThrownBy(() -> build((options) -> options.openEofCheck(true).openEofSplit(true)));
		assertThatNoException()
			.isThrownBy(() -> build((options) -> options.openLengthCheck(true).packageLengthFunc(FUNCTION)));
	}

	/** FRAME-15. */
	@Test
	void whenAllIsSwitchedOffThenThereIsNoFraming() {
		assertThatNoException().isThrownBy(() -> build((options) -> options.openEofCheck(false)
			.openEofSplit(false)
			.openLengthCheck(false)
			.openMqttProtocol(false)
			.packageLengthFunc(null)
			.packageStrip(false)));
	}

	@Test
	void whenSettingHasNoEffectThenWarningSaysWhatIsMissing() {
		String eof = "package-eof has no effect without open-eof-split or open-eof-check";
		warned(eof, (options) -> options.packageEof("\\n"));
		warned(eof, (options) -> options.openLengthCheck(true).packageEof("\\n"));
		String length = " has no effect without open-length-check";
		warned("package-length-type" + length, (options) -> options.packageLengthType('n'));
		warned("package-length-offset" + length, (options) -> options.openEofSplit(true).packageLengthOffset(2));
		warned("package-body-offset" + length, (options) -> options.openMqttProtocol(true).packageBodyOffset(0));
		warned("package-length-type has no effect with package-length-func",
				(options) -> options.openLengthCheck(true).packageLengthFunc(FUNCTION).packageLengthType('n'));
	}

	/** FRAME-36. */
	@Test
	void whenListenerReceivesDatagramsThenItHasNoFraming() {
		invalid("open-eof-split", "datagram", (options) -> options.type(ListenerType.UDP).openEofSplit(true));
		invalid("open-eof-check", "datagram", (options) -> options.type(ListenerType.UDP).openEofCheck(true));
		invalid("open-length-check", "datagram", (options) -> options.type(ListenerType.UDP).openLengthCheck(true));
		invalid("open-mqtt-protocol", "datagram", (options) -> options.type(ListenerType.UDP).openMqttProtocol(true));
		invalid("package-length-func", "datagram",
				(options) -> options.type(ListenerType.UDP).packageLengthFunc(FUNCTION));
	}

	@Test
	void whenSettingsHaveAnEffectThenThereIsNoWarning() {
		try (LogCapture log = LogCapture.of(ListenerOptions.class.getName())) {
			build((options) -> {
			});
			build((options) -> options.openEofSplit(true).packageEof("\\n").packageStrip(true));
			build((options) -> options.openEofCheck(true).packageEof("\\n"));
			build((options) -> length(options, 'n').packageBodyOffset(9).packageStrip(true));
			build((options) -> options.packageLengthFunc(FUNCTION));
			build((options) -> options.openMqttProtocol(true));
			build((options) -> options.type(ListenerType.UDP));
			assertThat(log.messages(Level.WARN)).isEmpty();
		}
	}

	private static void warned(String warning, Consumer<ListenerOptions.Builder> settings) {
		try (LogCapture log = LogCapture.of(ListenerOptions.class.getName())) {
			build(settings);
			assertThat(log.messages(Level.WARN)).containsExactly("Listener 'test': " + warning);
		}
	}

	@Test
	void whenThereIsNothingToStripThenBuildSaysWhy() {
		invalid("package-strip", "open-eof-split", (options) -> options.packageStrip(true));
		invalid("package-strip", "open-eof-split", (options) -> options.openEofCheck(true).packageStrip(true));
		invalid("package-strip", "package-length-func",
				(options) -> options.packageLengthFunc(FUNCTION).packageStrip(true));
		invalid("package-strip", "open-mqtt-protocol", (options) -> options.openMqttProtocol(true).packageStrip(true));
	}

	/** FRAME-21. */
	@ParameterizedTest
	@CsvSource({ "c,1", "C,1", "s,2", "S,2", "n,2", "v,2", "l,4", "L,4", "N,4", "V,4", "q,8", "Q,8", "J,8", "P,8" })
	void whenLengthTypeIsOneOfSwooleThenItsHeaderMustFit(char type, int size) {
		int header = 3 + size;
		assertThatNoException().isThrownBy(() -> build((options) -> length(options, type).packageMaxLength(header)));
		invalid("package-max-length", "header of " + header,
				(options) -> length(options, type).packageMaxLength(header - 1));
	}

	private static ListenerOptions.Builder length(ListenerOptions.Builder options, char type) {
		return options.openLengthCheck(true).packageLengthType(type).packageLengthOffset(3).packageBodyOffset(0);
	}

	/** FRAME-21. */
	@ParameterizedTest
	@ValueSource(chars = { 'i', 'I', 'a', ' ', '4', 'K' })
	void whenLengthTypeIsUnknownThenBuildNamesAllTypes(char type) {
		invalid("package-length-type", "cCsSnNlLvVqQJP",
				(options) -> options.openLengthCheck(true).packageLengthType(type));
	}

	/** FRAME-29. */
	@Test
	void whenOffsetIsTooLargeThenBuildFails() {
		assertThatNoException().isThrownBy(() -> build(
				(options) -> options.openLengthCheck(true).packageLengthOffset(8152).packageBodyOffset(8152)));
		invalid("package-length-offset", "8152", (options) -> options.openLengthCheck(true).packageLengthOffset(8153));
		invalid("package-length-offset", "8152", (options) -> options.openLengthCheck(true).packageLengthOffset(-1));
		invalid("package-body-offset", "8152", (options) -> options.openLengthCheck(true).packageBodyOffset(8153));
		invalid("package-body-offset", "8152", (options) -> options.openLengthCheck(true).packageBodyOffset(-1));
	}

	/** FRAME-13, FRAME-32. */
	@Test
	void whenLimitCannotHoldATerminatorThenBuildFails() {
		assertThatNoException().isThrownBy(() -> build((options) -> options.openEofSplit(true).packageMaxLength(4)));
		invalid("package-max-length", "package-eof", (options) -> options.openEofSplit(true).packageMaxLength(3));
		invalid("package-max-length", "1 GiB", (options) -> options.packageMaxLength(0));
		invalid("package-max-length", "1 GiB", (options) -> options.packageMaxLength((1 << 30) + 1));
	}

	/** FRAME-13. */
	@Test
	void whenEofIsRefusedThenMessageShowsItReadably() {
		invalid("package-eof", "\\r\\n\\x00\\xff\\\\\\tabc", (options) -> options.packageEof("\r\n\\0\\xff\\\\\tabc"));
	}

	private static void invalid(String option, String message, Consumer<ListenerOptions.Builder> settings) {
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> build(settings))
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo(option))
			.satisfies((ex) -> assertThat(ex.getListener()).isEqualTo("test"))
			.withMessageContaining(option)
			.withMessageContaining(message);
	}

	private static ListenerOptions build(Consumer<ListenerOptions.Builder> settings) {
		ListenerOptions.Builder builder = ListenerOptions.builder("test");
		settings.accept(builder);
		return builder.build();
	}

}
