package io.swoole.task.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.Internal;
import io.swoole.server.ServerOptions;
import io.swoole.server.TaskSettings;
import io.swoole.server.callback.TaskCallbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.DeadLetters;
import io.swoole.task.Task;
import io.swoole.task.interception.TaskInterceptors;
import io.swoole.task.overload.TaskCapacity;
import io.swoole.task.policy.RetryPolicy;
import io.swoole.task.policy.TaskTypes;
import io.swoole.task.queue.DeadLetterStore;
import io.swoole.task.queue.MemoryTaskQueue;
import io.swoole.task.queue.Nanos;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.queue.TaskState;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.Ticker;
import io.swoole.task.timer.TimerThread;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks from submission to settlement, for one run of a server: puts the parts together,
 * and starts and stops them.
 */
@Internal
public final class TaskPipeline {

	private static final Logger logger = LoggerFactory.getLogger(TaskPipeline.class);

	private final Object server;

	private final AtomicLong ids = new AtomicLong();

	private final TaskCapacity capacity;

	private final TimerThread timerThread;

	private final FailureThread failures;

	private final TaskQueue queue;

	private final ResultRouter results;

	private final TaskFailures taskFailures;

	private final ForcedEnds ends;

	private final TaskWorkerPool pool;

	private final TaskSubmission submission;

	private final TaskWaits waits;

	private final DeadLetters deadLetters;

	/** Tasks given up before the others because they would have waited for too long. */
	private final List<TaskEnvelope> dropped = new ArrayList<>();

	/**
	 * Creates the tasks of a run; nothing runs yet.
	 * @param server the server
	 * @param options its settings
	 * @param workers its event workers, which may still be added
	 * @param callbacks runs the callbacks
	 */
	public TaskPipeline(Object server, ServerOptions options, List<Worker> workers, TaskCallbacks callbacks) {
		this(server, options, workers, callbacks, new TimerThread(new Timers(Ticker.SYSTEM), "swoole-task-timer"));
	}

	TaskPipeline(Object server, ServerOptions options, List<Worker> workers, TaskCallbacks callbacks,
			TimerThread timerThread) {
		this.server = server;
		this.timerThread = timerThread;
		Timers timers = timerThread.timers();
		TaskSettings settings = options.tasks();
		int size = options.taskWorkerNum();
		this.failures = new FailureThread(options.taskQueueCapacity());
		this.capacity = new TaskCapacity(options.taskQueueCapacity(), options.workerNum());
		this.queue = new MemoryTaskQueue(this.capacity, size, this.ids, timers,
				new DeadLetterStore(settings.taskDeadLetterCapacity(), timers.ticker()), new QueueListener());
		TaskInterceptors interceptors = TaskInterceptors.of(settings.taskInterceptors());
		this.results = new ResultRouter(this.queue, workers, options.workerNum(), callbacks, interceptors, timers,
				Nanos.of(settings.taskResultTimeout()), settings.taskResultCapacity());
		RetryPolicy retries = new RetryPolicy(settings.taskRetryOn(), settings.taskNoRetryOn(),
				() -> ThreadLocalRandom.current().nextDouble());
		this.taskFailures = new TaskFailures(this.queue, this.results, timers.ticker(), retries);
		this.ends = new ForcedEnds(this.queue, this.results, timers, this.taskFailures, options.maxWaitTime(),
				this.failures);
		TaskExecutor executor = new TaskExecutor(this.queue, this.results, callbacks, interceptors, timers,
				this.taskFailures, this.ends);
		this.pool = new TaskWorkerPool(server, size, options.workerNum(), this.queue, executor,
				settings.taskEnableCoroutine() ? settings.taskMaxCoroutine() : 0, settings.taskMaxRequest() > 0);
		this.submission = new TaskSubmission(server, size, options.taskQueueCapacity(), settings.taskIpcMode() == 3,
				workers, new TaskTypes(settings, callbacks::taskType), this.queue, this.results, interceptors,
				this.ids);
		this.waits = new TaskWaits(server, this.submission, this.results, timers, this.failures);
		this.deadLetters = new ReplayableDeadLetters(this.queue.deadLetters(), this.submission);
	}

	/**
	 * The places for open tasks.
	 * @return the places
	 */
	public TaskCapacity capacity() {
		return this.capacity;
	}

	/**
	 * Accepts tasks.
	 * @return the submission
	 */
	public TaskSubmission submission() {
		return this.submission;
	}

	/**
	 * Waits for results.
	 * @return the waits
	 */
	public TaskWaits waits() {
		return this.waits;
	}

