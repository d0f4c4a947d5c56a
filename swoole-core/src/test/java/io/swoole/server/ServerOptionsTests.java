package io.swoole.server;

import java.time.Duration;
import java.util.function.Consumer;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of settings: FRAME-13, FRAME-29, WORK-01.
 */
class ServerOptionsTests {

	@Test
	void whenNothingIsSetThenDefaultsHold() {
		ServerOptions options = ServerOptions.builder().build();
		assertThat(options.mode()).isEqualTo(ServerMode.BASE);
		assertThat(options.workerNum()).isEqualTo(Runtime.getRuntime().availableProcessors());
		assertThat(options.taskWorkerNum()).isZero();
		assertThat(options.taskQueueCapacity()).isEqualTo(65536);
		assertThat(options.maxWaitTime()).isEqualTo(Duration.ofSeconds(3));
		ListenerOptions main = options.listeners().get(0);
		assertThat(main.name()).isEqualTo("main");
		assertThat(main.host()).isEqualTo("127.0.0.1");
		assertThat(main.port()).isEqualTo(9501);
		assertThat(main.packageEof()).containsExactly('\r', '\n', '\r', '\n');
		assertThat(main.packageMaxLength()).isEqualTo(2 * 1024 * 1024);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false,
			value = { "\\r\\n|0d0a", "\\t|09", "\\0|00", "\\xfF\\x00|ff00", "\\\\|5c", "' '|20", "ab\\n|61620a" })
	void whenEofHasEscapesThenTheyAreRead(String text, String hex) {
		byte[] eof = ServerOptions.builder()
			.main((main) -> main.openEofSplit(true).packageEof(text))
			.build()
			.listeners()
			.get(0)
			.packageEof();
		StringBuilder actual = new StringBuilder();
		for (byte next : eof) {
			actual.append(String.format("%02x", next));
		}
		assertThat(actual).hasToString(hex);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "123456789", "\\q", "\\x1", "\\xzz" })
	void whenEofIsNotPossibleThenBuildFails(String text) {
		invalid("package-eof", (options) -> options.main((main) -> main.packageEof(text)));
	}

	@Test
	void whenSettingIsOutOfRangeThenBuildNamesIt() {
		invalid("worker-num", (options) -> options.workerNum(-1));
		invalid("task-worker-num", (options) -> options.taskWorkerNum(1_000_000));
		invalid("task-queue-capacity", (options) -> options.taskQueueCapacity(0));
		invalid("max-wait-time", (options) -> options.maxWaitTime(Duration.ofMillis(-1)));
		invalid("port", (options) -> options.port(65536));
		invalid("host", (options) -> options.host(" "));
		invalid("backlog", (options) -> options.main((main) -> main.backlog(0)));
		invalid("package-max-length", (options) -> options.main((main) -> main.packageMaxLength(0)));
		invalid("package-length-type", (options) -> options.main((main) -> main.packageLengthType('i')));
		invalid("package-length-offset", (options) -> options.main((main) -> main.packageLengthOffset(8153)));
		invalid("package-body-offset", (options) -> options.main((main) -> main.packageBodyOffset(-1)));
		invalid("listeners.name", (options) -> options.listener(ListenerOptions.builder("main").build()));
	}

	@Test
	void whenPipelineCustomizersAreAddedThenAllAreGivenThePipeline() {
		ServerOptions options = ServerOptions.builder()
			.pipelineCustomizer((pipeline) -> pipeline.addLast("first", new ChannelInboundHandlerAdapter()))
			.pipelineCustomizer((pipeline) -> pipeline.addLast("second", new ChannelInboundHandlerAdapter()))
			.build();
		EmbeddedChannel channel = new EmbeddedChannel();
		options.pipelineCustomizer().accept(channel.pipeline());
		assertThat(channel.pipeline().names()).containsSubsequence("first", "second");
		channel.close();
	}

	private static void invalid(String option, Consumer<ServerOptions.Builder> setting) {
		ServerOptions.Builder builder = ServerOptions.builder();
		setting.accept(builder);
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(builder::build)
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo(option))
			.withMessageContaining(option);
	}

}
