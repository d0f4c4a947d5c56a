package io.swoole.task.execution;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.SwooleThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread in which futures complete that have no result, and those that tasks have
 * returned are cancelled: what the application has attached to them must not hold up the
 * timers, or the stop. It exists while there is something to do.
 * <p>
 * If something blocks it the others wait, as many as its capacity. From then on who wants
 * a future is refused, so that beside those only the futures of tasks that are open can
 * still come, and nothing is cancelled any more.
 */
final class FailureThread implements Executor {

	private static final Logger logger = LoggerFactory.getLogger(FailureThread.class);

	private static final String NAME = "swoole-task-failures";

	/** How long the stop waits for what one that blocks has held up, in milliseconds. */
	private static final long REST = 100;

	private final LimitedLog log = new LimitedLog(logger);

	private final int capacity;

	private final ThreadPoolExecutor executor;

	/**
	 * Creates a thread that does not run yet.
	 * @param capacity how many may wait for it until it is full
	 */
	FailureThread(int capacity) {
		this.capacity = capacity;
		this.executor = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(code) -> new SwooleThread(code, NAME), (code, stopped) -> code.run());
		this.executor.allowCoreThreadTimeOut(true);
	}

	/** Whether so many wait for it that nobody may add a future. */
	boolean isFull() {
		return this.executor.getQueue().size() >= this.capacity;
	}

	/** How many wait for it. */
	int waiting() {
		return this.executor.getQueue().size();
	}

	/** Ends a future that has been given out. */
	@Override
	public void execute(Runnable code) {
		this.executor.execute(code);
	}

	/** Cancels what a task has returned, unless it is full. */
	void cancel(RunningTask attempt, Runnable code) {
		if (isFull()) {
			this.log.warn("What {} waits for is not cancelled: {} futures wait already for one whose dependents block"
					+ " thread {}", attempt, this.capacity, NAME);
			return;
		}
		this.executor.execute(code);
	}

	/**
	 * Ends the thread after what it has to do; waits for that. If something blocks it,
	 * that is interrupted, and another thread does the rest.
	 */
	void stop(long nanos) throws InterruptedException {
		this.executor.shutdown();
		if (!this.executor.awaitTermination(Math.max(1, nanos), TimeUnit.NANOSECONDS)) {
			List<Runnable> rest = this.executor.shutdownNow();
			logger.warn("What depends on the future of a task blocks the stop; it is interrupted");
			Thread thread = new SwooleThread(() -> rest.forEach(FailureThread::run), NAME);
			thread.start();
			thread.join(REST);
			if (thread.isAlive()) {
				thread.interrupt();
			}
		}
	}

	private static void run(Runnable code) {
		try {
			code.run();
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure at the end of a future; the others go on", ex);
		}
	}

}
