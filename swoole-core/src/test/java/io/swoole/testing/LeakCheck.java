package io.swoole.testing;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Fails a test that leaves a thread of a server or a buffer behind. Registered for every
 * test; classes marked {@link SharedServer} are checked after their last test.
 */
public final class LeakCheck implements AfterEachCallback, AfterAllCallback {

	@Override
	public void afterEach(ExtensionContext context) {
		if (!context.getRequiredTestClass().isAnnotationPresent(SharedServer.class)) {
			check();
		}
	}

	@Override
	public void afterAll(ExtensionContext context) {
		check();
	}

	private static void check() {
		if (serverThreads().isEmpty() && !OpenBuffers.any()) {
			return;
		}
		Awaitility.await("no thread of a server is left")
			.atMost(Duration.ofSeconds(10))
			.pollInterval(Duration.ofMillis(5))
			.untilAsserted(() -> assertThat(serverThreads()).isEmpty());
		Awaitility.await("no buffer is left")
			.atMost(Duration.ofSeconds(5))
			.pollInterval(Duration.ofMillis(5))
			.until(() -> !OpenBuffers.any());
	}

	private static List<String> serverThreads() {
		ThreadGroup group = Thread.currentThread().getThreadGroup();
		while (group.getParent() != null) {
			group = group.getParent();
		}
		Thread[] threads = new Thread[2 * group.activeCount() + 100];
		int count = group.enumerate(threads);
		return Stream.of(threads)
			.limit(count)
			.map(Thread::getName)
			.filter((name) -> name.startsWith("swoole-"))
			.toList();
	}

}
