package io.swoole.spring.observability;

import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import io.swoole.server.ServerStats;
import io.swoole.server.SwooleServer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the counters of a server once for all meters that are read together.
 */
final class Snapshots {

	private static final long LIFETIME = TimeUnit.MILLISECONDS.toNanos(100);

	private final SwooleServer server;

	private @Nullable ServerStats stats;

	private long readAt;

	Snapshots(SwooleServer server) {
		this.server = server;
	}

	/** A value of now, {@code NaN} while the server does not run. */
	synchronized double now(ToDoubleFunction<ServerStats> value) {
		ServerStats current = this.server.isRunning() ? read() : null;
		return (current != null) ? value.applyAsDouble(current) : Double.NaN;
	}

	/** A value of now, or when the server last ran: a counter does not go. */
	synchronized double latest(ToDoubleFunction<ServerStats> value) {
		ServerStats current = this.server.isRunning() ? read() : this.stats;
		return (current != null) ? value.applyAsDouble(current) : 0;
	}

	private @Nullable ServerStats read() {
		long now = System.nanoTime();
		if (this.stats == null || now - this.readAt > LIFETIME) {
			try {
				this.stats = this.server.stats();
				this.readAt = now;
			}
			catch (IllegalStateException ex) {
				// it has stopped in between
			}
		}
		return this.stats;
	}

}
