package io.swoole.task.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

import io.swoole.server.Internal;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.interception.TaskInterceptors;
import io.swoole.task.policy.TaskTypes;
import io.swoole.task.queue.Deferral;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.queue.TaskReply;
import io.swoole.task.queue.TaskTerms;
import io.swoole.task.result.ResultRouter;
import org.jspecify.annotations.Nullable;

/**
 * Accepts tasks, or says why not.
 */
@Internal
public final class TaskSubmission {

	private final Object server;

	private final int taskWorkers;

	private final int capacity;

	private final boolean ignoresTarget;

	private final List<Worker> workers;

	private final TaskTypes types;

	private final TaskQueue queue;

	private final ResultRouter results;

	private final @Nullable TaskInterceptors interceptors;

	private final AtomicLong ids;

	/** Ids given out to tasks that were not accepted after all. */
	private final LongAdder unused = new LongAdder();

	private final AtomicInteger nextSource = new AtomicInteger();

	private volatile boolean stopping;

	private volatile boolean stopped;

	/**
	 * Creates a submission.
	 * @param server the server
	 * @param taskWorkers how many task workers there are
	 * @param capacity how many tasks may be open
	 * @param ignoresTarget whether any worker executes tasks that name one
	 * @param workers the event workers
	 * @param types knows who takes which payload
	 * @param queue takes the tasks
	 * @param results ends tasks that come too late
	 * @param interceptors take part, if there are any
	 * @param ids counts the tasks
	 */
	TaskSubmission(Object server, int taskWorkers, int capacity, boolean ignoresTarget, List<Worker> workers,
			TaskTypes types, TaskQueue queue, ResultRouter results, @Nullable TaskInterceptors interceptors,
			AtomicLong ids) {
		this.server = server;
		this.taskWorkers = taskWorkers;
		this.capacity = capacity;
		this.ignoresTarget = ignoresTarget;
		this.workers = workers;
		this.types = types;
		this.queue = queue;
		this.results = results;
		this.interceptors = interceptors;
		this.ids = ids;
	}

	/**
	 * Accepts a task; from any thread but a task worker.
	 * @param data its payload
	 * @param options how it is executed
	 * @param taskWorker the index of the task worker that must execute it, negative for
	 * any
	 * @param reply where its first result goes, {@code null} for the usual way
	 * @return the task that will be executed
	 */
	public TaskEnvelope submit(Object data, TaskOptions options, int taskWorker, @Nullable TaskReply reply) {
		return submit(data, options, taskWorker, reply, null);
	}

	/**
	 * Accepts a task whose payload must not be lost; from any thread but a task worker.
	 * @param data its payload
	 * @param options how it is executed
	 * @param keep keeps its payload if the task has been deferred and is not dispatched
	 * then
	 * @return the task that will be executed
	 */
	TaskEnvelope submitOrKeep(Object data, TaskOptions options, Runnable keep) {
		return submit(data, options, options.getWorker(), null, keep);
	}

	private TaskEnvelope submit(Object data, TaskOptions options, int taskWorker, @Nullable TaskReply reply,
			@Nullable Runnable keep) {
		WorkerContext context = WorkerContext.current(this.server);
		check(context, "task()");
		int target = target(taskWorker);
		if (options.isAfterCommit()) {
			checkAfterCommit();
		}
		if (this.stopping) {
			throw stopping();
		}
		TaskTerms terms = terms(data);
		reserve(context, 1);
		return accept(context, data, terms, options, target, reply, keep);
	}

	/**
	 * Accepts several tasks, all or none.
	 * @param data their payloads
	 * @param replies where their first results go
	 * @return the tasks
	 */
	List<TaskEnvelope> submit(List<?> data, IntFunction<TaskReply> replies) {
		WorkerContext context = WorkerContext.current(this.server);
		if (this.stopping) {
			throw stopping();
		}
		List<TaskTerms> terms = new ArrayList<>(data.size());
		data.forEach((payload) -> terms.add(terms(payload)));
		reserve(context, data.size());
		List<TaskEnvelope> tasks = new ArrayList<>(data.size());
		try {
			for (int i = 0; i < data.size(); i++) {
				tasks.add(accept(context, data.get(i), terms.get(i), TaskOptions.none(), TaskEnvelope.ANY,
						replies.apply(i), null));
			}
			return tasks;
		}
		catch (Throwable ex) {
			tasks.forEach(this.results::cancel);
			this.queue.giveBack(data.size() - tasks.size() - 1);
			throw ex;
		}
	}

