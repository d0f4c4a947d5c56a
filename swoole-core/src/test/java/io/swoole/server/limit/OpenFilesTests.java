package io.swoole.server.limit;

import java.lang.management.ManagementFactory;

import com.sun.management.UnixOperatingSystemMXBean;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link OpenFiles}.
 */
class OpenFilesTests {

	@Test
	void whenLimitIsReadThenItIsWhatTheManagementBeanTells() {
		assumeTrue(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean);
		long expected = ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
			.getMaxFileDescriptorCount();
		assertThat(OpenFiles.limit()).isEqualTo((expected > 0) ? expected : Long.MAX_VALUE);
	}

	@Test
	void whenSoftAndHardLimitDifferThenTheSoftOneCounts() {
		String limits = """
				Limit                     Soft Limit           Hard Limit           Units
				Max core file size        0                    unlimited            bytes
				Max open files            1024                 524288               files
				Max locked memory         8388608              8388608              bytes
				""";
		assertThat(OpenFiles.parse(limits)).isEqualTo(1024);
	}

	@Test
	void whenThereIsNoLimitThenItIsTheGreatestNumber() {
		assertThat(OpenFiles.parse("Max open files            unlimited            unlimited            files"))
			.isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void whenTheLineIsMissingThenItIsNotGuessed() {
		assertThatExceptionOfType(NumberFormatException.class).isThrownBy(() -> OpenFiles.parse("Max processes 1"));
	}

}
