package io.swoole.task.execution;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.callback.Callbacks;
import io.swoole.server.worker.SwooleThread;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.queue.TaskEnvelope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that executes tasks, one at a time. It claims the next task itself when it has
 * done one, and sleeps while there is none.
 */
final class TaskWorker {

	private static final Logger logger = LoggerFactory.getLogger(TaskWorker.class);

	private final int index;

	private final TaskWorkerPool pool;

	private final Callbacks callbacks;

	private final WorkerContext context;

	private final SwooleThread thread;

	private final CountDownLatch started = new CountDownLatch(1);

	private volatile @Nullable Throwable startFailure;

	private volatile @Nullable TaskEnvelope current;

	TaskWorker(Object server, int index, int workerId, TaskWorkerPool pool, Callbacks callbacks) {
		this.index = index;
		this.pool = pool;
		this.callbacks = callbacks;
		this.context = new WorkerContext(server, workerId, null);
		this.thread = new SwooleThread(this::run, "swoole-task-" + workerId);
	}

	int index() {
		return this.index;
	}

	Thread thread() {
		return this.thread;
	}

	WorkerContext context() {
		return this.context;
	}

	boolean isBusy() {
		return this.context.isBusy();
	}

	/** The task it executes now. */
	@Nullable TaskEnvelope current() {
		return this.current;
	}

	void start() {
		this.thread.start();
	}

	/** Waits for the first callback and returns what it has thrown. */
	@Nullable Throwable awaitStarted() throws InterruptedException {
		this.started.await();
		return this.startFailure;
	}

	void wakeUp() {
		LockSupport.unpark(this.thread);
	}

	private void run() {
		this.context.attach(this.thread.getName());
		try {
			this.callbacks.workerStart(this.context);
		}
		catch (Throwable ex) {
			this.startFailure = ex;
			return;
		}
		finally {
			this.started.countDown();
		}
		executeTasks();
		this.callbacks.workerStop(this.context);
	}

	private void executeTasks() {
		while (true) {
			TaskEnvelope task = this.pool.next(this);
			if (task == null) {
				return;
			}
			try {
				execute(task);
			}
			catch (Throwable ex) {
				logger.error("Unexpected failure around task {}; the task worker goes on", task.id(), ex);
			}
		}
	}

	private void execute(TaskEnvelope envelope) {
		this.current = envelope;
		ResultRouter results = this.pool.results();
		Throwable failure = null;
		try {
			failure = this.callbacks.task(this.context, new RunningTask(envelope, this.context.workerId(), results));
		}
		finally {
			this.current = null;
			results.returned(envelope, failure);
			// an interrupt meant for this task must not reach the next one
			Thread.interrupted();
		}
	}

}
