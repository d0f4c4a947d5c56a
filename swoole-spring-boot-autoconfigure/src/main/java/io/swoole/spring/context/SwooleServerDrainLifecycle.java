package io.swoole.spring.context;

import java.time.Duration;

import io.swoole.server.SwooleServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Lets the server finish its work when the application context stops: after the graceful
 * phase of a web server, whose last requests can still post tasks. Before that the
 * application ceases to be ready for traffic. Infrastructure, nothing for applications to
 * use.
 *
 * @see SwooleServerStartStopLifecycle
 */
public final class SwooleServerDrainLifecycle implements SmartLifecycle {

	/** The phase. */
	public static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1280;

	private static final Logger logger = LoggerFactory.getLogger(SwooleServerDrainLifecycle.class);

	private final ApplicationContext context;

	private final ServerTermination termination;

	private volatile boolean running;

	/**
	 * Creates a lifecycle.
	 * @param context the application context
	 * @param server the server to drain
	 * @param maxWaitTime how long running and queued work may take
	 */
	public SwooleServerDrainLifecycle(ApplicationContext context, SwooleServer server, Duration maxWaitTime) {
		this.context = context;
		this.termination = new ServerTermination(server, maxWaitTime);
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		refuseTraffic();
		this.termination.shutdownAndAwait();
	}

	@Override
	public void stop(Runnable callback) {
		this.running = false;
		refuseTraffic();
		this.termination.shutdownAndAwait(callback);
	}

	private void refuseTraffic() {
		try {
			AvailabilityChangeEvent.publish(this.context, ReadinessState.REFUSING_TRAFFIC);
		}
		catch (RuntimeException ex) {
			// of a listener, which must not keep the server from stopping
			logger.warn("The application context could not be told that the server stops", ex);
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

}
