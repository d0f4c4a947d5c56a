package io.swoole.server.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.Connection;
import io.swoole.server.supervision.StackTrace;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.SwooleThread;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time whether callbacks get on and logs those that do not, with their
 * stack trace. Workers pay nothing for it: they count their callbacks anyway, and this
 * thread looks whether the count changes. Event loops are asked to answer.
 */
final class StallDetector {

	private static final Logger logger = LoggerFactory.getLogger(StallDetector.class);

	private static final long SHORTEST_INTERVAL = TimeUnit.MILLISECONDS.toNanos(5);

	private static final long LONGEST_INTERVAL = TimeUnit.SECONDS.toNanos(1);

	private final long handlerThreshold;

	private final long taskThreshold;

	private final long interval;

	private final LongAdder slowHandlers;

	private final LongAdder slowTasks;

	private final List<Loop> loops = new ArrayList<>();

	private final Source workers;

	private final Source taskWorkers;

	private final SwooleThread thread = new SwooleThread(this::run, "swoole-watchdog");

	private volatile boolean stopped;

	// accessed by the watchdog only

	private Map<WorkerContext, Stall> stalls = new IdentityHashMap<>();

	/**
	 * Creates a detector that does not look yet.
	 * @param handlerThreshold how long a callback may hold a worker or an event loop;
	 * zero: for ever
	 * @param taskThreshold how long a task may take; zero: for ever
	 * @param slowHandlers counts callbacks that take longer
	 * @param slowTasks counts tasks that take longer
	 * @param workers the contexts of the event workers as of now, without those of
	 * virtual threads, which may block
	 * @param taskWorkers the contexts of the task workers as of now
	 */
	StallDetector(Duration handlerThreshold, Duration taskThreshold, LongAdder slowHandlers, LongAdder slowTasks,
			Source workers, Source taskWorkers) {
		this.handlerThreshold = nanos(handlerThreshold);
		this.taskThreshold = nanos(taskThreshold);
		this.interval = Math.max(SHORTEST_INTERVAL,
				Math.min(LONGEST_INTERVAL, Math.min(this.handlerThreshold, this.taskThreshold) / 4));
		this.slowHandlers = slowHandlers;
		this.slowTasks = slowTasks;
		this.workers = workers;
		this.taskWorkers = taskWorkers;
	}

	private static long nanos(Duration threshold) {
		return threshold.isZero() ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(threshold);
	}

	/**
	 * Watches an event loop too.
	 * @param reactor the event loop
	 * @param worker the context of the worker it is, {@code null} if it only reads and
	 * writes
	 */
	void watch(Reactor reactor, @Nullable WorkerContext worker) {
		this.loops.add(new Loop(reactor, worker));
	}

	void start() {
		if (Math.min(this.handlerThreshold, this.taskThreshold) < Long.MAX_VALUE) {
			// before they have anything else to do, so that their threads are known
			this.loops.forEach(Loop::ask);
			this.thread.start();
		}
	}

	void stop() throws InterruptedException {
		this.stopped = true;
		LockSupport.unpark(this.thread);
		this.thread.join(TimeUnit.SECONDS.toMillis(1));
	}

	private void run() {
		while (!this.stopped) {
			LockSupport.parkNanos(this, this.interval);
			try {
				look(System.nanoTime());
			}
			catch (RuntimeException ex) {
				logger.warn("Cannot look for stalled callbacks", ex);
			}
		}
	}

	private void look(long now) {
		Map<WorkerContext, Stall> next = new IdentityHashMap<>();
		if (this.handlerThreshold < Long.MAX_VALUE) {
			for (WorkerContext context : this.workers.contexts()) {
				look(context, now, this.handlerThreshold, this.slowHandlers, next);
			}
			for (Loop loop : this.loops) {
				loop.look(now);
			}
		}
		if (this.taskThreshold < Long.MAX_VALUE) {
			for (WorkerContext context : this.taskWorkers.contexts()) {
				look(context, now, this.taskThreshold, this.slowTasks, next);
			}
		}
		this.stalls = next;
	}

