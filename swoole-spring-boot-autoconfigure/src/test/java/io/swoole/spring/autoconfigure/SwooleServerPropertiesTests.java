package io.swoole.spring.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.swoole.server.DispatchMode;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.TransportType;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.env.PropertySourceLoader;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mockingDetails;
import static org.mockito.Mockito.spy;

/**
 * Tests for {@link SwooleServerProperties} and what {@link ServerOptionsFactory} makes of
 * them.
 */
class SwooleServerPropertiesTests {

	/** What needs beans or the environment. */
	private static final Set<String> READ_ELSEWHERE = Set.of("listeners", "ssl", "sslAllowSelfSigned",
			"packageLengthFunc", "taskAfterCommit");

	@Test
	void whenNothingIsSetThenOptionsHaveTheirDefaults() {
		assertThat(ServerOptionsFactory.create(new SwooleServerProperties(), Stream.of())).usingRecursiveComparison()
			.ignoringFields("pipelineCustomizer")
			.isEqualTo(ServerOptions.builder().build());
	}

	/** What nobody reads could be set and would do nothing. */
	@Test
	void whenOptionsAreMadeThenEveryPropertyIsRead() {
		SwooleServerProperties properties = spy(new SwooleServerProperties());
		ServerOptionsFactory.create(properties, Stream.of());
		Set<String> read = mockingDetails(properties).getInvocations()
			.stream()
			.map((invocation) -> invocation.getMethod().getName())
			.collect(Collectors.toSet());
		assertThat(BeanUtils.getPropertyDescriptors(SwooleServerProperties.class))
			.filteredOn((property) -> property.getWriteMethod() != null && !READ_ELSEWHERE.contains(property.getName()))
			.hasSizeGreaterThan(60)
			.extracting((property) -> property.getReadMethod().getName())
			.isSubsetOf(read);
	}

	@Test
	void whenPropertiesAreSetThenBinds() {
		SwooleServerProperties properties = bind(Map.ofEntries(Map.entry("swoole.server.host", "0.0.0.0"),
				Map.entry("swoole.server.port", "9000"), Map.entry("swoole.server.mode", "process"),
				Map.entry("swoole.server.transport", "nio"), Map.entry("swoole.server.worker-num", "2"),
				Map.entry("swoole.server.reactor-num", "1"), Map.entry("swoole.server.task-worker-num", "3"),
				Map.entry("swoole.server.task-queue-capacity", "100"),
				Map.entry("swoole.server.dispatch-mode", "fixed"), Map.entry("swoole.server.max-wait-time", "500ms"),
				Map.entry("swoole.server.backlog", "64"), Map.entry("swoole.server.open-tcp-nodelay", "false"),
				Map.entry("swoole.server.socket-buffer-size", "16MB"),
				Map.entry("swoole.server.open-eof-split", "true"), Map.entry("swoole.server.package-eof", "\\n"),
				Map.entry("swoole.server.open-length-check", "true"),
				Map.entry("swoole.server.package-length-type", "n"),
				Map.entry("swoole.server.package-length-offset", "1"),
				Map.entry("swoole.server.package-body-offset", "3"),
				Map.entry("swoole.server.package-max-length", "10KB")));
		assertThat(properties.getHost()).isEqualTo("0.0.0.0");
		assertThat(properties.getPort()).isEqualTo(9000);
		assertThat(properties.getMode()).isEqualTo(ServerMode.PROCESS);
		assertThat(properties.getTransport()).isEqualTo(TransportType.NIO);
		assertThat(properties.getWorkerNum()).isEqualTo(2);
		assertThat(properties.getReactorNum()).isEqualTo(1);
		assertThat(properties.getTaskWorkerNum()).isEqualTo(3);
		assertThat(properties.getTaskQueueCapacity()).isEqualTo(100);
		assertThat(properties.getDispatchMode()).isEqualTo(DispatchMode.FIXED);
		assertThat(properties.getMaxWaitTime()).isEqualTo(Duration.ofMillis(500));
		assertThat(properties.getBacklog()).isEqualTo(64);
		assertThat(properties.isOpenTcpNodelay()).isFalse();
		assertThat(properties.getSocketBufferSize()).isEqualTo(DataSize.ofMegabytes(16));
		assertThat(properties.isOpenEofSplit()).isTrue();
		assertThat(properties.getPackageEof()).isEqualTo("\\n");
		assertThat(properties.isOpenLengthCheck()).isTrue();
		assertThat(properties.getPackageLengthType()).isEqualTo('n');
		assertThat(properties.getPackageLengthOffset()).isEqualTo(1);
		assertThat(properties.getPackageBodyOffset()).isEqualTo(3);
		assertThat(properties.getPackageMaxLength()).isEqualTo(DataSize.ofKilobytes(10));
	}

