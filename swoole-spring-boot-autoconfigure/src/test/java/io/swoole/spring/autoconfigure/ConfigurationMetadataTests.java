package io.swoole.spring.autoconfigure;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the metadata of the properties.
 */
class ConfigurationMetadataTests {

	private final List<Map<String, Object>> properties = ConfigurationMetadata.properties();

	@Test
	void whenPropertyExistsThenHasMetadata() {
		Stream<String> names = Stream.concat(
				names(SwooleServerProperties.class, "swoole.server.").filter((name) -> !name.endsWith(".ssl")),
				names(ListenerProperties.Ssl.class, "swoole.server.ssl."));
		assertThat(this.properties).extracting((property) -> property.get("name"))
			.containsExactlyInAnyOrderElementsOf(
					Stream.concat(names, Stream.of("swoole.server.enabled", "swoole.server.task-context-propagation"))
						.toList());
	}

	private static Stream<String> names(Class<?> type, String prefix) {
		return Arrays.stream(BeanUtils.getPropertyDescriptors(type))
			.filter((property) -> property.getWriteMethod() != null)
			.map((property) -> prefix + DataObjectPropertyName.toDashedForm(property.getName()));
	}

	@Test
	void whenPropertyHasMetadataThenIsDescribed() {
		assertThat(this.properties).allSatisfy((property) -> {
			String description = (String) property.get("description");
			assertThat(description).isNotBlank().endsWith(".").doesNotStartWith("The ").doesNotStartWith("A ");
			if ("java.lang.Boolean".equals(property.get("type"))) {
				assertThat(description).startsWith("Whether ");
			}
		});
	}

}
