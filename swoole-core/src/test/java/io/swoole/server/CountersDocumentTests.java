package io.swoole.server;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of {@code docs/counters.md} has every counter once.
 */
class CountersDocumentTests {

	private static final Pattern NAME = Pattern.compile("`(\\w+)`");

	@Test
	void whenSomethingIsCountedThenDocumentSaysWhat() throws IOException {
		List<String> documented = Files.readAllLines(Path.of("../docs/counters.md"))
			.stream()
			.filter((line) -> line.startsWith("| `"))
			.flatMap((row) -> NAME.matcher(row.split("\\|")[1]).results())
			.map((MatchResult name) -> name.group(1))
			.toList();
		List<String> counted = Arrays.stream(ServerStats.class.getRecordComponents())
			.map(RecordComponent::getName)
			.toList();
		assertThat(documented).containsExactlyInAnyOrderElementsOf(counted);
	}

}