	@Test
	void whenPropertiesAreSetThenReachTheOptions() {
		SwooleServerProperties properties = bind(Map.ofEntries(Map.entry("swoole.server.host", "0.0.0.0"),
				Map.entry("swoole.server.port", "9000"), Map.entry("swoole.server.mode", "process"),
				Map.entry("swoole.server.transport", "nio"), Map.entry("swoole.server.worker-num", "2"),
				Map.entry("swoole.server.reactor-num", "1"), Map.entry("swoole.server.task-worker-num", "3"),
				Map.entry("swoole.server.task-queue-capacity", "100"),
				Map.entry("swoole.server.max-wait-time", "500ms"), Map.entry("swoole.server.backlog", "64"),
				Map.entry("swoole.server.open-tcp-nodelay", "false"),
				Map.entry("swoole.server.socket-buffer-size", "16MB"), Map.entry("swoole.server.package-eof", "\\x7e"),
				Map.entry("swoole.server.open-length-check", "true"),
				Map.entry("swoole.server.package-length-type", "n"),
				Map.entry("swoole.server.package-length-offset", "1"),
				Map.entry("swoole.server.package-body-offset", "3"),
				Map.entry("swoole.server.package-max-length", "10KB")));
		ServerOptions options = ServerOptionsFactory.create(properties, Stream.of());
		assertThat(options.mode()).isEqualTo(ServerMode.PROCESS);
		assertThat(options.transport()).isEqualTo(TransportType.NIO);
		assertThat(options.workerNum()).isEqualTo(2);
		assertThat(options.reactorNum()).isEqualTo(1);
		assertThat(options.taskWorkerNum()).isEqualTo(3);
		assertThat(options.taskQueueCapacity()).isEqualTo(100);
		assertThat(options.dispatchMode()).isEqualTo(DispatchMode.FIXED);
		assertThat(options.maxWaitTime()).isEqualTo(Duration.ofMillis(500));
		ListenerOptions main = options.listeners().get(0);
		assertThat(main.host()).isEqualTo("0.0.0.0");
		assertThat(main.port()).isEqualTo(9000);
		assertThat(main.backlog()).isEqualTo(64);
		assertThat(main.openTcpNodelay()).isFalse();
		assertThat(main.socketBufferSize()).isEqualTo(16 * 1024 * 1024);
		assertThat(main.packageEof()).containsExactly(0x7e);
		assertThat(main.openLengthCheck()).isTrue();
		assertThat(main.packageLengthType()).isEqualTo('n');
		assertThat(main.packageLengthOffset()).isEqualTo(1);
		assertThat(main.packageBodyOffset()).isEqualTo(3);
		assertThat(main.packageMaxLength()).isEqualTo(10 * 1024);
		assertThat(ServerOptionsFactory.create(bind(Map.of("swoole.server.open-eof-split", "true")), Stream.of())
			.listeners()
			.get(0)
			.openEofSplit()).isTrue();
	}

	/** LIFE-21. */
	@Test
	void whenSizeHasAUnitThenBindsAndGarbageFails() {
		assertThat(bind(Map.of("swoole.server.socket-buffer-size", "2MB")).getSocketBufferSize())
			.isEqualTo(DataSize.ofMegabytes(2));
		for (String garbage : new String[] { "much", "2 apples", "MB" }) {
			assertThatExceptionOfType(BindException.class)
				.isThrownBy(() -> bind(Map.of("swoole.server.socket-buffer-size", garbage)))
				.withMessageContaining("swoole.server.socket-buffer-size");
		}
	}

