package io.swoole.server.supervision;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import io.swoole.server.Internal;
import io.swoole.server.WorkerStatus;
import io.swoole.server.callback.WorkerCallbacks;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.WorkerContext;
import io.swoole.server.worker.WorkerTimers;
import org.jspecify.annotations.Nullable;

/**
 * The life of one worker id: its first and its last callback, in pairs, and whether it is
 * being restarted.
 */
@Internal
public final class WorkerLife {

	private final Supervised worker;

	private final WorkerCallbacks callbacks;

	/** The restart under way, if any. */
	private final AtomicReference<@Nullable WorkerRestart> restart = new AtomicReference<>();

	private @Nullable RequestLimit limit;

	private volatile boolean exiting;

	/** Tells whether callbacks that ran when the worker was told to stop still do. */
	private volatile BooleanSupplier inFlight = () -> false;

	/**
	 * Whether the first callback has been called without the last; in the worker only.
	 */
	private boolean started;

	/**
	 * Creates the life of a worker that has not been started.
	 * @param worker the worker
	 * @param callbacks runs the callbacks
	 */
	public WorkerLife(Supervised worker, WorkerCallbacks callbacks) {
		this.worker = worker;
		this.callbacks = callbacks;
	}

	/**
	 * The worker.
	 * @return the worker
	 */
	public Supervised worker() {
		return this.worker;
	}

	/**
	 * Sets how much the worker may handle until it begins anew; before it starts.
	 * @param limit the limit
	 */
	public void limit(RequestLimit limit) {
		this.limit = limit;
	}

	/** The worker has handled something; {@code true} if that was enough. */
	boolean isLimitReached() {
		RequestLimit limit = this.limit;
		return limit != null && limit.isReached();
	}

	/**
	 * What the worker does.
	 * @return its status
	 */
	public WorkerStatus status() {
		if (this.exiting) {
			return WorkerStatus.EXITING;
		}
		return this.worker.isBusy() ? WorkerStatus.BUSY : WorkerStatus.IDLE;
	}

	/**
	 * The worker has been told to end, or has begun anew.
	 * @param exiting {@code true} if it ends
	 */
	public void exiting(boolean exiting) {
		this.exiting = exiting;
	}

	/**
	 * Has the first callback run in the worker, before anything else.
	 * @param all opens when all workers have been told
	 * @return completed when it has returned, exceptionally with what it has thrown
	 */
	public CompletableFuture<Void> start(CountDownLatch all) {
		CompletableFuture<Void> result = new CompletableFuture<>();
		this.worker.postFirst(Event.of(() -> {
			try {
				all.await();
				this.callbacks.workerStart(this.worker.context());
				this.started = true;
				result.complete(null);
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}));
		return result;
	}

	/**
	 * Lets the worker have timers again and runs the first callback once more, after a
	 * restart; in the worker. When it fails the worker goes on nevertheless.
	 */
	void startAgain() {
		this.started = true;
		if (this.limit != null) {
			this.limit.reset();
		}
		this.worker.timers().open();
		this.callbacks.workerStartAgain(this.worker.context());
	}

	/**
	 * Runs the exit callback if timers or callbacks in progress are left; in the worker.
	 * @param context its context
	 */
	public void exit(WorkerContext context) {
		this.inFlight = this.worker.inFlight();
		if (this.worker.timers().size() > 0 || this.inFlight.getAsBoolean()) {
			this.callbacks.workerExit(context);
		}
	}

	/**
	 * Whether something is left that the worker should not stop before. A timer that runs
	 * again and again ends only if the exit callback clears it, so it is not waited for
	 * where there is none.
	 * @return {@code true} if so
	 */
	public boolean isHeld() {
		WorkerTimers timers = this.worker.timers();
		return (this.callbacks.hasWorkerExit() ? timers.size() : timers.oneShots()) > 0 || this.inFlight.getAsBoolean();
	}

	/**
	 * Ends the timers and runs the last callback; in the worker. Without a first callback
	 * there is no last one.
	 * @param context its context
	 */
	public void stop(WorkerContext context) {
		this.worker.timers().close();
		if (this.started) {
			this.started = false;
			this.callbacks.workerStop(context);
		}
	}

	/** Makes a restart the one under way, unless there is one already. */
	boolean begin(WorkerRestart next) {
		return this.restart.compareAndSet(null, next);
	}

	void end(WorkerRestart restart) {
		this.restart.compareAndSet(restart, null);
	}

	@Nullable WorkerRestart restart() {
		return this.restart.get();
	}

}
