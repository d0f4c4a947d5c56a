package io.swoole.task.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.Internal;
import io.swoole.server.ServerOptions;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.queue.MemoryTaskQueue;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks from submission to settlement, for one run of a server.
 */
@Internal
public final class TaskPipeline {

	private static final Logger logger = LoggerFactory.getLogger(TaskPipeline.class);

	private final Object server;

	private final int capacity;

	private final int size;

	private final List<Worker> workers;

	private final Callbacks callbacks;

	private final TaskQueue queue;

	private final ResultRouter results;

	private final TaskWorkerPool pool;

	private final AtomicLong ids = new AtomicLong();

	private final AtomicInteger nextSource = new AtomicInteger();

	private volatile boolean stopping;

	/**
	 * Creates the tasks of a run; nothing runs yet.
	 * @param server the server
	 * @param options its settings
	 * @param workers its event workers, which may still be added
	 * @param callbacks runs the callbacks
	 */
	public TaskPipeline(Object server, ServerOptions options, List<Worker> workers, Callbacks callbacks) {
		this.server = server;
		this.capacity = options.taskQueueCapacity();
		this.size = options.taskWorkerNum();
		this.workers = workers;
		this.callbacks = callbacks;
		this.queue = new MemoryTaskQueue(this.capacity, this.size);
		this.results = new ResultRouter(this.queue, workers, callbacks);
		this.pool = new TaskWorkerPool(server, this.size, options.workerNum(), this.queue, this.results, callbacks);
	}

	/**
	 * Accepts a task; from any thread but a task worker.
	 * @param data its payload
	 * @param taskWorker the index of the task worker that must execute it, negative for
	 * any
	 * @return the id of the task
	 */
	public long submit(Object data, int taskWorker) {
		WorkerContext context = WorkerContext.current(this.server);
		if (this.size == 0) {
			throw new IllegalStateException("task() needs task workers: set task-worker-num to 1 or more");
		}
		if (context != null && context.worker() == null) {
			throw new IllegalStateException("task() cannot be used in a task worker");
		}
		if (taskWorker >= this.size) {
			throw new IllegalArgumentException("There is no task worker " + taskWorker + ": allowed are 0 to "
					+ (this.size - 1) + ", negative for any");
		}
		if (this.stopping) {
			throw new TaskRejectedException("The server is stopping and takes no more tasks");
		}
		if (!this.callbacks.acceptsTask(data)) {
			throw new TaskRejectedException("No task handler takes a payload of type " + data.getClass().getName());
		}
		if (!this.queue.reserve(1)) {
			throw new TaskRejectedException("There are " + this.capacity
					+ " open tasks already: post more slowly, add task workers or raise task-queue-capacity");
		}
		int source = (context != null) ? context.workerId() : nextSource();
		Lane lane = (context != null) ? context.lane() : null;
		TaskOrigin origin = (context != null) ? context.origin() : null;
		TaskEnvelope task = new TaskEnvelope(this.ids.getAndIncrement(), data, source,
				(lane != null) ? lane : this.workers.get(source), origin,
				(taskWorker < 0) ? TaskEnvelope.ANY : taskWorker);
		if (origin != null) {
			origin.taskOpened();
		}
		this.queue.accept(task);
		this.pool.accepted(task);
		return task.id();
	}

	private int nextSource() {
		return Math.floorMod(this.nextSource.getAndIncrement(), this.workers.size());
	}

	/**
	 * Delivers a result of the task the calling thread executes.
	 * @param result the result
	 * @return {@code false}, with a warning, if it executes none
	 */
	public boolean finish(@Nullable Object result) {
		WorkerContext context = WorkerContext.current(this.server);
		Task task = (context != null) ? context.task() : null;
		if (task == null) {
			logger.warn("finish() does nothing outside a task: call it in a task handler, or keep the Task and"
					+ " call finish() on that");
			return false;
		}
		return task.finish(result);
	}

	/**
	 * Starts the task workers.
	 */
	public void start() {
		this.pool.workers().forEach(TaskWorker::start);
	}

	/**
	 * The task workers.
	 * @return the workers, by index
	 */
	public List<? extends Supervised> taskWorkers() {
		return this.pool.workers();
	}

	/**
	 * Refuses tasks from now on.
	 */
	public void refuse() {
		this.stopping = true;
	}

	/**
	 * Whether every task has been settled.
	 * @return {@code true} if no task is open
	 */
	public boolean isSettled() {
		return this.queue.open() == 0;
	}

	/**
	 * Gives up what is still open: takes out waiting tasks, interrupts running ones and
	 * refuses their results. What is lost is logged.
	 * @param patience how long it has been waited for
	 */
	public void abandon(Duration patience) {
		List<TaskEnvelope> waiting = this.queue.drain();
		waiting.forEach(ResultRouter::settled);
		List<TaskEnvelope> running = new ArrayList<>();
		for (TaskWorker worker : this.pool.workers()) {
			TaskEnvelope task = worker.current();
			if (task != null) {
				running.add(task);
				worker.context().interrupt();
			}
		}
		this.results.close();
		int lost = waiting.size() + running.size();
		if (lost > 0) {
			long oldest = Long.MAX_VALUE;
			Map<String, Integer> types = new TreeMap<>();
			for (List<TaskEnvelope> tasks : List.of(waiting, running)) {
				for (TaskEnvelope task : tasks) {
					oldest = Math.min(oldest, task.dispatchMillis());
					types.merge(task.data().getClass().getName(), 1, Integer::sum);
				}
			}
			logger.warn(
					"{} tasks did not finish within max-wait-time of {} ms and are lost: {} running, {} waiting,"
							+ " types {}, the oldest was posted {} ms ago",
					lost, patience.toMillis(), running.size(), waiting.size(), types,
					System.currentTimeMillis() - oldest);
		}
	}

	/**
	 * Ends the task workers once they have done what they do.
	 * @param deadline until when to wait, in {@link System#nanoTime()}
	 * @throws InterruptedException if the caller is interrupted
	 */
	public void stop(long deadline) throws InterruptedException {
		this.results.close();
		this.pool.stop();
		for (TaskWorker worker : this.pool.workers()) {
			if (!worker.join(deadline - System.nanoTime())) {
				TaskEnvelope task = worker.current();
				logger.warn("Task worker {} does not stop; it is left to itself [{}]", worker.id(),
						(task != null) ? "task " + task.id() : "no task");
			}
		}
	}

	/**
	 * What the task workers know about themselves, for those who watch them.
	 * @return the contexts
	 */
	public List<WorkerContext> contexts() {
		return this.pool.workers().stream().map(TaskWorker::context).toList();
	}

	/**
	 * How many task workers execute nothing.
	 * @return the number
	 */
	public int idleWorkers() {
		return this.pool.idle();
	}

	/**
	 * How many tasks wait for a task worker.
	 * @return the number
	 */
	public int waiting() {
		return this.queue.waiting();
	}

	/**
	 * How many tasks are open.
	 * @return the number
	 */
	public int open() {
		return this.queue.open();
	}

	/**
	 * How many tasks have been accepted.
	 * @return the number
	 */
	public long accepted() {
		return this.ids.get();
	}

}
