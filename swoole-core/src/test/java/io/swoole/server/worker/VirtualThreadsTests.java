package io.swoole.server.worker;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link VirtualThreads}.
 */
class VirtualThreadsTests {

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenJvmHasVirtualThreadsThenFactoryMakesThem() throws Exception {
		ThreadFactory factory = VirtualThreads.factory("swoole-worker-7");
		AtomicReference<Thread> seen = new AtomicReference<>();
		Thread thread = factory.newThread(() -> seen.set(Thread.currentThread()));
		thread.start();
		thread.join();
		assertThat(VirtualThreads.isSupported()).isTrue();
		assertThat(seen.get()).isSameAs(thread);
		assertThat(thread.getName()).isEqualTo("swoole-worker-7");
		assertThat(thread.getClass().getSimpleName()).isEqualTo("VirtualThread");
	}

	@Test
	@EnabledForJreRange(max = JRE.JAVA_20)
	void whenJvmHasNoVirtualThreadsThenSaysSo() {
		assertThat(VirtualThreads.isSupported()).isFalse();
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> VirtualThreads.factory("x"))
			.withMessageContaining("Java 21");
	}

}
