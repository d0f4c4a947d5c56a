package io.swoole.task.execution;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import io.swoole.server.worker.Courtesy;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.WorkerContext;
import io.swoole.server.worker.WorkerThread;
import io.swoole.task.Task;
import io.swoole.task.queue.TaskEnvelope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that executes tasks, one at a time. It claims the next task itself when it has
 * done one, and sleeps while there is none. What is posted to it happens between tasks.
 */
final class TaskWorker extends WorkerThread implements Slot {

	private static final Logger logger = LoggerFactory.getLogger(TaskWorker.class);

	private final Object server;

	private final int index;

	private final TaskWorkerPool pool;

	private final Courtesy courtesy = new Courtesy();

	/** The attempt it executes; one that was given up must not end another. */
	private final AtomicReference<@Nullable Task> current = new AtomicReference<>();

	/** Whether a callback does not end, and its thread cannot be given up. */
	private volatile boolean stuck;

	/** A task that has been claimed and waits for older events. */
	private volatile @Nullable TaskEnvelope claimed;

	/** Executes the tasks, if they have virtual threads. */
	private final @Nullable TaskCoroutines coroutines;

	/**
	 * Creates a worker whose thread does not run yet.
	 * @param maxCoroutine how many virtual threads it may have; 0: tasks run in its own
	 */
	TaskWorker(Object server, int index, int workerId, TaskWorkerPool pool, int maxCoroutine) {
		super(workerId, "swoole-task-" + workerId);
		this.server = server;
		this.index = index;
		this.pool = pool;
		this.coroutines = (maxCoroutine > 0) ? new TaskCoroutines(server, index, workerId, maxCoroutine, pool) : null;
	}

	int index() {
		return this.index;
	}

	void start() {
		startThread();
	}

	/** Lets others run before it sleeps; {@code true} if they have. */
	boolean letOthersRun() {
		return this.courtesy.letOthersRun();
	}

	void wakeUp() {
		unpark();
	}

	@Override
	protected WorkerContext newContext() {
		return new WorkerContext(this.server, id(), null);
	}

	@Override
	protected void posted() {
		this.pool.wake(this.index);
	}

	@Override
	protected void work(WorkerContext context) {
		while (true) {
			TaskEnvelope task = this.pool.next(this, context);
			if (task == null) {
				return;
			}
			try {
				if (this.coroutines != null) {
					this.coroutines.start(task);
				}
				else {
					this.pool.executor().execute(task, context, this);
				}
			}
			catch (Throwable ex) {
				logger.error("Unexpected failure around task {}; the task worker goes on", task.id(), ex);
			}
		}
	}

	@Override
	public void begin(Task attempt, WorkerContext context) {
		this.current.set(attempt);
	}

	@Override
	public void end(Task attempt, boolean detached) {
		this.current.compareAndSet(attempt, null);
		this.pool.handled(this.index);
		if (detached) {
			this.pool.wake(this.index);
		}
	}

	@Override
	public void giveUp(RunningTask attempt) {
		if (attempt.isWithoutThread()) {
			if (this.pool.executor().ends().giveUp(attempt)) {
				end(attempt.handle(), true);
			}
			return;
		}
		TaskSupervision supervision = this.pool.supervision();
		// before the task is looked at: what runs when it has ended is another callback
		WorkerContext context = context();
		long progress = context.progress();
		if (supervision != null && this.current.get() == attempt.handle()) {
			supervision.giveUp(this.index, () -> context() == context && context.progress() == progress);
		}
	}

	@Override
	public synchronized void stuck() {
		this.stuck = true;
		this.pool.absent(this.index, true);
		// if it has come back just now it would not look otherwise
		postFirst(Event.of(this::back));
	}

	/** No callback holds it now: the tasks that name it are its own again; in it. */
	private void back() {
		if (this.stuck) {
			synchronized (this) {
				this.stuck = false;
				this.pool.absent(this.index, false);
			}
		}
	}

	@Override
	public boolean isBusy() {
		return this.current.get() != null || coroutines() > 0 || context().isBusy();
	}

	/** Whether it can execute no further task now. */
	boolean isFull() {
		return (this.coroutines != null) ? this.coroutines.isFull() : this.current.get() != null;
	}

	/** How many virtual threads execute tasks now. */
	int coroutines() {
		return (this.coroutines != null) ? this.coroutines.running() : 0;
	}

