package io.swoole.spring.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ListenerType;
import io.swoole.server.ServerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link AdditionalListeners}: PORT-01, PORT-02, SSL-09.
 */
class AdditionalListenersTests {

	@Test
	void whenListenersAreConfiguredThenTheyFollowMain() {
		ServerOptions options = yaml("""
				swoole:
				  server:
				    port: 9501
				    listeners:
				      - name: admin
				        port: 9502
				        host: 127.0.0.2
				        open-eof-split: true
				        package_eof: "\\\\n"
				        heartbeat-idle-time: 30
				      - name: events
				        type: udp
				        port: 0
				      - name: local
				        type: unix-stream
				        host: /run/app.sock
				        unix-socket-permissions: "0660"
				""");
		assertThat(options.listeners())
			.extracting(ListenerOptions::name, ListenerOptions::type, ListenerOptions::host, ListenerOptions::port)
			.containsExactly(tuple("main", ListenerType.TCP, "127.0.0.1", 9501),
					tuple("admin", ListenerType.TCP, "127.0.0.2", 9502),
					tuple("events", ListenerType.UDP, "127.0.0.1", 0),
					tuple("local", ListenerType.UNIX_STREAM, "/run/app.sock", 0));
		ListenerOptions admin = options.listeners().get(1);
		assertThat(admin.openEofSplit()).isTrue();
		assertThat(admin.packageEof()).isEqualTo(new byte[] { '\n' });
		assertThat(admin.heartbeatIdleTime()).isEqualTo(Duration.ofSeconds(30));
		assertThat(options.listeners().get(3).unixSocketPermissions()).isEqualTo("0660");
	}

	@Test
	void whenListenerSetsNoFramingThenHasThatOfMain() {
		ListenerOptions second = second("open-length-check=true", "package-length-type=n", "package-body-offset=2",
				"package-max-length=1KB", "listeners[0].backlog=64");
		assertThat(second.openLengthCheck()).isTrue();
		assertThat(second.packageLengthType()).isEqualTo('n');
		assertThat(second.packageBodyOffset()).isEqualTo(2);
		assertThat(second.packageMaxLength()).isEqualTo(1024);
		assertThat(second.backlog()).isEqualTo(64);
	}

	@ParameterizedTest
	@CsvSource({ "listeners[0].open-eof-split=true", "listeners[0].open_length_check=false",
			"listeners[0].openMqttProtocol=true", "listeners[0].ssl-allow-self-signed=false" })
	void whenListenerSetsSomeFramingThenHasNoneOfMain(String setting) {
		ListenerOptions second = second("open-length-check=true", "package-length-type=n", "package-body-offset=2",
				"heartbeat-idle-time=20", "max-idle-time=10", "listeners[0].max-idle-time=5", setting);
		assertThat(second.openLengthCheck()).isFalse();
		assertThat(second.packageLengthType()).isEqualTo('N');
		assertThat(second.packageBodyOffset()).isEqualTo(4);
		// everything else one by one
		assertThat(second.heartbeatIdleTime()).isEqualTo(Duration.ofSeconds(20));
		assertThat(second.maxIdleTime()).isEqualTo(Duration.ofSeconds(5));
	}

	@Test
	void whenListenerSetsAListThenMainKeepsItsOwn() {
		ServerOptions options = options("allow-from=10.0.0.0/8,127.0.0.1", "deny-from=10.9.0.0/16",
				"listeners[0].name=second", "listeners[0].port=0", "listeners[0].allow-from=::1");
		assertThat(options.listeners().get(0).allowFrom()).containsExactly("10.0.0.0/8", "127.0.0.1");
		assertThat(options.listeners().get(1).allowFrom()).containsExactly("::1");
		assertThat(options.listeners().get(1).denyFrom()).containsExactly("10.9.0.0/16");
	}

	@ParameterizedTest
	@CsvSource({ "tcp, 192.0.2.1, tcp, 192.0.2.1", "tcp, 192.0.2.1, udp, 192.0.2.1", "tcp, 192.0.2.1, tcp6, ::1",
			"tcp6, 2001:db8::1, udp6, 2001:db8::1", "tcp6, 2001:db8::1, tcp, 127.0.0.1",
			"unix-stream, /run/a.sock, tcp, 127.0.0.1" })
	void whenListenerSetsNoHostThenHasThatOfMainIfItFits(String mainType, String host, String type, String expected) {
		ListenerOptions second = second("type=" + mainType, "host=" + host, "listeners[0].type=" + type);
		assertThat(second.host()).isEqualTo(expected);
	}

	@Test
	void whenMainHasATypeThenOthersHaveTheirOwn() {
		assertThat(second("type=udp").type()).isEqualTo(ListenerType.TCP);
	}

