package io.swoole.spring.context;

import java.time.Duration;

import io.swoole.server.SwooleServer;

import org.springframework.context.SmartLifecycle;

/**
 * Lets the server finish its work when the application context stops: after the graceful
 * phase of a web server, whose last requests can still post tasks. Infrastructure,
 * nothing for applications to use.
 *
 * @see SwooleServerStartStopLifecycle
 */
public final class SwooleServerDrainLifecycle implements SmartLifecycle {

	/** The phase. */
	public static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1280;

	private final ServerTermination termination;

	private volatile boolean running;

	/**
	 * Creates a lifecycle.
	 * @param server the server to drain
	 * @param maxWaitTime how long running and queued work may take
	 */
	public SwooleServerDrainLifecycle(SwooleServer server, Duration maxWaitTime) {
		this.termination = new ServerTermination(server, maxWaitTime);
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		this.termination.shutdownAndAwait();
	}

	@Override
	public void stop(Runnable callback) {
		this.running = false;
		this.termination.shutdownAndAwait(callback);
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
