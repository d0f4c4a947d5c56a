package io.swoole.server.engine;

import java.util.concurrent.TimeUnit;

import io.swoole.server.callback.Callbacks;
import io.swoole.server.worker.SwooleThread;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the callbacks of the end of a server. They get a thread of their own, so that the
 * stop goes on when one does not return.
 */
final class LifecycleCallbacks {

	private static final Logger logger = LoggerFactory.getLogger(LifecycleCallbacks.class);

	private final Callbacks callbacks;

	private volatile @Nullable Thread thread;

	LifecycleCallbacks(Callbacks callbacks) {
		this.callbacks = callbacks;
	}

	/** Whether the calling thread runs one of these callbacks. */
	boolean isCurrent() {
		return Thread.currentThread() == this.thread;
	}

	void beforeShutdown(long deadline) {
		run("beforeShutdown", this.callbacks::beforeShutdown, deadline);
	}

	void shutdown(long deadline) {
		run("shutdown", this.callbacks::shutdown, deadline);
	}

	private void run(String event, Runnable callback, long deadline) {
		SwooleThread thread = new SwooleThread(callback, "swoole-lifecycle");
		this.thread = thread;
		thread.start();
		try {
			TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
			if (thread.isAlive()) {
				logger.warn("Handler of '{}' outlasts the stop; it is interrupted", event);
				thread.interrupt();
				thread.join(50);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
