package io.swoole.server.engine;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import ch.qos.logback.classic.Level;
import io.netty.channel.embedded.EmbeddedChannel;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import io.swoole.server.limit.ConnectionLimit;
import io.swoole.server.limit.Refusals;
import io.swoole.testing.LogCapture;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AcceptHandler}.
 */
class AcceptHandlerTests {

	/** LIMIT-04. */
	@Test
	void whenAcceptFailsThenPausesForOneSecond() {
		ConnectionLimit limit = new ConnectionLimit(ServerOptions.builder().build());
		EmbeddedChannel listener = new EmbeddedChannel(
				new AcceptHandler(ListenerOptions.builder("main").build(), limit, new Refusals(new LongAdder())));
		listener.freezeTime();
		try (LogCapture log = LogCapture.of("io.swoole", Level.DEBUG)) {
			listener.pipeline().fireExceptionCaught(new IOException("accept(..) failed: Too many open files"));
			listener.pipeline().fireExceptionCaught(new IOException("accept(..) failed: Too many open files"));
			assertThat(listener.config().isAutoRead()).isFalse();
			assertThat(log.messages(Level.WARN)).first().asString().contains("'main'", "Too many open files", "ulimit");
			assertThat(log.stackTraces()).first().asString().contains("IOException", "Too many open files");
		}
		listener.advanceTimeBy(999, TimeUnit.MILLISECONDS);
		listener.runScheduledPendingTasks();
		assertThat(listener.config().isAutoRead()).isFalse();
		listener.advanceTimeBy(1, TimeUnit.MILLISECONDS);
		listener.runScheduledPendingTasks();
		assertThat(listener.config().isAutoRead()).isTrue();
		listener.checkException();
		listener.close();
	}

}
