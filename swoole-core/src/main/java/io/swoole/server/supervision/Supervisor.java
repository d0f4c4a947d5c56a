package io.swoole.server.supervision;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

import io.swoole.server.Internal;
import io.swoole.server.WorkerError;
import io.swoole.server.callback.ServerCallbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.SwooleThread;
import io.swoole.server.worker.WorkerThread;
import io.swoole.task.queue.Nanos;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the workers from threads of its own: restarts them, one or all, and replaces
 * the threads of those that do not come back. Swoole: the manager process.
 */
@Internal
public final class Supervisor {

	private static final Logger logger = LoggerFactory.getLogger(Supervisor.class);

	/** How often restarts are looked at that have not told of progress themselves. */
	private static final long STEP_MILLIS = 5;

	private final ServerCallbacks callbacks;

	private final List<WorkerLife> lives;

	private final int eventWorkers;

	private final Settings settings;

	private final long patience;

	private final LinkedBlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();

	/** Does not run callbacks itself: one that hangs must not end supervision. */
	private final SwooleThread thread = new SwooleThread(this::run, "swoole-manager");

	private final AtomicBoolean reloading = new AtomicBoolean();

	/** Threads that have been given up; those that have ended are taken out. */
	private final List<Thread> abandoned = new CopyOnWriteArrayList<>();

	private volatile boolean stopping;

	// accessed by the manager thread only

	private final List<WorkerRestart> restarts = new ArrayList<>();

	private @Nullable Reload reload;

	private boolean ended;

	/**
	 * Creates a supervisor that does nothing yet.
	 * @param lives the workers, event workers first, each at its id
	 * @param eventWorkers how many of them are event workers
	 * @param callbacks runs the callbacks
	 * @param settings its settings
	 */
	public Supervisor(List<WorkerLife> lives, int eventWorkers, ServerCallbacks callbacks, Settings settings) {
		this.lives = lives;
		this.eventWorkers = eventWorkers;
		this.callbacks = callbacks;
		this.settings = settings;
		this.patience = Nanos.of(settings.patience());
		for (WorkerLife life : lives) {
			if (life.worker() instanceof WorkerThread worker) {
				worker.onDeath((cause) -> this.jobs.add(() -> succeed(life, worker, cause)));
			}
		}
	}

	/**
	 * Starts the thread.
	 */
	public void start() {
		this.thread.start();
	}

	/**
	 * Restarts workers; from any thread.
	 * @param onlyTaskWorkers {@code true} to leave event workers alone
	 * @return {@code false} if nothing was begun
	 */
	public boolean reload(boolean onlyTaskWorkers) {
		if (onlyTaskWorkers && this.lives.size() == this.eventWorkers) {
			logger.warn("There are no task workers to reload");
			return false;
		}
		if (this.stopping || !this.reloading.compareAndSet(false, true)) {
			logger.debug("Reload ignored: {}", this.stopping ? "the server stops" : "one is under way");
			return false;
		}
		this.jobs.add(() -> begin(onlyTaskWorkers));
		return true;
	}

	/**
	 * Restarts one worker; from any thread, and in the worker itself before its next
	 * event.
	 * @param life the worker
	 * @return {@code false} if it is being restarted already or the server stops
	 */
	public boolean restart(WorkerLife life) {
		return begin(life) != null;
	}

	/**
	 * Gives up the thread of a worker that was to end its callback and has not; from any
	 * thread. If the worker is being restarted already, the deadline of that holds.
	 * @param life the worker
	 * @param atIt tells whether it is still in that callback; once it is not, the worker
	 * is restarted like any other
	 */
	public void giveUp(WorkerLife life, BooleanSupplier atIt) {
		WorkerRestart restart = newRestart(life, System.nanoTime());
		restart.only(atIt, this.patience);
		begin(life, restart);
	}

	/**
	 * Gives up a virtual thread; from any thread.
	 * @param thread the thread
	 * @return {@code false} if too many threads have been given up already
	 */
	public synchronized boolean giveUp(Thread thread) {
		if (abandonedThreads() >= this.settings.maxAbandonedThreads()) {
			return false;
		}
		this.abandoned.add(thread);
		return true;
	}

	private @Nullable WorkerRestart begin(WorkerLife life) {
		return begin(life, newRestart(life, System.nanoTime() + this.patience));
	}

	private @Nullable WorkerRestart begin(WorkerLife life, WorkerRestart next) {
		if (!life.begin(next)) {
			return null;
		}
		if (this.stopping) {
			life.end(next);
			return null;
		}
		this.jobs.add(() -> this.restarts.add(next));
		next.begin();
		return next;
	}

	private WorkerRestart newRestart(WorkerLife life, long limit) {
		return new WorkerRestart(life, limit, () -> this.jobs.add(() -> {
		}));
	}

	/**
	 * A worker has handled what counts against its limit; in that worker.
	 * @param life the worker
	 */
	public void handled(WorkerLife life) {
		if (life.isLimitReached()) {
			restart(life);
		}
	}

	/**
	 * Reports the end of a thread; from any thread.
	 * @param error what has happened
	 */
	public void report(WorkerError error) {
		this.jobs.add(() -> tell("workerError", () -> this.callbacks.workerError(error)));
	}

