package io.swoole.server.supervision;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.WorkerContext;
import io.swoole.server.worker.WorkerThread;
import org.jspecify.annotations.Nullable;

/**
 * One restart of a worker: the callback in progress and whatever holds the worker may
 * take until a deadline, then its last callback and its first run one after another. The
 * worker does the steps; the supervisor watches them.
 */
final class WorkerRestart {

	/** How much longer than the deadline the last callback may take. */
	private static final long LAST_CALLBACK = TimeUnit.SECONDS.toNanos(1);

	private final WorkerLife life;

	private final Supervised worker;

	/** The supervisor wants to look at this restart now. */
	private final Runnable progress;

	// changed under the lock: by the worker between callbacks, by the supervisor only
	// while it has no thread

	private Phase phase = Phase.REQUESTED;

	private long limit;

	/** Whether the supervisor has done what it can about an overdue callback. */
	private boolean warned;

	/** Tells whether the callback runs that the deadline is meant for. */
	private @Nullable BooleanSupplier atIt;

	/** How long another callback may take. */
	private long patience;

	/** The callback that was found to take longer than it may. */
	private long overdue;

	WorkerRestart(WorkerLife life, long limit, Runnable progress) {
		this.life = life;
		this.worker = life.worker();
		this.limit = limit;
		this.progress = progress;
	}

	/**
	 * The deadline is meant for one callback; before the restart begins. Once that has
	 * returned, the next one may take as long as with any restart.
	 */
	synchronized void only(BooleanSupplier atIt, long patience) {
		this.atIt = atIt;
		this.patience = patience;
	}

	Supervised worker() {
		return this.worker;
	}

	void begin() {
		this.life.exiting(true);
		this.worker.postFirst(Event.of(this::exit));
	}

	/** In the worker. */
	private void exit() {
		WorkerContext context = this.worker.context();
		if (phase() != Phase.REQUESTED) {
			return;
		}
		this.life.exit(context);
		if (context.isAbandoned()) {
			return;
		}
		if (!this.life.isHeld()) {
			restart();
		}
		else if (change(Phase.REQUESTED, Phase.HELD)) {
			this.progress.run();
		}
	}

	/** In the worker. */
	private void restart() {
		if (!beginStopping()) {
			return;
		}
		WorkerContext context = this.worker.context();
		this.life.stop(context);
		if (!context.isAbandoned() && change(Phase.STOPPING, Phase.STARTING)) {
			startAgain();
		}
	}

	/** In the worker. */
	private void startAgain() {
		this.life.startAgain();
		if (change(Phase.STARTING, Phase.DONE)) {
			this.life.end(this);
			this.life.exiting(false);
			this.progress.run();
		}
	}

	private synchronized Phase phase() {
		return this.phase;
	}

	private synchronized boolean change(Phase from, Phase to) {
		if (this.phase != from) {
			return false;
		}
		this.phase = to;
		return true;
	}

	private synchronized boolean beginStopping() {
		if (this.phase != Phase.REQUESTED && this.phase != Phase.HELD) {
			return false;
		}
		this.phase = Phase.STOPPING;
		this.limit = Math.max(this.limit, System.nanoTime()) + LAST_CALLBACK;
		return true;
	}

	// the supervisor

	/** Goes on if nothing holds the worker any more, or for too long. */
	synchronized void advance(long now) {
		if (isBack()) {
			this.atIt = null;
			if (this.phase == Phase.REQUESTED || this.phase == Phase.HELD) {
				this.limit = Math.max(this.limit, now + this.patience);
			}
		}
		if (this.phase == Phase.HELD && (!this.life.isHeld() || now - this.limit > 0)) {
			this.phase = Phase.REQUESTED;
			this.limit = Math.max(this.limit, now) + LAST_CALLBACK;
			this.worker.postFirst(Event.of(this::restart));
		}
	}

	/** Whether the one callback that the deadline was meant for has returned. */
	private boolean isBack() {
		return this.atIt != null && !this.atIt.getAsBoolean();
	}

	/** Whether a callback takes longer than it may. */
	synchronized boolean isOverdue(long now) {
		if (this.warned || (this.phase != Phase.REQUESTED && this.phase != Phase.STOPPING) || now - this.limit <= 0) {
			return false;
		}
		// looked at first: what comes after it is another callback
		long callback = this.worker.context().progress();
		if ((callback & 1) == 0 || isBack()) {
			return false;
		}
		this.overdue = callback;
		return true;
	}

	/**
	 * Gives up the thread of the worker and lets another one start, unless the callback
	 * that is overdue has returned in the meantime.
	 */
	synchronized boolean abandon() {
		if (!this.worker.replace(this.overdue, Event.of(this::startAgain))) {
			return false;
		}
		this.phase = Phase.STARTING;
		return true;
	}

	/** The thread of the worker has died; starts another one. */
	synchronized boolean succeed(WorkerThread dead) {
		if (this.phase == Phase.DONE) {
			return false;
		}
		this.phase = Phase.STARTING;
		dead.succeed(Event.of(this::startAgain));
		return true;
	}

	/** Interrupts the callback that is overdue, once. */
	synchronized boolean interrupt() {
		this.warned = this.worker.context().interrupt(this.overdue);
		return this.warned;
	}

	/** Forgets the restart, unless it has begun with the last callback. */
	synchronized void cancel() {
		if (this.phase == Phase.REQUESTED || this.phase == Phase.HELD) {
			this.phase = Phase.DONE;
			this.life.end(this);
		}
	}

	/** Whether only the callback itself can end this restart. */
	synchronized boolean isStuck() {
		return this.warned;
	}

	synchronized boolean isDone() {
		return this.phase == Phase.DONE;
	}

	private enum Phase {

		/** A callback in progress must end first. */
		REQUESTED,

		/** Something holds the worker, which goes on with its work. */
		HELD,

		/** The last callback runs. */
		STOPPING,

		/** The first callback runs, perhaps in another thread. */
		STARTING,

		DONE

	}

}