	/**
	 * What its threads know about themselves: its own, which runs timers and messages
	 * even if tasks have threads of their own, and those.
	 */
	List<WorkerContext> contexts() {
		List<WorkerContext> contexts = new ArrayList<>();
		contexts.add(context());
		if (this.coroutines != null) {
			contexts.addAll(this.coroutines.contexts());
		}
		return contexts;
	}

	/**
	 * The tasks that go on without its thread; they are given up when they take too long.
	 */
	@Override
	public BooleanSupplier inFlight() {
		ForcedEnds ends = this.pool.executor().ends();
		List<RunningTask> attempts = new ArrayList<>();
		if (this.coroutines != null) {
			this.coroutines.tasks().forEach((task) -> add(ends.attempt(task), attempts));
		}
		else {
			RunningTask attempt = RunningTask.of(this.current.get());
			add((attempt != null && attempt.isDetached()) ? attempt : null, attempts);
		}
		attempts.forEach(ends::endLater);
		return () -> attempts.stream().anyMatch((attempt) -> !attempt.isOver());
	}

	private static void add(@Nullable RunningTask attempt, List<RunningTask> attempts) {
		if (attempt != null) {
			attempts.add(attempt);
		}
	}

	/** Waits for everything it executes to end; {@code false} if something does not. */
	boolean stop(long deadline) throws InterruptedException {
		boolean ended = join(deadline - System.nanoTime());
		return (this.coroutines == null || this.coroutines.join(deadline) == 0) && ended;
	}

	/**
	 * The task the thread executes is lost with it; one that goes on without it, or has
	 * not been begun, is not.
	 */
	@Override
	protected void abandoned() {
		Task lost = this.current.get();
		if (lost != null) {
			ForcedEnds ends = this.pool.executor().ends();
			RunningTask attempt = ends.attempt(lost);
			if (attempt != null && attempt.isWithoutThread()) {
				ends.endLater(attempt);
			}
			else if (this.current.compareAndSet(lost, null) && attempt != null) {
				ends.giveUp(attempt);
			}
		}
		TaskEnvelope untouched = this.claimed;
		if (untouched != null) {
			this.claimed = null;
			this.pool.giveBack(untouched);
		}
	}

	/**
	 * Runs the timers that are due and the next event, unless a task waits that has been
	 * posted before it; in this worker.
	 */
	boolean runEvent(WorkerContext context) {
		back();
		runTimers(context);
		if (context.isAbandoned()) {
			return true;
		}
		// an event posted from here on may come after a task that is to be claimed first
		Event next = peek();
		if (next == null || !isInTurn(next)) {
			runUrgent();
			return context.isAbandoned();
		}
		return runNext();
	}

	/** Whether an event waits that need not wait for an older task. */
	boolean hasEvent() {
		Event next = peek();
		return hasUrgent() || (next != null && isInTurn(next));
	}

	/**
	 * Whether an event need not wait for an older task. None does while the worker can
	 * begin no task: what it executes may wait for the event.
	 */
	private boolean isInTurn(Event next) {
		return !(next instanceof InOrder event) || isFull() || !this.pool.hasOlder(this.index, event.sequence());
	}

	/** What has no place among tasks must not keep from its place what has. */
	private static boolean isAfter(Event next, TaskEnvelope task) {
		return next instanceof InOrder event && event.sequence() > task.order();
	}

	/** Runs the events that have been posted before a task claimed meanwhile. */
	void runEventsBefore(WorkerContext context, TaskEnvelope task) {
		for (Event next = peek(); next != null && !isAfter(next, task); next = peek()) {
			this.claimed = task;
			runNext();
			if (context.isAbandoned()) {
				return;
			}
			this.claimed = null;
			back();
		}
	}

	@Override
	public String toString() {
		Task task = this.current.get();
		int virtual = coroutines();
		return (task != null) ? task.toString() : (virtual > 0) ? virtual + " tasks" : "no task";
	}

	/**
	 * Something that happens in a task worker after the tasks posted before it.
	 */
	static final class InOrder extends Event {

		private final long sequence;

		private final Runnable code;

		/** The sequence is the id of the first task that comes after it. */
		InOrder(long sequence, Runnable code) {
			this.sequence = sequence;
			this.code = code;
		}

		long sequence() {
			return this.sequence;
		}

		@Override
		public void run() {
			this.code.run();
		}

	}

}