	private TaskEnvelope accept(@Nullable WorkerContext context, Object data, TaskTerms terms, TaskOptions options,
			int target, @Nullable TaskReply reply, @Nullable Runnable keep) {
		int source = (context != null) ? context.workerId() : nextSource();
		Lane lane = (context != null) ? context.lane() : null;
		TaskOrigin origin = (context != null) ? context.origin() : null;
		TaskEnvelope task = new PostedTask(this.ids.getAndIncrement(), data, terms, options, reply, source,
				(lane != null) ? lane : this.workers.get(source), origin, target, this.results);
		Deferral deferral = (this.interceptors != null) ? intercept(this.interceptors, task) : null;
		if (origin != null) {
			origin.taskOpened();
		}
		TaskEnvelope accepted = task;
		if (deferral != null && deferral.isDeferred()) {
			deferral.hold(this.queue, (dropped) -> drop(dropped, keep));
		}
		else {
			accepted = this.queue.accept(task);
		}
		if (accepted != task) {
			this.unused.increment();
			if (origin != null) {
				origin.taskSettled();
			}
		}
		if (this.stopped) {
			this.results.lose(accepted);
		}
		return accepted;
	}

	private void drop(TaskEnvelope task, @Nullable Runnable keep) {
		if (this.results.cancel(task) && keep != null) {
			keep.run();
		}
	}

	private @Nullable Deferral intercept(TaskInterceptors interceptors, TaskEnvelope task) {
		try {
			return task.submitted(interceptors.submit(task));
		}
		catch (Throwable ex) {
			this.unused.increment();
			this.queue.giveBack(1);
			throw ex;
		}
	}

	/** How many tasks have been accepted. */
	long accepted() {
		return this.ids.get() - this.unused.sum();
	}

	private void checkAfterCommit() {
		if (this.interceptors == null || !this.interceptors.supportsAfterCommit()) {
			throw new IllegalStateException("The task option afterCommit() needs a TaskInterceptor that knows about"
					+ " transactions: with Spring, add spring-tx and a transaction manager");
		}
	}

	/**
	 * Checks that tasks can be posted at all from the calling thread.
	 * @param method the method that was called
	 */
	void check(String method) {
		check(WorkerContext.current(this.server), method);
	}

	private void check(@Nullable WorkerContext context, String method) {
		if (this.taskWorkers == 0) {
			throw new IllegalStateException(method + " needs task workers: set task-worker-num to 1 or more");
		}
		if (context != null && context.worker() == null) {
			throw new IllegalStateException(method + " cannot be used in a task worker: post from @OnFinish");
		}
	}

	private int target(int taskWorker) {
		if (this.ignoresTarget || taskWorker < 0) {
			return TaskEnvelope.ANY;
		}
		if (taskWorker >= this.taskWorkers) {
			throw new IllegalArgumentException("There is no task worker " + taskWorker + ": allowed are 0 to "
					+ (this.taskWorkers - 1) + ", negative for any");
		}
		return taskWorker;
	}

	private TaskTerms terms(Object data) {
		TaskTerms terms = this.types.find(Objects.requireNonNull(data, "'data' must not be null"));
		if (terms == null) {
			throw new TaskRejectedException("No task handler takes a payload of type " + data.getClass().getName()
					+ ": add an @OnTask method for it");
		}
		return terms;
	}

	private void reserve(@Nullable WorkerContext context, int count) {
		if (context != null && context.takeExcess() && count == 1) {
			this.queue.exceed();
			return;
		}
		boolean kept = context != null && context.takePlace();
		int more = kept ? count - 1 : count;
		if (more > 0 && !this.queue.reserve(more)) {
			if (kept) {
				this.queue.giveBack(1);
			}
			throw new TaskRejectedException("There are too many open tasks for " + count + " more: " + this.queue.open()
					+ " of " + this.capacity + ". Post more slowly, add task workers or raise task-queue-capacity");
		}
	}

	private int nextSource() {
		return Math.floorMod(this.nextSource.getAndIncrement(), this.workers.size());
	}

	private static TaskRejectedException stopping() {
		return new TaskRejectedException("The server is stopping and takes no more tasks");
	}

	/** Refuses tasks from now on. */
	void refuse() {
		this.stopping = true;
	}

	/** Ends tasks that have been accepted in the last moment. */
	void stop() {
		this.stopped = true;
	}

	boolean isStopping() {
		return this.stopping;
	}

}
