package io.swoole.greeting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The examples of {@code docs/testing.md} are those of this package, line by line.
 */
class TestingDocumentTests {

	private static final Pattern EXAMPLE = Pattern.compile("```(?:java|yaml)\\R(.*?)```", Pattern.DOTALL);

	@Test
	void whenDocumentHasExampleThenItIsCompiledHere() throws IOException {
		List<String> sources = sources();
		List<String> examples = EXAMPLE.matcher(Files.readString(Path.of("../docs/testing.md")))
			.results()
			.map((MatchResult match) -> lines(match.group(1)))
			.toList();
		assertThat(examples).hasSizeGreaterThan(5)
			.allSatisfy((example) -> assertThat(sources).anySatisfy((source) -> assertThat(source).contains(example)));
	}

	private static List<String> sources() throws IOException {
		try (Stream<Path> files = Files.walk(Path.of("src/test"))) {
			return files.filter(Files::isRegularFile).map(TestingDocumentTests::read).toList();
		}
	}

	private static String read(Path file) {
		try {
			return lines(Files.readString(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The format of the sources has tabs where the document has spaces. */
	private static String lines(String text) {
		return text.lines().map(String::strip).filter((line) -> !line.isEmpty()).collect(Collectors.joining("\n"));
	}

}
