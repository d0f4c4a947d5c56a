package io.swoole.spring;

import java.io.IOException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.swoole.testing.LeakCheck;
import io.swoole.testing.OpenBuffers;
import org.junit.jupiter.api.Test;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The tests of this module look for what they leave behind, as those of the core do, see
 * {@link LeakCheck}.
 */
class LeakCheckTests {

	@Test
	void whenBufferIsOpenThenIsSeen() {
		ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer();
		assertThat(OpenBuffers.any()).isTrue();
		buffer.release();
		assertThat(OpenBuffers.any()).isFalse();
	}

	@Test
	void whenTestsRunThenExtensionsOfTheFixturesAreFound() throws IOException {
		assertThat(PropertiesLoaderUtils.loadProperties(new ClassPathResource("junit-platform.properties")))
			.containsEntry("junit.jupiter.extensions.autodetection.enabled", "true");
		assertThat(new ClassPathResource("META-INF/services/org.junit.jupiter.api.extension.Extension").exists())
			.isTrue();
	}

}