	@Test
	void whenListenerTakesDatagramsThenInheritsNothingThatNeedsConnections() {
		ListenerOptions second = second("open-eof-split=true", "proxy-protocol=true", "allow-from=127.0.0.1",
				"listeners[0].type=udp");
		assertThat(second.openEofSplit()).isFalse();
		assertThat(second.proxyProtocol()).isFalse();
		assertThat(second.allowFrom()).containsExactly("127.0.0.1");
		ListenerOptions unix = second("allow-from=127.0.0.1", "listeners[0].type=unix-stream", "listeners[0].host=/a");
		assertThat(unix.allowFrom()).isEmpty();
	}

	@Test
	void whenListenerForDatagramsHasFramingOfItsOwnThenStartFails() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> second("listeners[0].type=udp", "listeners[0].open-eof-split=true"))
			.withMessageContaining("open-eof-split of listener 'second'");
	}

	@Test
	void whenListenerHasNoNameOrPortThenStartFails() {
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> options("listeners[0].port=1"))
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("listeners[0].name"));
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> options("listeners[0].name=main", "listeners[0].port=1"))
			.withMessageContaining("another listener has this name already");
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> options("listeners[0].name=a", "listeners[0].port=1", "listeners[1].name=a",
					"listeners[1].port=2"))
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("listeners[1].name"));
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> options("listeners[0].name=second"))
			.withMessageContaining("port of listener 'second'");
	}

	@Test
	void whenYamlReadsPermissionsAsANumberThenStartFails() {
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> yaml("""
				swoole:
				  server:
				    type: unix-stream
				    host: /run/app.sock
				    unix-socket-permissions: 0660
				""")).withMessageContaining("in YAML in quotes");
	}

	/** SSL-09. */
	@Test
	void whenYamlHasHostNamesInBracketsThenTheyAreKept() {
		MockEnvironment environment = yamlEnvironment("""
				swoole:
				  server:
				    ssl:
				      sni:
				        "[a.test]": one
				        "[*.b.test]": two
				        c.test: three
				""");
		ConfigurationPropertySources.attach(environment);
		SwooleServerProperties properties = Binder.get(environment)
			.bindOrCreate("swoole.server", SwooleServerProperties.class);
		assertThat(properties.getSsl().getSni())
			.isEqualTo(Map.of("a.test", "one", "*.b.test", "two", "c.test", "three"));
		LostWildcards.check(environment);
	}

	/** SSL-09: the binder would read another name. */
	@Test
	void whenWildcardIsNotInBracketsThenStartFails() {
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> LostWildcards.check(yamlEnvironment("""
				swoole:
				  server:
				    listeners:
				      - name: admin
				        ssl:
				          sni:
				            "*.b.test": one
				""")))
			.withMessageContaining("Invalid value '*.b.test' for listeners[0].ssl.sni")
			.withMessageContaining("'[*.b.test]', in YAML also in quotes");
	}

	@Test
	void whenCustomizerNamesAListenerThenItChangesIt() {
		SwooleServerCustomizer customizer = (builder) -> builder.listener("second", (listener) -> listener.backlog(7));
		ServerOptions options = options(environment("listeners[0].name=second", "listeners[0].port=0"), customizer);
		assertThat(options.listeners()).hasSize(2);
		assertThat(options.listeners().get(1).backlog()).isEqualTo(7);
	}

	private static ListenerOptions second(String... settings) {
		ServerOptions options = options(
				Stream.concat(Stream.of("listeners[0].name=second", "listeners[0].port=0"), Stream.of(settings))
					.toArray(String[]::new));
		return options.listeners().get(1);
	}

	private static ServerOptions options(String... settings) {
		return options(environment(settings));
	}

	private static ServerOptions yaml(String yaml) {
		return options(yamlEnvironment(yaml));
	}

	private static MockEnvironment yamlEnvironment(String yaml) {
		MockEnvironment environment = new MockEnvironment();
		try {
			List<PropertySource<?>> sources = new YamlPropertySourceLoader().load("test",
					new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)));
			sources.forEach(environment.getPropertySources()::addFirst);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return environment;
	}

	private static MockEnvironment environment(String... settings) {
		Map<String, Object> properties = new LinkedHashMap<>();
		for (String setting : settings) {
			int equals = setting.indexOf('=');
			properties.put("swoole.server." + setting.substring(0, equals), setting.substring(equals + 1));
		}
		MockEnvironment environment = new MockEnvironment();
		environment.getPropertySources().addFirst(new MapPropertySource("test", properties));
		return environment;
	}

	private static ServerOptions options(MockEnvironment environment, SwooleServerCustomizer... customizers) {
		ConfigurationPropertySources.attach(environment);
		SwooleServerProperties properties = Binder.get(environment)
			.bindOrCreate("swoole.server", SwooleServerProperties.class);
		SwooleServerCustomizer listeners = new ListenersCustomizer(properties,
				AdditionalListeners.read(properties, environment), new StaticListableBeanFactory(),
				new SslContexts(null));
		return ServerOptionsFactory.create(properties, Stream.concat(Stream.of(listeners), Stream.of(customizers)));
	}

}
