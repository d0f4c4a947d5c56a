package io.swoole.server.callback;

import io.swoole.server.HandlerError;
import io.swoole.server.Internal;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.UnreadablePacketException;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.logging.LimitedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where everything ends that a callback throws: it is logged with connection, worker and
 * task, counted and reported to the application.
 */
@Internal
public final class HandlerErrors {

	private static final Logger logger = LoggerFactory.getLogger(HandlerErrors.class);

	private final LimitedLog unreadable = new LimitedLog(logger);

	private final SwooleServer server;

	private final ServerHandler handler;

	private final ServerCounters counters;

	HandlerErrors(SwooleServer server, ServerHandler handler, ServerCounters counters) {
		this.server = server;
		this.handler = handler;
		this.counters = counters;
	}

	/** Counts and reports a packet that is not what the application expects. */
	void unreadable(String event, long fd, int workerId, Object client, UnreadablePacketException cause) {
		this.counters.unreadablePackets.increment();
		this.unreadable.warn("Unreadable packet of {}: {}", client, cause.getMessage());
		logger.debug("Unreadable packet of {}", client, cause);
		report(new HandlerError(event, fd, workerId, -1, cause));
	}

	/**
	 * Logs, counts and reports what a callback has thrown.
	 * @param event the callback
	 * @param fd the connection, −1 if none is involved
	 * @param workerId the worker, −1 outside workers
	 * @param taskId the task, −1 if none is involved
	 * @param cause what was thrown
	 */
	public void failed(String event, long fd, int workerId, long taskId, Throwable cause) {
		this.counters.handlerErrors.increment();
		logger.error("Handler of '{}' failed [fd={}, worker={}, task={}]", event, fd, workerId, taskId, cause);
		report(new HandlerError(event, fd, workerId, taskId, cause));
	}

	private void report(HandlerError error) {
		try {
			this.handler.onError(this.server, error);
		}
		catch (Throwable ex) {
			logger.error("Error handler failed for '{}' [fd={}, worker={}, task={}]", error.event(), error.fd(),
					error.workerId(), error.taskId(), ex);
		}
	}

}
