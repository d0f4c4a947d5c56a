package io.swoole.spring.autoconfigure;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PackageLengthFunction;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnReceive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Properties of framing, and what arrives in handlers: FRAME-01, FRAME-03, FRAME-30.
 */
class FramingPropertiesTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1");

	@Test
	void whenPropertiesAreSetThenReachTheOptions() {
		assertThat(main(Map.of("open_eof_check", "true")).openEofCheck()).isTrue();
		assertThat(main(Map.of("open_mqtt_protocol", "true")).openMqttProtocol()).isTrue();
		ListenerOptions stripped = main(Map.of("open_length_check", "true", "package_length_type", "J",
				"package_length_offset", "2", "package_body_offset", "10", "package-strip", "true"));
		assertThat(stripped.packageLengthType()).isEqualTo('J');
		assertThat(stripped.packageLengthOffset()).isEqualTo(2);
		assertThat(stripped.packageBodyOffset()).isEqualTo(10);
		assertThat(stripped.packageStrip()).isTrue();
	}

	private ListenerOptions main(Map<String, String> properties) {
		ListenerOptions[] main = new ListenerOptions[1];
		this.contextRunner.withBean(Silent.class)
			.withPropertyValues(properties.entrySet()
				.stream()
				.map((property) -> "swoole.server." + property.getKey() + "=" + property.getValue())
				.toArray(String[]::new))
			.run((context) -> main[0] = context.getBean(ServerOptions.class).listeners().get(0));
		return main[0];
	}

	/** FRAME-01. */
	@Test
	void whenTwoWaysOfFramingAreSetThenStartFailsNamingBoth() {
		this.contextRunner.withBean(Silent.class)
			.withPropertyValues("swoole.server.open-eof-split=true", "swoole.server.open-length-check=true")
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.isInstanceOf(InvalidOptionException.class)
				.hasMessageContaining("open-eof-split")
				.hasMessageContaining("open-length-check"));
	}

	/** FRAME-22. */
	@Test
	void whenLengthTypeHasSeveralLettersThenStartFails() {
		this.contextRunner.withBean(Silent.class)
			.withPropertyValues("swoole.server.open-length-check=true", "swoole.server.package-length-type=NN")
			.run((context) -> assertThat(context).hasFailed());
	}

	/**
	 * What a handler returns gets back what was stripped; what it sends is sent as it is.
	 */
	@ParameterizedTest
	@MethodSource("handlers")
	void whenPacketsAreStrippedThenReturnValuesGetTheHeader(Class<?> handler, String packet, String answer) {
		this.contextRunner.withBean(handler)
			.withPropertyValues("swoole.server.open-length-check=true", "swoole.server.package-strip=true")
			.run((context) -> assertThat(exchange(context.getBean(SwooleServer.class), packet, answer.length()))
				.isEqualTo(answer));
	}

	static Stream<Arguments> handlers() {
		return Stream.of(Arguments.of(Text.class, "\0\0\0\5hello", "\0\0\0\5HELLO"),
				Arguments.of(Text.class, "\0\0\0\0", "\0\0\0\0"),
				Arguments.of(Bytes.class, "\0\0\0\5hello", "\0\0\0\2ok"),
				Arguments.of(Buffer.class, "\0\0\0\5hello", "\0\0\0\5hello"),
				Arguments.of(Send.class, "\0\0\0\5hello", "no header"));
	}

	@Test
	void whenTerminatorIsStrippedThenReturnValuesGetIt() {
		this.contextRunner.withBean(Text.class)
			.withPropertyValues("swoole.server.open-eof-split=true", "swoole.server.package-eof=\\r\\n",
					"swoole.server.package-strip=true")
			.run((context) -> assertThat(exchange(context.getBean(SwooleServer.class), "a\r\nb\r\n", 6))
				.isEqualTo("A\r\nB\r\n"));
	}

	@Test
	void whenNothingIsStrippedThenReturnValuesAreSentAsTheyAre() {
		this.contextRunner.withBean(Text.class)
			.withPropertyValues("swoole.server.open-eof-split=true", "swoole.server.package-eof=;")
			.run((context) -> assertThat(exchange(context.getBean(SwooleServer.class), "a;b;", 4)).isEqualTo("A;B;"));
	}

	/** FRAME-30. */
	@Test
	void whenThereIsAFunctionBeanThenItMeasuresPackets() {
		PackageLengthFunction function = (data) -> 1 + data.getByte(0) - '0';
		this.contextRunner.withBean(Brackets.class)
			.withBean(PackageLengthFunction.class, () -> function)
			.run((context) -> assertThat(exchange(context.getBean(SwooleServer.class), "1a2bc03", 12))
				.isEqualTo("[1a][2bc][0]"));
	}

	private static String exchange(SwooleServer server, String data, int length) throws Exception {
		try (Socket socket = new Socket("127.0.0.1", server.getAddress().getPort())) {
			socket.setSoTimeout(20_000);
			OutputStream out = socket.getOutputStream();
			out.write(data.getBytes(StandardCharsets.ISO_8859_1));
			InputStream in = socket.getInputStream();
			return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
		}
	}

	static class Silent {

		@OnReceive
		void receive(String data) {
		}

	}

	static class Text {

		@OnReceive
		String receive(String data) {
			return data.toUpperCase(Locale.ROOT);
		}

	}

	static class Bytes {

		@OnReceive
		byte[] receive(byte[] data) {
			return "ok".getBytes(StandardCharsets.UTF_8);
		}

	}

	static class Buffer {

		@OnReceive
		ByteBuf receive(ByteBuf packet) {
			return packet;
		}

	}

	static class Send {

		@OnReceive
		void receive(Connection connection, String data) {
			connection.send("no header");
		}

	}

	static class Brackets {

		@OnReceive
		String receive(String data) {
			return "[" + data + "]";
		}

	}

}
