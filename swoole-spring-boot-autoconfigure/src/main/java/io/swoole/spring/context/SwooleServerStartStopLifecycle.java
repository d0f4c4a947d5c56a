package io.swoole.spring.context;

import java.time.Duration;

import io.swoole.server.SwooleServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the server with the application context and makes sure that it has stopped with
 * it. Infrastructure, nothing for applications to use.
 *
 * @see SwooleServerDrainLifecycle
 */
public final class SwooleServerStartStopLifecycle implements SmartLifecycle, DisposableBean {

	/**
	 * The phase, that of Boot's web servers: beans of the default phase start later and
	 * stop earlier.
	 */
	public static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 2048;

	private static final String SHUTDOWN_PHASE_TIMEOUT = "spring.lifecycle.timeout-per-shutdown-phase";

	private static final Logger logger = LoggerFactory.getLogger(SwooleServerStartStopLifecycle.class);

	private final ConfigurableApplicationContext context;

	private final SwooleServer server;

	private final Duration maxWaitTime;

	private final ServerTermination termination;

	private volatile boolean running;

	private boolean startedBefore;

	/**
	 * Creates a lifecycle.
	 * @param context the application context
	 * @param server the server to start and stop
	 * @param maxWaitTime how long running and queued work may take at the stop
	 */
	public SwooleServerStartStopLifecycle(ConfigurableApplicationContext context, SwooleServer server,
			Duration maxWaitTime) {
		this.context = context;
		this.server = server;
		this.maxWaitTime = maxWaitTime;
		this.termination = new ServerTermination(server, maxWaitTime);
	}

	@Override
	public void start() {
		warnIfShutdownPhaseIsShort();
		boolean again = this.startedBefore;
		if (again) {
			this.server.restart();
		}
		else {
			this.server.start();
		}
		this.startedBefore = true;
		this.running = true;
		this.server.getListeners()
			.stream()
			.limit(1)
			.filter((main) -> !main.type().isUnix())
			.forEach((main) -> LocalServerPort.publish(main.port(), this.context));
		this.context.publishEvent(new SwooleServerInitializedEvent(this.server));
		if (again) {
			// the first time SpringApplication says so, when its runners have returned
			AvailabilityChangeEvent.publish(this.context, ReadinessState.ACCEPTING_TRAFFIC);
		}
	}

	private void warnIfShutdownPhaseIsShort() {
		Duration phase = Binder.get(this.context.getEnvironment())
			.bind(SHUTDOWN_PHASE_TIMEOUT, Duration.class)
			.orElse(Duration.ofSeconds(30));
		Duration needed = this.maxWaitTime.plus(ServerTermination.LAST_CALLBACKS);
		if (needed.compareTo(phase) > 0) {
			logger.warn("To stop in an orderly way, the server may need {} ms (swoole.server.max-wait-time and one "
					+ "second), but {} ends every phase of the shutdown after {} ms: reduce the one or increase "
					+ "the other", needed.toMillis(), SHUTDOWN_PHASE_TIMEOUT, phase.toMillis());
		}
	}

	@Override
	public void stop() {
		this.termination.shutdownAndAwait();
		this.running = false;
	}

	@Override
	public void stop(Runnable callback) {
		this.termination.shutdownAndAwait(() -> {
			this.running = false;
			callback.run();
		});
	}

	/**
	 * Stops the server if the start of the application context has failed after the
	 * server was started.
	 */
	@Override
	public void destroy() {
		if (this.running) {
			stop();
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
