package io.swoole.spring.observability;

import io.swoole.server.ServerStats;
import io.swoole.server.SwooleServer;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether the server does its work: up while it runs, down when it does not, and when so
 * many threads of workers have been given up that no more may be.
 * <p>
 * Auto-configured; a bean named {@code swooleHealthIndicator} takes its place.
 */
public final class SwooleServerHealthIndicator extends AbstractHealthIndicator {

	private final SwooleServer server;

	private final int maxAbandonedThreads;

	/**
	 * Creates an indicator.
	 * @param server the server
	 * @param maxAbandonedThreads from how many threads on the server is down, 0: never
	 */
	public SwooleServerHealthIndicator(SwooleServer server, int maxAbandonedThreads) {
		super("The server does not run");
		this.server = server;
		this.maxAbandonedThreads = maxAbandonedThreads;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		if (!this.server.isRunning()) {
			builder.down().withDetail("reason", "The server does not run");
			return;
		}
		ServerStats stats = this.server.stats();
		builder.up();
		if (this.maxAbandonedThreads > 0 && stats.abandonedThreadNum() >= this.maxAbandonedThreads) {
			builder.down()
				.withDetail("reason", "Handlers do not end: as many threads as task-max-abandoned-threads allows have"
						+ " been given up, and workers that are held up are no longer replaced");
		}
		builder.withDetail("connections", stats.connectionNum())
			.withDetail("openTasks", stats.openTaskNum())
			.withDetail("abandonedThreads", stats.abandonedThreadNum());
	}

}
