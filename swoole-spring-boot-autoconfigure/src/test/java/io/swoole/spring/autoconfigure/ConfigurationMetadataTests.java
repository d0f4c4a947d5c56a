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
		Stream<String> names = Arrays.stream(BeanUtils.getPropertyDescriptors(SwooleServerProperties.class))
			.filter((property) -> property.getWriteMethod() != null)
			.map((property) -> "swoole.server." + DataObjectPropertyName.toDashedForm(property.getName()));
		assertThat(this.properties).extracting((property) -> property.get("name"))
			.containsExactlyInAnyOrderElementsOf(
					Stream.concat(names, Stream.of("swoole.server.enabled", "swoole.server.task-context-propagation"))
						.toList());
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
