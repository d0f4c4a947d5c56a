package io.swoole.server.engine;

import io.swoole.server.callback.ServerCallbacks;
import io.swoole.server.supervision.CallbackThread;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of the end of a server, in the lifecycle thread.
 */
final class LifecycleCallbacks {

	private final ServerCallbacks callbacks;

	private volatile @Nullable Thread thread;

	LifecycleCallbacks(ServerCallbacks callbacks) {
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
		try {
			CallbackThread.run("swoole-lifecycle", event, () -> {
				this.thread = Thread.currentThread();
				callback.run();
			}, deadline - System.nanoTime());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
