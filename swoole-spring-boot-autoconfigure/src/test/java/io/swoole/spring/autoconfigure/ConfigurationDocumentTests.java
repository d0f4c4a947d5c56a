package io.swoole.spring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares {@code docs/configuration.md} with the metadata of the properties. What must
 * be pasted into the page, or removed from it, is in the message of a failure.
 */
class ConfigurationDocumentTests {

	private static final Path PAGE = Path.of("..", "docs", "configuration.md");

	private static final String LISTENER_SECTION = "## Listeners";

	private final List<PropertyRow> properties = ConfigurationMetadata.properties()
		.stream()
		.map(PropertyRow::new)
		.toList();

	@Test
	void whenPropertyExistsThenPageHasItsRow() throws IOException {
		List<String> documented = rows((section) -> true);
		List<String> expected = this.properties.stream().map(PropertyRow::toString).toList();
		List<String> missing = expected.stream().filter((row) -> !documented.contains(row)).toList();
		List<String> wrong = documented.stream().filter((row) -> !expected.contains(row)).toList();
		assertThat(missing)
			.as("rows to paste into %s:%n%n%s%n%nin the place of:%n%n%s%n", PAGE,
					String.join(System.lineSeparator(), missing), String.join(System.lineSeparator(), wrong))
			.isEmpty();
		assertThat(wrong).as("rows to remove from %s:%n%n%s%n", PAGE, String.join(System.lineSeparator(), wrong))
			.isEmpty();
		assertThat(documented).as("each property has one row").doesNotHaveDuplicates();
	}

	@Test
	void whenSettingOfSwooleIsNamedThenPropertyExists() {
		assertThat(PropertyRow.named()).doesNotHaveDuplicates()
			.isSubsetOf(this.properties.stream().map(PropertyRow::name).toList());
	}

	@Test
	void whenPropertyIsOneOfListenersThenRowIsInTheirSection() throws IOException {
		Set<String> ofListeners = Arrays.stream(BeanUtils.getPropertyDescriptors(ListenerProperties.class))
			.filter((property) -> property.getWriteMethod() != null)
			.map((property) -> DataObjectPropertyName.toDashedForm(property.getName()))
			.collect(Collectors.toSet());
		List<String> expected = this.properties.stream()
			.filter((row) -> ofListeners.contains(row.name().replaceAll("\\..*", "")))
			.map(PropertyRow::toString)
			.toList();
		assertThat(rows(LISTENER_SECTION::equals)).as("rows below '%s'", LISTENER_SECTION)
			.containsExactlyInAnyOrderElementsOf(expected);
	}

	private static List<String> rows(Predicate<String> sections) throws IOException {
		List<String> rows = new ArrayList<>();
		String section = "";
		for (String line : Files.readAllLines(PAGE)) {
			if (line.startsWith("## ")) {
				section = line;
			}
			else if (line.startsWith("| `") && sections.test(section)) {
				rows.add(line);
			}
		}
		return rows;
	}

}