	/** LIFE-21. */
	@Test
	void whenUnitsAreMissingThenTakesThoseOfSwoole() {
		SwooleServerProperties properties = bind(Map.of("swoole.server.max-wait-time", "5",
				"swoole.server.socket-buffer-size", "1000", "swoole.server.package-max-length", "2000"));
		assertThat(properties.getMaxWaitTime()).isEqualTo(Duration.ofSeconds(5));
		assertThat(properties.getSocketBufferSize()).isEqualTo(DataSize.ofBytes(1000));
		assertThat(properties.getPackageMaxLength()).isEqualTo(DataSize.ofBytes(2000));
	}

	@Test
	void whenNamesAreThoseOfSwooleThenBinds() throws IOException {
		SwooleServerProperties properties = yaml(
				"swoole: { server: { task_worker_num: 4, open_eof_split: true, package_max_length: 100 } }");
		assertThat(properties.getTaskWorkerNum()).isEqualTo(4);
		assertThat(properties.isOpenEofSplit()).isTrue();
		assertThat(properties.getPackageMaxLength()).isEqualTo(DataSize.ofBytes(100));
	}

	@Test
	void whenNamesAreEnvironmentVariablesThenBinds() {
		SwooleServerProperties properties = bind(environment(new SystemEnvironmentPropertySource("systemEnvironment",
				Map.of("SWOOLE_SERVER_TASKWORKERNUM", "4", "SWOOLE_SERVER_PORT", "1"))));
		assertThat(properties.getTaskWorkerNum()).isEqualTo(4);
		assertThat(properties.getPort()).isEqualTo(1);
	}