	/**
	 * How many threads have been given up and have not ended.
	 * @return the number
	 */
	public int abandonedThreads() {
		this.abandoned.removeIf((thread) -> !thread.isAlive());
		return this.abandoned.size();
	}

	/**
	 * Begins no more restarts and forgets those that have not begun with the last
	 * callback of their worker.
	 */
	public void refuse() {
		this.stopping = true;
		for (WorkerLife life : this.lives) {
			WorkerRestart restart = life.restart();
			if (restart != null) {
				restart.cancel();
			}
		}
	}

	/**
	 * Ends the thread when its callbacks have returned.
	 * @param deadline until when to wait, in {@link System#nanoTime()}
	 * @throws InterruptedException if the caller is interrupted
	 */
	public void stop(long deadline) throws InterruptedException {
		this.stopping = true;
		this.jobs.add(() -> this.ended = true);
		if (!this.thread.isAlive()) {
			return;
		}
		this.thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
		if (this.thread.isAlive()) {
			this.thread.interrupt();
			this.thread.join(50);
		}
	}

	// the manager thread

	private void run() {
		while (!this.ended) {
			try {
				Runnable job = (this.restarts.isEmpty() && this.reload == null) ? this.jobs.take()
						: this.jobs.poll(STEP_MILLIS, TimeUnit.MILLISECONDS);
				if (job != null) {
					job.run();
				}
				step(System.nanoTime());
			}
			catch (InterruptedException ex) {
				// meant for a callback that has ended in the meantime
			}
			catch (Throwable ex) {
				logger.error("Unexpected failure; the supervisor goes on", ex);
			}
		}
	}

	private void begin(boolean onlyTaskWorkers) {
		logger.info("Reloading {}", onlyTaskWorkers ? "task workers" : "all workers");
		tell("beforeReload", this.callbacks::beforeReload);
		List<WorkerLife> those = this.lives.subList(onlyTaskWorkers ? this.eventWorkers : 0, this.lives.size());
		this.reload = new Reload(those, this.settings.reloadAsync());
	}

	private void step(long now) {
		for (WorkerRestart restart : this.restarts) {
			restart.advance(now);
			if (restart.isOverdue(now)) {
				overdue(restart);
			}
		}
		this.restarts.removeIf(WorkerRestart::isDone);
		Reload current = this.reload;
		if (current != null) {
			if (this.stopping) {
				this.reload = null;
			}
			else if (current.advance(this::join)) {
				this.reload = null;
				this.reloading.set(false);
				logger.info("Reloaded {} workers", current.size());
				tell("afterReload", this.callbacks::afterReload);
			}
		}
	}

	/** The restart of a worker under way, or a new one. */
	private @Nullable WorkerRestart join(WorkerLife life) {
		while (!this.stopping) {
			WorkerRestart restart = begin(life);
			if (restart == null) {
				restart = life.restart();
			}
			if (restart != null) {
				return restart;
			}
		}
		return null;
	}

	private void overdue(WorkerRestart restart) {
		Supervised worker = restart.worker();
		Thread thread = Objects.requireNonNull(worker.context().thread());
		Throwable stack = StackTrace.of(thread);
		long patience = TimeUnit.NANOSECONDS.toMillis(this.patience);
		if (!worker.isReplaceable()) {
			if (restart.interrupt()) {
				logger.error("A callback has held worker {} for longer than max-wait-time of {} ms; it is interrupted,"
						+ " and the worker begins anew when it returns", worker.id(), patience, stack);
			}
		}
		else if (abandonedThreads() >= this.settings.maxAbandonedThreads()) {
			if (restart.interrupt()) {
				worker.stuck();
				logger.error(
						"A callback has held worker {} for longer than max-wait-time of {} ms; it is only"
								+ " interrupted, because {} threads have been given up already",
						worker.id(), patience, this.settings.maxAbandonedThreads(), stack);
			}
		}
		else if (restart.abandon()) {
			this.abandoned.add(thread);
			logger.error("A callback has held worker {} for longer than max-wait-time of {} ms; its thread is given"
					+ " up, and the worker goes on with a new one", worker.id(), patience, stack);
			tell("workerError", () -> this.callbacks.workerError(new WorkerError(worker.id(), 0, 9, null)));
		}
	}

	private void succeed(WorkerLife life, WorkerThread worker, Throwable cause) {
		logger.error("The thread of worker {} has died; the worker goes on with a new one", worker.id(), cause);
		WorkerRestart restart = life.restart();
		if (restart == null || !restart.succeed(worker)) {
			worker.succeed(Event.of(life::startAgain));
		}
		tell("workerError", () -> this.callbacks.workerError(new WorkerError(worker.id(), 255, 0, cause)));
	}

	/** Runs a callback in the supervisor thread. */
	private void tell(String event, Runnable callback) {
		try {
			CallbackThread.run("swoole-supervisor", event, callback, this.patience);
		}
		catch (InterruptedException ex) {
			// the server stops: the callback has been interrupted, too
		}
	}

	/**
	 * The settings of a supervisor.
	 *
	 * @param patience how long a worker may take to come back, {@code max-wait-time}
	 * @param reloadAsync whether a reload restarts all workers at once
	 * @param maxAbandonedThreads how many threads may be given up at a time
	 */
	@Internal
	public record Settings(Duration patience, boolean reloadAsync, int maxAbandonedThreads) {

	}

}
