package io.swoole.server.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * How the callbacks of one thread get on: whether one runs and which, and whether it has
 * been interrupted or its thread given up. Its own thread begins and ends callbacks;
 * others look on, interrupt and give up.
 */
@Internal
public abstract class CallbackProgress {

	private static final int BUSY = 1;

	/** Somebody is about to interrupt the callback, which must not end before. */
	private static final int INTERRUPTING = 3;

	private static final int INTERRUPTED = 5;

	/** The thread works for nobody any more, whenever its callback ends. */
	private static final int ABANDONED = 7;

	private static final long STATE = 7;

	private static final VarHandle PROGRESS;

	static {
		try {
			PROGRESS = MethodHandles.lookup().findVarHandle(CallbackProgress.class, "progress", long.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private volatile @Nullable Thread thread;

	/**
	 * The state of the current callback in the lower bits, the number of callbacks above.
	 * Odd while a callback runs.
	 */
	private long progress;

	CallbackProgress() {
	}

	/** The thread that runs callbacks from now on, {@code null} for none. */
	final void runsIn(@Nullable Thread thread) {
		this.thread = thread;
	}

	/**
	 * The thread that runs the callbacks; from any thread.
	 * @return the thread, if any
	 */
	public final @Nullable Thread thread() {
		return this.thread;
	}

	/**
	 * Whether a callback runs; from any thread.
	 * @return {@code true} while one does
	 */
	public final boolean isBusy() {
		return (progress() & 1) != 0;
	}

	/**
	 * A number that is odd while a callback runs, and another one for each callback; from
	 * any thread. As long as it is odd and does not change, one and the same callback
	 * runs.
	 * @return the number
	 */
	public final long progress() {
		long now = (long) PROGRESS.getAcquire(this);
		return (now & ~STATE) | (now & 1);
	}

	/**
	 * A callback begins or ends. One that runs inside another counts as part of it. When
	 * it ends, so does an interrupt meant for it.
	 * @param busy {@code true} when it begins
	 */
	public final void busy(boolean busy) {
		long now = this.progress;
		if (((now & 1) != 0) == busy) {
			return;
		}
		if (busy) {
			PROGRESS.setRelease(this, now + STATE + 1 + BUSY);
		}
		else {
			if ((now & STATE) != BUSY || !PROGRESS.compareAndSet(this, now, now & ~STATE)) {
				endInterrupted();
			}
			Thread.interrupted();
		}
	}

	private void endInterrupted() {
		while (state() == INTERRUPTING) {
			Thread.yield();
		}
		change((long) PROGRESS.getAcquire(this), INTERRUPTED, 0);
	}

	/**
	 * Interrupts the callback that runs now, and no later one; from any thread.
	 * @return {@code false} if none runs, or it has been interrupted already
	 */
	public final boolean interrupt() {
		return interrupt((long) PROGRESS.getAcquire(this));
	}

	/**
	 * Interrupts one callback, if it is that which runs now; from any thread.
	 * @param callback what {@link #progress()} was when it ran
	 * @return {@code false} if it does not run, or it has been interrupted already
	 */
	public final boolean interrupt(long callback) {
		if (!change(callback, BUSY, INTERRUPTING)) {
			return false;
		}
		Thread thread = this.thread;
		if (thread != null) {
			thread.interrupt();
		}
		change(callback, INTERRUPTING, INTERRUPTED);
		return true;
	}

	/**
	 * Gives up the thread, which is in a callback that does not end: from now on it is no
	 * worker. What it leaves behind belongs to its successor. From any thread, but one at
	 * a time.
	 * @return {@code false} if no callback runs
	 */
	final boolean abandon() {
		return abandon((long) PROGRESS.getAcquire(this));
	}

	/**
	 * Gives up the thread, if it is in one callback and in no later one.
	 * @param callback what {@link #progress()} was when it ran
	 * @return {@code false} if it does not run
	 */
	final boolean abandon(long callback) {
		return change(callback, BUSY, ABANDONED) || change(callback, INTERRUPTED, ABANDONED);
	}

	/**
	 * Interrupts the thread that has been given up.
	 */
	final void interruptAbandoned() {
		Thread thread = this.thread;
		if (thread != null) {
			thread.interrupt();
		}
	}

	/**
	 * The thread is about to end where it should not.
	 * @return {@code false} if it has been given up before
	 */
	final boolean die() {
		return (int) ((long) PROGRESS.getAndSet(this, (long) ABANDONED) & STATE) != ABANDONED;
	}

	/**
	 * Whether the thread has been given up. Once no callback runs the answer is final.
	 * @return {@code true} if so
	 */
	public final boolean isAbandoned() {
		return state() == ABANDONED;
	}

	private int state() {
		return (int) ((long) PROGRESS.getAcquire(this) & STATE);
	}

	/** Changes the state of one callback, whatever it was in when somebody looked. */
	private boolean change(long callback, int from, int to) {
		long number = callback & ~STATE;
		return PROGRESS.compareAndSet(this, number | from, number | to);
	}

}