	@Test
	void whenPackageMaxLengthIsTooLargeThenFails() {
		SwooleServerProperties properties = bind(Map.of("swoole.server.package-max-length", "2GB"));
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptionsFactory.create(properties, Stream.of()))
			.withMessage("Invalid value '2147483648B' for package-max-length of listener 'main': "
					+ "must be at most 2147483647 bytes");
	}

	/** Sizes that are counted in an {@code int}. */
	@ParameterizedTest
	@CsvSource({ "package-max-length, 2GB", "package-max-length, 2147483648", "package-max-length, 9000000GB",
			"kernel-socket-recv-buffer-size, 2GB", "kernel-socket-send-buffer-size, 4GB" })
	void whenSizeIsBeyondIntThenFailsNamingIt(String name, String size) {
		assertInvalid(name, size, "must be at most 2147483647 bytes");
	}

	@ParameterizedTest
	@CsvSource({ "package-max-length, -1, allowed are 1 byte to 1 GiB",
			"package-max-length, 0, allowed are 1 byte to 1 GiB", "package-max-length, -3GB, must not be negative",
			"kernel-socket-recv-buffer-size, -1B, must not be negative",
			"kernel-socket-recv-buffer-size, -3GB, must not be negative",
			"kernel-socket-send-buffer-size, -1KB, must not be negative",
			"buffer-high-watermark, -1, must be at least 1", "buffer-low-watermark, -1B, must be at least 0",
			"output-buffer-size, -1, must be at least 1", "output-buffer-size, 0, must be at least 1",
			"max-queued-bytes, -1MB, must" })
	void whenSizeIsTooSmallThenFailsNamingIt(String name, String size, String allowed) {
		assertInvalid(name, size, allowed);
	}

	private static void assertInvalid(String name, String size, String allowed) {
		SwooleServerProperties properties = bind(Map.of("swoole.server." + name, size));
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptionsFactory.create(properties, Stream.of()))
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo(name))
			.withMessageContaining("for " + name)
			.withMessageContaining(allowed);
	}

	@Test
	void whenThereAreCustomizersThenAppliesThemLast() {
		ServerOptions options = ServerOptionsFactory.create(bind(Map.of("swoole.server.task-worker-num", "1")),
				Stream.of((builder) -> builder.taskWorkerNum(2).port(1), (builder) -> builder.port(2)));
		assertThat(options.taskWorkerNum()).isEqualTo(2);
		assertThat(options.listeners().get(0).port()).isEqualTo(2);
	}

	/**
	 * Tests for {@code package-eof}, which is not to be trimmed.
	 */
	@Nested
	class PackageEof {

		@Test
		void whenYamlIsDoubleQuotedThenKeepsCharacters() throws IOException {
			assertEof(yaml("swoole.server.package-eof: \"\\r\\n\""), "\r\n");
			assertEof(yaml("swoole.server.package-eof: \"\\n\""), "\n");
			assertEof(yaml("swoole.server.package-eof: \" \""), " ");
			assertEof(yaml("swoole.server.package-eof: \"\\0\""), "\0");
			assertEof(yaml("swoole.server.package-eof: \"a \\t\""), "a \t");
		}

		@Test
		void whenYamlIsPlainOrSingleQuotedThenReadsEscapes() throws IOException {
			assertEof(yaml("swoole.server.package-eof: \\r\\n"), "\r\n");
			assertEof(yaml("swoole.server.package-eof: '\\r\\n'"), "\r\n");
			assertEof(yaml("swoole.server.package-eof: '\\x0d\\x00'"), "\r\0");
			assertEof(yaml("swoole.server.package-eof: ' \\n '"), " \n ");
		}

		@Test
		void whenPropertiesFileHasEscapesThenKeepsCharacters() throws IOException {
			assertEof(properties("swoole.server.package-eof=\\r\\n"), "\r\n");
			assertEof(properties("swoole.server.package-eof=\\n"), "\n");
			assertEof(properties("swoole.server.package-eof=;\\ "), "; ");
		}

		@Test
		void whenPropertiesFileHasDoubledBackslashesThenReadsEscapes() throws IOException {
			assertEof(properties("swoole.server.package-eof=\\\\r\\\\n"), "\r\n");
			assertEof(properties("swoole.server.package-eof=\\\\x7e"), "~");
		}

		@Test
		void whenSetOnCommandLineThenReadsEscapes() {
			assertEof(bind(Map.of("swoole.server.package-eof", "\\r\\n")), "\r\n");
		}

		private void assertEof(SwooleServerProperties properties, String expected) {
			assertThat(ServerOptionsFactory.create(properties, Stream.of()).listeners().get(0).packageEof())
				.isEqualTo(expected.getBytes(StandardCharsets.UTF_8));
		}

		private SwooleServerProperties properties(String text) throws IOException {
			return load(new PropertiesPropertySourceLoader(), text);
		}

	}

	/**
	 * Tests for {@code dispatch-mode}.
	 */
	@Nested
	class DispatchModes {

		@ParameterizedTest
		@ValueSource(strings = { "2", "'2'", "fixed", "FIXED", "Fixed" })
		void whenModeIsNameOrNumberThenBinds(String value) throws IOException {
			assertThat(yaml("swoole.server.dispatch-mode: " + value).getDispatchMode()).isEqualTo(DispatchMode.FIXED);
		}

		@ParameterizedTest
		@ValueSource(strings = { "0", "99", "round" })
		void whenModeIsUnknownThenFails(String value) {
			assertThatExceptionOfType(BindException.class)
				.isThrownBy(() -> yaml("swoole.server.dispatch-mode: " + value))
				.havingRootCause()
				.withMessageStartingWith("There is no dispatch mode '" + value + "': allowed are 1 or round-robin");
		}

	}

	private static SwooleServerProperties yaml(String text) throws IOException {
		return load(new YamlPropertySourceLoader(), text);
	}

	private static SwooleServerProperties load(PropertySourceLoader loader, String text) throws IOException {
		return bind(
				environment(loader.load("test", new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8))).get(0)));
	}

	private static SwooleServerProperties bind(Map<String, String> properties) {
		return bind(environment(new MapPropertySource("test", new HashMap<>(properties))));
	}

	private static Environment environment(PropertySource<?> source) {
		MockEnvironment environment = new MockEnvironment();
		environment.getPropertySources().addFirst(source);
		ConfigurationPropertySources.attach(environment);
		return environment;
	}

	private static SwooleServerProperties bind(Environment environment) {
		ApplicationConversionService conversionService = new ApplicationConversionService();
		conversionService.addConverter(new DispatchModeConverter());
		return new Binder(ConfigurationPropertySources.get(environment),
				new PropertySourcesPlaceholdersResolver(environment), conversionService)
			.bindOrCreate("swoole.server", SwooleServerProperties.class);
	}

}
