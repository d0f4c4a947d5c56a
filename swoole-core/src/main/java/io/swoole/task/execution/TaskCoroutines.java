package io.swoole.task.execution;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.worker.VirtualThreads;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.queue.TaskEnvelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the tasks of one task worker on virtual threads: each on its own, so many at a
 * time.
 */
final class TaskCoroutines implements Slot {

	private static final Logger logger = LoggerFactory.getLogger(TaskCoroutines.class);

	private final Object server;

	private final int index;

	private final int workerId;

	private final int max;

	private final TaskWorkerPool pool;

	private final ThreadFactory factory;

	private final AtomicInteger occupied = new AtomicInteger();

	private final Map<Task, WorkerContext> running = new ConcurrentHashMap<>();

	/** The virtual threads that have not ended, those that were given up included. */
	private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

	TaskCoroutines(Object server, int index, int workerId, int max, TaskWorkerPool pool) {
		this.server = server;
		this.index = index;
		this.workerId = workerId;
		this.max = max;
		this.pool = pool;
		this.factory = VirtualThreads.factory("swoole-task-" + workerId);
	}

	boolean isFull() {
		return this.occupied.get() >= this.max;
	}

	/** How many tasks are executed now. */
	int running() {
		return this.occupied.get();
	}

	/** The tasks that are executed now. */
	List<Task> tasks() {
		return new ArrayList<>(this.running.keySet());
	}

	/** What the threads of these tasks know about themselves. */
	Collection<WorkerContext> contexts() {
		return this.running.values();
	}

	/** Starts a thread for a task; in the task worker. */
	void start(TaskEnvelope task) {
		Thread thread = this.factory.newThread(() -> execute(task));
		this.occupied.incrementAndGet();
		this.threads.add(thread);
		try {
			thread.start();
		}
		catch (Throwable ex) {
			this.threads.remove(thread);
			this.occupied.decrementAndGet();
			this.pool.giveBack(task);
			throw ex;
		}
	}

	private void execute(TaskEnvelope task) {
		WorkerContext context = new WorkerContext(this.server, this.workerId, null);
		context.attach();
		try {
			this.pool.executor().execute(task, context, this);
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure around task {}; the task worker goes on", task.id(), ex);
		}
		finally {
			this.threads.remove(Thread.currentThread());
		}
	}

	@Override
	public void begin(Task attempt, WorkerContext context) {
		this.running.put(attempt, context);
	}

	@Override
	public void end(Task attempt, boolean detached) {
		this.running.remove(attempt);
		this.pool.handled(this.index);
		if (this.occupied.getAndDecrement() >= this.max) {
			this.pool.wake(this.index);
		}
	}

	@Override
	public void giveUp(RunningTask attempt) {
		Thread thread = attempt.isWithoutThread() ? null : attempt.thread();
		TaskSupervision supervision = this.pool.supervision();
		if (thread != null && supervision != null && !supervision.giveUp(thread)) {
			logger.error("{} does not react to its interrupt and keeps its place in task worker {}, because too many"
					+ " threads have been given up already", attempt, this.workerId);
		}
		else if (this.pool.executor().ends().giveUp(attempt)) {
			end(attempt.handle(), attempt.isDetached());
		}
	}

	/** Waits for all threads to end; returns how many have not. */
	int join(long deadline) throws InterruptedException {
		for (Thread thread : this.threads) {
			long left = deadline - System.nanoTime();
			if (left <= 0) {
				break;
			}
			thread.join(Math.max(1, left / 1_000_000));
		}
		return this.threads.size();
	}

}
