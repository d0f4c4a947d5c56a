package io.swoole.task.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Comparator;

import io.swoole.server.Internal;
import io.swoole.server.TaskInterceptor.Deferred;
import io.swoole.server.TaskInterceptor.Submission;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.task.TaskOptions;
import io.swoole.task.timer.Timer;
import org.jspecify.annotations.Nullable;

/**
 * A task on its way: the payload, what the queue must know to bring it to a task worker
 * and its result back, and how far it has come. All that changes is one number, so that
 * of all who try to end the task one succeeds. Interceptors see it as it is while it is
 * being posted, so that nothing else need be created for them.
 */
@Internal
public class TaskEnvelope implements Submission {

	/** No particular task worker. */
	public static final int ANY = -1;

	/** The order in which tasks start: by priority, then by age. */
	static final Comparator<TaskEnvelope> ORDER = (one, other) -> {
		int byPriority = Integer.compare(other.priority(), one.priority());
		int byAge = (byPriority != 0) ? byPriority : Long.compare(one.order, other.order);
		return (byAge != 0) ? byAge : Long.compare(one.id, other.id);
	};

	private static final int STATE = 0xf;

	/** A task worker is at it, even if it has ended already. */
	private static final int EXECUTING = 0x10;

	/** It occupies a place in the queue. */
	private static final int OPEN = 0x20;

	/** Results of its first attempt are refused. */
	private static final int FIRST_CLOSED = 0x40;

	/** What interceptors have remembered if they have remembered nothing. */
	private static final Object NOTHING = new Object();

	private static final TaskState[] STATES = TaskState.values();

	private static final VarHandle PROGRESS;

	private static final VarHandle EXECUTION;

