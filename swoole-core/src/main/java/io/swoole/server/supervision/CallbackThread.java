package io.swoole.server.supervision;

import java.util.concurrent.TimeUnit;

import io.swoole.server.Internal;
import io.swoole.server.worker.SwooleThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs callbacks that belong to no worker, each in a thread of its own, so that whoever
 * called them goes on when one does not return.
 */
@Internal
public final class CallbackThread {

	private static final Logger logger = LoggerFactory.getLogger(CallbackThread.class);

	/** How long an interrupted callback may take to return. */
	private static final long INTERRUPT_MILLIS = 50;

	private CallbackThread() {
	}

	/**
	 * Runs a callback and waits for it. One that takes too long is interrupted and left
	 * to itself.
	 * @param thread the name of the thread
	 * @param event the name of the callback
	 * @param callback the callback
	 * @param nanos how long it may take
	 * @throws InterruptedException if the caller is interrupted; so is the callback then
	 */
	public static void run(String thread, String event, Runnable callback, long nanos) throws InterruptedException {
		SwooleThread runner = new SwooleThread(callback, thread);
		runner.start();
		try {
			TimeUnit.NANOSECONDS.timedJoin(runner, Math.max(1, nanos));
		}
		finally {
			if (runner.isAlive()) {
				logger.warn("Handler of '{}' takes too long; it is interrupted", event, StackTrace.of(runner));
				runner.interrupt();
			}
		}
		if (runner.isAlive()) {
			runner.join(INTERRUPT_MILLIS);
		}
	}

}
