package io.swoole.task.execution;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.concurrent.Future;

import io.swoole.task.Task;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskExecution;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.Timer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to execute a task, which can be ended by force; the handle the application
 * gets, unless it has a {@link PostedTask}. An interrupt reaches the thread while the
 * attempt lasts or not at all.
 */
final class RunningTask implements Task, TaskExecution {

	private static final Logger logger = LoggerFactory.getLogger(RunningTask.class);

	private static final int ACTIVE = 0;

	/** Somebody is ending it by force; it must not end by itself meanwhile. */
	private static final int INTERRUPTING = 1;

	/** Its thread has been interrupted. */
	private static final int INTERRUPTED = 2;

	/** The handler has returned and goes on without a thread. */
	private static final int DETACHED = 3;

	/** The attempt is over: its handler has ended, or it is waited for no longer. */
	private static final int OVER = 4;

	private static final VarHandle PHASE;

	static {
		try {
			PHASE = MethodHandles.lookup().findVarHandle(RunningTask.class, "phase", int.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final TaskEnvelope envelope;

	/** What the application has got, if it is not this. */
	private final @Nullable PostedTask posted;

	private final int taskWorkerId;

	private final int attempt;

	private final ResultRouter results;

	private final @Nullable Thread thread;

	private final Slot slot;

	/** Cancels what the handler has returned: what depends on that may block. */
	private final FailureThread cancellations;

	@SuppressWarnings("unused") // through PHASE
	private volatile int phase = ACTIVE;

	/** Whether results of this attempt are refused. */
	private volatile boolean closed;

	/** Why the attempt is to end, if it has not ended by itself. */
	private volatile @Nullable Throwable cause;

	/** What the handler has returned, if it goes on without a thread. */
	private volatile @Nullable Future<?> stage;

	private volatile boolean detached;

	/** Whether what comes of a complete stage still has the thread. */
	private volatile boolean held;

	private volatile @Nullable Timer timer;

	/**
	 * Creates an attempt that begins.
	 * @param thread the thread it runs in, {@code null} if it does not run
	 * @param slot what of a task worker it occupies
	 * @param cancellations cancels what the handler has returned
	 */
	RunningTask(TaskEnvelope envelope, int taskWorkerId, ResultRouter results, @Nullable Thread thread, Slot slot,
			FailureThread cancellations) {
		this.envelope = envelope;
		this.posted = null;
		this.taskWorkerId = taskWorkerId;
		this.attempt = envelope.attempts();
		this.results = results;
		this.thread = thread;
		this.slot = slot;
		this.cancellations = cancellations;
	}

	/**
	 * Creates what is to be known of the first attempt, which goes on.
	 * @param slot what of a task worker it occupies
	 * @param cancellations cancels what the handler has returned
	 */
	RunningTask(PostedTask posted, ResultRouter results, Slot slot, FailureThread cancellations) {
		this.envelope = posted;
		this.posted = posted;
		this.taskWorkerId = posted.taskWorkerId();
		this.attempt = posted.attempt();
		this.results = results;
		this.thread = posted.thread();
		this.slot = slot;
		this.cancellations = cancellations;
	}

	/**
	 * What is known of the attempt of which the application has got a handle.
	 * @param handle the handle, if any
	 * @return the attempt; {@code null} if it has ended, or nobody knows more than where
	 * it runs
	 */
	static @Nullable RunningTask of(@Nullable Task handle) {
		if (handle instanceof PostedTask posted) {
			return (posted.execution() instanceof RunningTask attempt && attempt.posted == posted) ? attempt : null;
		}
		return (handle instanceof RunningTask attempt) ? attempt : null;
	}

	/** What the application has got. */
	Task handle() {
		return (this.posted != null) ? this.posted : this;
	}

	@Nullable Thread thread() {
		return this.thread;
	}

	Slot slot() {
		return this.slot;
	}

	TaskEnvelope envelope() {
		return this.envelope;
	}

	/** Happens when the attempt takes too long. */
	void timer(Timer timer) {
		this.timer = timer;
	}

	@Nullable Timer timer() {
		return this.timer;
	}

	/**
	 * The handler has returned and goes on without a thread, which it has until
	 * {@link #letGo()}.
	 * @param stage what it waits for
	 */
	void goOn(Object stage) {
		this.stage = (stage instanceof Future<?> cancellable) ? cancellable : null;
		this.held = true;
		this.detached = true;
		change(DETACHED);
		if (this.closed) {
			cancelStage();
		}
	}

	/** The thread has done what came of a complete stage; in that thread. */
	void letGo() {
		this.held = false;
		while ((int) PHASE.getVolatile(this) == INTERRUPTING) {
			Thread.yield(); // an interrupt must not reach what the thread does next
		}
	}

	/** Whether the attempt goes on without needing the thread it has begun in. */
	boolean isWithoutThread() {
		return this.detached && !this.held;
	}

	/** Whether the handler has returned and the attempt has gone on without a thread. */
	boolean isDetached() {
		return this.detached;
	}

	/** Why the attempt is to end, if it has not ended by itself. */
	@Nullable Throwable cause() {
		return this.cause;
	}

	/**
	 * Lets the attempt end, unless it is over: refuses its results and interrupts its
	 * thread.
	 * @param cause why
	 * @param settle runs while the attempt cannot end by itself
	 * @return {@code false} if it is over
	 */
	boolean abort(Throwable cause, Runnable settle) {
		return abort(cause, settle, true);
	}

	/**
	 * Gives up the attempt, unless it is over, and ends it in the place of its thread,
	 * which has been interrupted.
	 * @param cause why
	 * @param settle runs while the attempt cannot end by itself
	 * @return {@code false} if it is over
	 */
	boolean giveUp(Throwable cause, Runnable settle) {
		return abort(cause, settle, false) && end();
	}

	private boolean abort(Throwable cause, Runnable settle, boolean interrupt) {
		int before = seize();
		if (before == OVER) {
			return false;
		}
		try {
			this.cause = cause;
			close();
			settle.run();
			if ((before == ACTIVE || this.held) && interrupt && this.thread != null) {
				this.thread.interrupt();
			}
		}
		finally {
			PHASE.setVolatile(this, (before == ACTIVE) ? INTERRUPTED : before);
		}
		cancelStage();
		return true;
	}

	private void cancelStage() {
		Future<?> future = this.stage;
		if (future != null) {
			this.cancellations.cancel(this, () -> cancel(future));
		}
	}

	private void cancel(Future<?> future) {
		try {
			future.cancel(true);
		}
		catch (RuntimeException ex) {
			logger.debug("{} has returned a stage that cannot be cancelled", this, ex);
		}
	}

	/** Keeps the attempt from ending, and tells in which phase it was. */
	private int seize() {
		while (true) {
			int now = (int) PHASE.getVolatile(this);
			if (now == OVER || (now != INTERRUPTING && PHASE.compareAndSet(this, now, INTERRUPTING))) {
				return now;
			}
			Thread.yield();
		}
	}

	/** Results of this attempt are refused from now on. */
	void close() {
		this.closed = true;
		if (this.posted != null) {
			this.posted.closeFirst();
		}
	}

	boolean isOver() {
		return (int) PHASE.getVolatile(this) == OVER;
	}

	/** The attempt is over; {@code false} if it was before. */
	boolean end() {
		return change(OVER);
	}

	private boolean change(int next) {
		int before = seize();
		if (before == OVER) {
			return false;
		}
		PHASE.setVolatile(this, next);
		return true;
	}

	@Override
	public long id() {
		return this.envelope.id();
	}

	@Override
	public int sourceWorkerId() {
		return this.envelope.sourceWorker();
	}

	@Override
	public int taskWorkerId() {
		return this.taskWorkerId;
	}

	@Override
	public Object data() {
		return this.envelope.data();
	}

	@Override
	public Instant dispatchTime() {
		return Instant.ofEpochMilli(this.envelope.dispatchMillis());
	}

	@Override
	public int attempt() {
		return this.attempt;
	}

	@Override
	public boolean finish(@Nullable Object result) {
		return !this.closed && this.results.deliver(this.envelope, this.taskWorkerId, result);
	}

	@Override
	public boolean progress(Object state) {
		return !this.closed && this.results.progress(this.envelope, state);
	}

	@Override
	public boolean isCancelled() {
		return this.closed;
	}

	@Override
	public String toString() {
		return "Task[id=" + id() + ", attempt=" + this.attempt + "]";
	}

}
