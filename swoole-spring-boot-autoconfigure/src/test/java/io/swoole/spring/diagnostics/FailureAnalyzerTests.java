package io.swoole.spring.diagnostics;

import java.util.Map;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.PortInUseException;
import org.junit.jupiter.api.Test;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the failure analyzers.
 */
class FailureAnalyzerTests {

	private final MockEnvironment environment = new MockEnvironment();

	@Test
	void whenPortIsInUseThenSaysWhichAndWhatToDo() {
		FailureAnalysis analysis = analyze(new PortInUseException("main", "127.0.0.1", 9501, new RuntimeException()));
		assertThat(analysis.getDescription())
			.isEqualTo("The server could not listen on 127.0.0.1:9501, as another program does so already.");
		assertThat(analysis.getAction()).isEqualTo("Stop the program that listens on port 9501, or set "
				+ "swoole.server.port to another port (0: any free port).");
	}

	@Test
	void whenOptionIsInvalidThenNamesPropertyAndOrigin() {
		this.environment.getPropertySources()
			.addFirst(new OriginTrackedMapPropertySource("test", Map.of("swoole.server.package_eof",
					OriginTrackedValue.of("123456789", new TextOrigin("application.yml:3")))));
		FailureAnalysis analysis = analyze(
				new InvalidOptionException("main", "package-eof", "12345678\n", "must be 1 to 8 bytes, but is 9"));
		assertThat(analysis.getDescription()).isEqualToNormalizingNewlines("""
				Property 'swoole.server.package-eof' has an invalid value:

				    Value: "12345678\\n"
				    Origin: application.yml:3
				    Reason: must be 1 to 8 bytes, but is 9""");
		assertThat(analysis.getAction()).isEqualTo("Correct the value of 'swoole.server.package-eof'.");
	}

	@Test
	void whenOptionHasAKeyThenFindsItAtTheListener() {
		TextOrigin origin = new TextOrigin("application.yml:9");
		this.environment.getPropertySources()
			.addFirst(new OriginTrackedMapPropertySource("test",
					Map.of("swoole.server.listeners[0].name", "first", "swoole.server.listeners[1].name", "second",
							"swoole.server.listeners[1].ssl.sni[a.*.test]", OriginTrackedValue.of("a", origin))));
		assertThat(analyze(new InvalidOptionException("second", "ssl.sni[a.*.test]", "a.*.test", "not allowed"))
			.getDescription()).contains("'swoole.server.listeners[1].ssl.sni[a.*.test]'").contains("application.yml:9");
		assertThat(analyze(new InvalidOptionException("second", "ssl.sni", "a.*.test", "not allowed")).getAction())
			.isEqualTo("Correct the value of 'swoole.server.listeners[1].ssl.sni'.");
		assertThat(analyze(new InvalidOptionException("main", "ssl.sni[]", "", "not allowed")).getDescription())
			.contains("swoole.server.ssl.sni[]");
	}

	@Test
	void whenInvalidOptionIsNoPropertyThenSaysWhoSetIt() {
		FailureAnalysis analysis = analyze(new InvalidOptionException("", "worker-num", -1, "must not be negative"));
		assertThat(analysis.getDescription()).contains("Property 'swoole.server.worker-num'").doesNotContain("Origin");
		assertThat(analysis.getAction()).isEqualTo("Correct the value of 'swoole.server.worker-num'. It is not "
				+ "configured, so it is the default or set by a SwooleServerCustomizer.");
	}

	private FailureAnalysis analyze(Throwable failure) {
		return SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, ArgumentResolver.of(Environment.class, this.environment),
					(type, name, ex) -> assertThat(name).doesNotStartWith("io.swoole"))
			.stream()
			.filter((analyzer) -> analyzer.getClass().getPackage() == FailureAnalyzerTests.class.getPackage())
			.map((analyzer) -> analyzer.analyze(new IllegalStateException(failure)))
			.filter((analysis) -> analysis != null)
			.findFirst()
			.orElseThrow();
	}

	private record TextOrigin(String text) implements Origin {

		@Override
		public String toString() {
			return this.text;
		}

	}

}