	private void look(WorkerContext context, long now, long threshold, LongAdder counter,
			Map<WorkerContext, Stall> next) {
		long progress = context.progress();
		if ((progress & 1) == 0) {
			return;
		}
		Stall stall = this.stalls.get(context);
		if (stall == null || stall.progress != progress) {
			stall = new Stall(progress, now, threshold);
		}
		next.put(context, stall);
		if (now - stall.since >= stall.limit) {
			report(context, stall, now, counter);
		}
	}

	private static void report(WorkerContext context, Stall stall, long now, LongAdder counter) {
		Thread thread = context.thread();
		Connection connection = context.connection();
		Task task = context.task();
		long taskId = (task != null) ? task.id() : context.resultOf();
		Throwable stack = (thread != null) ? StackTrace.of(thread) : null;
		if (context.progress() != stall.progress) {
			return; // it has ended meanwhile: what has been read may belong to the next
					// one
		}
		long millis = TimeUnit.NANOSECONDS.toMillis(now - stall.since);
		if (stall.isFirst()) {
			counter.increment();
		}
		stall.doubled(now);
		if (task != null) {
			logger.warn("Task worker {} has been busy with task {} for {} ms", context.workerId(), taskId, millis,
					stack);
		}
		else if (context.worker() == null) {
			logger.warn("Task worker {} has been held up by a callback for {} ms: its tasks wait", context.workerId(),
					millis, stack);
		}
		else {
			logger.warn(
					"Event worker {} has been held up by a callback for {} ms [fd={}, task={}]: everything else that"
							+ " belongs to this worker waits. Move slow work into a task",
					context.workerId(), millis, (connection != null) ? connection.fd() : -1, taskId, stack);
		}
	}

	/**
	 * Where the contexts of workers come from.
	 */
	@FunctionalInterface
	interface Source {

		Iterable<WorkerContext> contexts();

	}

	/**
	 * A callback that has been seen running.
	 */
	private static final class Stall {

		private final long progress;

		private final long since;

		private final long threshold;

		/** The age at which it is logged next. */
		private long limit;

		Stall(long progress, long since, long threshold) {
			this.progress = progress;
			this.since = since;
			this.threshold = threshold;
			this.limit = threshold;
		}

		boolean isFirst() {
			return this.limit == this.threshold;
		}

		void doubled(long now) {
			while (this.limit <= now - this.since) {
				this.limit *= 2;
			}
		}

	}

	/**
	 * An event loop that is asked to answer.
	 */
	private final class Loop {

		private final Reactor reactor;

		private final @Nullable WorkerContext worker;

		private volatile boolean answered;

		private volatile @Nullable Thread thread;

		private Stall stall = new Stall(-1, 0, 0);

		Loop(Reactor reactor, @Nullable WorkerContext worker) {
			this.reactor = reactor;
			this.worker = worker;
		}

		void look(long now) {
			long progress = (this.worker != null) ? this.worker.progress() : 0;
			if (this.answered) {
				this.stall = new Stall(progress, now, StallDetector.this.handlerThreshold);
				ask();
			}
			else if (progress != this.stall.progress || (progress & 1) != 0) {
				// callbacks get on, or one does not, which is looked for elsewhere
				this.stall = new Stall(progress, now, StallDetector.this.handlerThreshold);
			}
			else if (now - this.stall.since >= this.stall.limit) {
				report(now);
			}
		}

		private void ask() {
			this.answered = false;
			this.reactor.post(Event.of(() -> {
				this.thread = Thread.currentThread();
				this.answered = true;
			}));
		}

		private void report(long now) {
			Thread loop = this.thread;
			Throwable stack = (loop != null) ? StackTrace.of(loop) : null;
			if (this.answered) {
				return;
			}
			if (this.stall.isFirst()) {
				StallDetector.this.slowHandlers.increment();
			}
			long millis = TimeUnit.NANOSECONDS.toMillis(now - this.stall.since);
			this.stall.doubled(now);
			logger.warn(
					"Event loop {} has been held up for {} ms: its connections are neither read nor written. A handler"
							+ " in the pipeline, a length function or a dispatch strategy must not block",
					this.reactor.id(), millis, stack);
		}

	}

}