	/**
	 * The tasks that have failed for good.
	 * @return the dead letters
	 */
	public DeadLetters deadLetters() {
		return this.deadLetters;
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
	 * Ends a task: one that waits is removed, one that runs is interrupted.
	 * @param id its id
	 * @return {@code false} if there is no such task, or it has ended
	 */
	public boolean cancel(long id) {
		TaskEnvelope task = this.queue.find(id);
		return task != null && this.ends.cancel(task);
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
	 * Has something happen in a worker after what was posted to it before; in a task
	 * worker that includes the tasks it may execute.
	 * @param worker the worker
	 * @param code what is to happen
	 */
	public void postInOrder(Supervised worker, Runnable code) {
		worker.post((worker instanceof TaskWorker) ? new TaskWorker.InOrder(this.ids.get(), code) : Event.of(code));
	}

	/**
	 * Sets who looks after task workers.
	 * @param supervision the supervisor
	 */
	public void supervision(TaskSupervision supervision) {
		this.pool.supervision(supervision);
	}

	/**
	 * Refuses tasks from now on, and gives up those that would not start in time.
	 * @param deadline until when tasks may be started, in {@link System#nanoTime()}
	 */
	public void refuse(long deadline) {
		this.submission.refuse();
		this.capacity.stop();
		this.taskFailures.mayWait((nanos) -> nanos < deadline - System.nanoTime());
		this.ends.stopping();
		for (TaskEnvelope task : this.queue.delayedFor(deadline - System.nanoTime())) {
			if (this.results.lose(task)) {
				this.dropped.add(task);
			}
		}
	}

	/**
	 * Whether every task has been settled.
	 * @return {@code true} if no task is open
	 */
	public boolean isSettled() {
		return this.queue.open() == 0;
	}

	/**
	 * Whether packets wait for places of tasks.
	 * @return {@code true} if connections are paused
	 */
	public boolean isPausing() {
		return this.capacity.paused() > 0;
	}

	/**
	 * Gives up what is still open: takes out waiting tasks, interrupts running ones and
	 * refuses their results. Who waits for one is told. What is lost is logged.
	 * @param patience how long it has been waited for
	 * @return how many tasks are lost
	 */
	public int abandon(Duration patience) {
		this.submission.stop();
		this.results.close();
		LostTasks lost = new LostTasks();
		this.dropped.forEach((task) -> lost.add(task, TaskState.WAITING));
		List<TaskEnvelope> tasks = this.queue.tasks();
		for (TaskEnvelope task : tasks) {
			TaskState state = task.state();
			if (this.results.lose(task)) {
				lost.add(task, state);
			}
			else if (task.isOpen()) {
				lost.add(task, TaskState.FINISHED);
			}
		}
		// not before no task waits: a worker that is free now would begin the next one
		tasks.forEach(this.ends::interrupt);
		lost.log(patience);
		return lost.count();
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
			if (!worker.stop(deadline)) {
				logger.warn("Task worker {} does not stop; it is left to itself [{}]", worker.id(), worker);
			}
		}
		this.timerThread.stop();
		this.timerThread.join(1000);
		this.failures.stop(deadline - System.nanoTime());
	}

	/**
	 * What the task workers know about themselves, for those who watch them.
	 * @return the contexts
	 */
	public List<WorkerContext> contexts() {
		return this.pool.workers().stream().flatMap((worker) -> worker.contexts().stream()).toList();
	}

	/**
	 * How many virtual threads execute tasks now.
	 * @return the number
	 */
	public int coroutines() {
		return this.pool.workers().stream().mapToInt(TaskWorker::coroutines).sum();
	}

	/**
	 * What there is to count.
	 * @return the counters
	 */
	public TaskCounters counters() {
		return new TaskCounters(this.pool.idle(), this.queue.waiting(), this.queue.delayed(), this.queue.open(),
				this.submission.accepted(), this.taskFailures.retried(), this.results.failures(),
				this.results.dropped(), this.queue.deadLetters().size(), this.queue.deadLetters().dropped(),
				this.capacity.paused(), this.capacity.pauses(), this.capacity.rejections());
	}

	/** What happens in the queue concerns pool and results. */
	private final class QueueListener implements TaskQueue.Listener {

		@Override
		public void ready(int target) {
			TaskPipeline.this.pool.ready(target);
		}

		@Override
		public void expired(TaskEnvelope task) {
			TaskPipeline.this.ends.expired(task);
		}

	}

}
