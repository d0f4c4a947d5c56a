package io.swoole.task.execution;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.swoole.server.worker.SwooleThread;

/**
 * The thread in which futures complete that have no result, and those that tasks have
 * returned are cancelled: what the application has attached to them must not hold up the
 * timers, or the stop. It exists while there is something to do. How much that is, is
 * bounded by the number of open tasks.
 */
final class FailureThread implements Executor {

	private final ThreadPoolExecutor executor;

	FailureThread() {
		this.executor = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(code) -> new SwooleThread(code, "swoole-task-failures"), (code, stopped) -> code.run());
		this.executor.allowCoreThreadTimeOut(true);
	}

	@Override
	public void execute(Runnable code) {
		this.executor.execute(code);
	}

	/** Ends the thread after what it has to do; waits for that. */
	void stop(long nanos) throws InterruptedException {
		this.executor.shutdown();
		if (!this.executor.awaitTermination(Math.max(1, nanos), TimeUnit.NANOSECONDS)) {
			this.executor.shutdownNow();
		}
	}

}
