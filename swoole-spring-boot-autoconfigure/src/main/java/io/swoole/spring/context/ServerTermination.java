package io.swoole.spring.context;

import java.time.Duration;

import io.swoole.server.SwooleServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a server and waits until it has stopped.
 */
final class ServerTermination {

	/**
	 * What the server may take beyond {@code max-wait-time} for its last callbacks.
	 */
	static final Duration LAST_CALLBACKS = Duration.ofSeconds(1);

	private static final Duration CLOSING = Duration.ofSeconds(1);

	private static final Logger logger = LoggerFactory.getLogger(ServerTermination.class);

	private final SwooleServer server;

	private final Duration timeout;

	ServerTermination(SwooleServer server, Duration maxWaitTime) {
		this.server = server;
		this.timeout = maxWaitTime.plus(LAST_CALLBACKS).plus(CLOSING);
	}

	/**
	 * Stops the server, if it runs, and returns when it has stopped.
	 */
	void shutdownAndAwait() {
		this.server.shutdown();
		try {
			if (!this.server.awaitTermination(this.timeout)) {
				logger.warn("The server has not stopped within {} ms", this.timeout.toMillis());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Does the same in a thread of its own.
	 * @param callback is run when the server has stopped
	 */
	void shutdownAndAwait(Runnable callback) {
		Thread thread = new Thread(() -> {
			try {
				shutdownAndAwait();
			}
			catch (RuntimeException ex) {
				logger.warn("The server could not be stopped in an orderly way", ex);
			}
			finally {
				callback.run();
			}
		}, "swoole-await-stop");
		thread.setDaemon(true);
		thread.start();
	}

}