	static {
		try {
			PROGRESS = MethodHandles.lookup().findVarHandle(TaskEnvelope.class, "progress", int.class);
			EXECUTION = MethodHandles.lookup().findVarHandle(TaskEnvelope.class, "execution", TaskExecution.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final long id;

	private final Object data;

	private final TaskTerms terms;

	private final TaskOptions options;

	private final @Nullable TaskReply reply;

	private final int sourceWorker;

	private final Lane lane;

	private final @Nullable TaskOrigin origin;

	private final int target;

	private final long dispatchMillis;

	/**
	 * While it is being posted what it is to wait for, if anything, then what
	 * interceptors have remembered; written before it is queued.
	 */
	private @Nullable Object submitted;

	private volatile int progress = OPEN;

	private volatile @Nullable TaskExecution execution;

	/** Its age among waiting tasks: written before it is queued. */
	private long order;

	/** How many times it has been started; written by who executes it. */
	private int attempts;

	/** Runs while the task waits for a certain time. */
	private volatile @Nullable Timer delay;

	/** Ends the task: one that waits to be started, or one that waits for a result. */
	private volatile @Nullable Timer timer;

	/**
	 * Creates a task that has not been accepted yet.
	 * @param id its id, which also orders it
	 * @param data its payload
	 * @param terms what holds for tasks of its type
	 * @param options what holds for this task
	 * @param reply where its first result goes, {@code null} for the usual way
	 * @param sourceWorker the event worker its results go to
	 * @param lane where its results are handled
	 * @param origin on whose behalf it is posted, if anybody's
	 * @param target the index of the task worker that must execute it, or {@link #ANY}
	 */
	public TaskEnvelope(long id, Object data, TaskTerms terms, TaskOptions options, @Nullable TaskReply reply,
			int sourceWorker, Lane lane, @Nullable TaskOrigin origin, int target) {
		this.id = id;
		this.data = data;
		this.terms = terms;
		this.options = options;
		this.reply = reply;
		this.sourceWorker = sourceWorker;
		this.lane = lane;
		this.origin = origin;
		this.target = target;
		this.order = id;
		this.dispatchMillis = System.currentTimeMillis();
	}

	/**
	 * The id of the task.
	 * @return the id
	 */
	public final long id() {
		return this.id;
	}

	@Override
	public final long taskId() {
		return this.id;
	}

	/**
	 * The payload.
	 * @return the payload
	 */
	@Override
	public final Object data() {
		return this.data;
	}

	/**
	 * What holds for tasks of its type.
	 * @return the terms
	 */
	public final TaskTerms terms() {
		return this.terms;
	}

	/**
	 * What holds for this task only.
	 * @return the options
	 */
	@Override
	public final TaskOptions options() {
		return this.options;
	}

	/**
	 * What interceptors have remembered when it was posted.
	 * @return whatever that is
	 */
	public final @Nullable Object submitted() {
		return (this.submitted != NOTHING) ? this.submitted : null;
	}

	/**
	 * Remembers something for interceptors, which have all been asked; before the task is
	 * accepted.
	 * @param submitted whatever that is
	 * @return what it is to wait for, if anything
	 */
	public final @Nullable Deferral submitted(@Nullable Object submitted) {
		Deferral deferral = (this.submitted instanceof Deferral wanted) ? wanted : null;
		this.submitted = (submitted != null) ? submitted : NOTHING;
		return deferral;
	}

	@Override
	public final boolean isAwaited() {
		return this.reply != null && this.reply.isAwaited();
	}

	@Override
	public final Deferred defer() {
		if (this.submitted == null) {
			this.submitted = new Deferral(this);
		}
		if (this.submitted instanceof Deferral deferral) {
			return deferral.add();
		}
		throw new IllegalStateException("A task can be deferred in onSubmit() only");
	}

	/**
	 * Where its first result goes.
	 * @return the receiver, {@code null} for the usual way
	 */
	public final @Nullable TaskReply reply() {
		return this.reply;
	}

	/**
	 * The event worker its results go to.
	 * @return the id of the worker
	 */
	public final int sourceWorker() {
		return this.sourceWorker;
	}

	/**
	 * Where its results are handled: the lane of the callback that posted it, a lane of
	 * that event worker.
	 * @return the lane
	 */
	public final Lane lane() {
		return this.lane;
	}

	/**
	 * On whose behalf it was posted. Is told of the task when it is accepted and when it
	 * is settled.
	 * @return the origin, if any
	 */
	public final @Nullable TaskOrigin origin() {
		return this.origin;
	}

	/**
	 * The task worker that must execute it.
	 * @return the index, or {@link #ANY}
	 */
	public final int target() {
		return this.target;
	}

	/**
	 * When it was accepted.
	 * @return the time in milliseconds
	 */
	public final long dispatchMillis() {
		return this.dispatchMillis;
	}

	/**
	 * Its priority.
	 * @return 0 to 9
	 */
	public final int priority() {
		return this.options.getPriority();
	}

	/**
	 * How many times it has been started.
	 * @return the number
	 */
	public final int attempts() {
		return this.attempts;
	}

	/**
	 * The attempt to execute it that goes on now.
	 * @return the attempt, if any
	 */
	public final @Nullable TaskExecution execution() {
		return this.execution;
	}

	/**
	 * An attempt to execute it begins.
	 * @param execution the attempt
	 */
	public final void execution(TaskExecution execution) {
		this.execution = execution;
	}

	/**
	 * More, or no more, is to be known about the attempt that goes on.
	 * @param from what has been known about it
	 * @param to what is known from now on, {@code null} if it is over
	 * @return {@code false} if it is over, or somebody else was faster
	 */
	public final boolean execution(TaskExecution from, @Nullable TaskExecution to) {
		return EXECUTION.compareAndSet(this, from, to);
	}

	/** Results of its first attempt are refused from now on. */
	public final void closeFirst() {
		PROGRESS.getAndBitwiseOr(this, FIRST_CLOSED);
	}

	/**
	 * Whether results of its first attempt are refused.
	 * @return {@code true} if so
	 */
	public final boolean isFirstClosed() {
		return (this.progress & FIRST_CLOSED) != 0;
	}

	/**
	 * How far it has come.
	 * @return the state
	 */
	public final TaskState state() {
		return STATES[this.progress & STATE];
	}

	/**
	 * Whether a task worker is at it.
	 * @return {@code true} while one is, even if the task has ended already
	 */
	public final boolean isExecuting() {
		return (this.progress & EXECUTING) != 0;
	}

	/**
	 * Whether it occupies a place in the queue.
	 * @return {@code true} until its end has been handled
	 */
	public final boolean isOpen() {
		return (this.progress & OPEN) != 0;
	}

	/**
	 * Goes from one state to another.
	 * @param from the state it must be in
	 * @param to the next state
	 * @return {@code false} if it was in another state
	 */
	public final boolean change(TaskState from, TaskState to) {
		return change(from, to, 0, 0);
	}

	/** A task worker takes it. */
	boolean start() {
		if (change(TaskState.WAITING, TaskState.RUNNING, EXECUTING, 0)) {
			this.attempts++;
			return true;
		}
		return false;
	}

	/** A task worker has taken it and gives it back. */
	boolean unclaim() {
		this.attempts--;
		return waitAgain();
	}

	/** Its execution has failed and is to be repeated. */
	boolean waitAgain() {
		this.execution = null;
		return change(TaskState.RUNNING, TaskState.WAITING, 0, EXECUTING);
	}

	/** Its execution is over; {@code true} if nothing is left of it. */
	boolean endExecution() {
		if (this.execution != null) {
			this.execution = null;
		}
		return clear(EXECUTING);
	}

	/** Its place is free again; {@code true} if nothing is left of it. */
	boolean endOpen() {
		return clear(OPEN);
	}

	/** Whether nothing is left of it. */
	boolean isGone() {
		return (this.progress & (EXECUTING | OPEN)) == 0;
	}

	boolean isWaiting() {
		return (this.progress & STATE) == 0;
	}

	private boolean change(TaskState from, TaskState to, int set, int clear) {
		int now = this.progress;
		while ((now & STATE) == from.ordinal()) {
			if (PROGRESS.compareAndSet(this, now, (now & ~STATE & ~clear) | set | to.ordinal())) {
				return true;
			}
			now = this.progress;
		}
		return false;
	}

	private boolean clear(int flag) {
		int before = (int) PROGRESS.getAndBitwiseAnd(this, ~flag);
		return (before & flag) != 0 && (before & (EXECUTING | OPEN) & ~flag) == 0;
	}

	/**
	 * Its age among waiting tasks: a lower number is older. A task that comes back is as
	 * old as the newest at that time.
	 * @return the number, that of its id at first
	 */
	public final long order() {
		return this.order;
	}

	void order(long order) {
		this.order = order;
	}

	boolean isOlderThan(TaskEnvelope other) {
		return this.order < other.order;
	}

	boolean isBefore(TaskEnvelope other) {
		return ORDER.compare(this, other) < 0;
	}

	@Nullable Timer delay() {
		return this.delay;
	}

	void delay(@Nullable Timer delay) {
		this.delay = delay;
	}

	/**
	 * What ends the task if nothing else does.
	 * @return the timer, if any
	 */
	public final @Nullable Timer timer() {
		return this.timer;
	}

	/**
	 * Remembers what ends the task if nothing else does.
	 * @param timer the timer
	 */
	public final void timer(@Nullable Timer timer) {
		this.timer = timer;
	}

	@Override
	public String toString() {
		return "Task[id=" + this.id + ", type=" + this.terms.type() + ", " + state() + "]";
	}

}
