package io.swoole.server.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;

import io.swoole.server.Connection;
import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import io.swoole.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * What the calling thread is to a server: which worker, and which connection or task its
 * current callback is about. Accessed by its own thread only, but for what the javadoc
 * says others may read.
 */
@Internal
public final class WorkerContext extends CallbackProgress {

	/** The contexts of virtual threads, which cannot have fields of their own. */
	private static final ThreadLocal<@Nullable WorkerContext> VIRTUAL = new ThreadLocal<>();

	private static final VarHandle IN_HAND;

	private static final VarHandle PLACE;

	static {
		try {
			MethodHandles.Lookup lookup = MethodHandles.lookup();
			IN_HAND = lookup.findVarHandle(WorkerContext.class, "inHand", InHand.class);
			PLACE = lookup.findVarHandle(WorkerContext.class, "place", boolean.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final Object server;

	private final @Nullable Lane lane;

	private int workerId;

	private @Nullable Worker worker;

	private @Nullable Connection connection;

	private @Nullable Task task;

	private long resultOf = -1;

	/** Taken over by whoever gives the thread up. */
	private @Nullable InHand inHand;

	private @Nullable TaskOrigin finished;

	/** Taken by the callback, or by whoever gives its thread up. */
	private boolean place;

	/** Frees the place if the thread is given up, unless somebody else takes it. */
	private @Nullable Runnable placeFree;

	/** Whether the callback may post one task for which there is no place. */
	private boolean excess;

	private SwooleError lastError = SwooleError.NONE;

	/** Whether a task worker runs code that does not belong to its task. */
	private boolean outside;

	/**
	 * Creates the context of a worker.
	 * @param server the server it belongs to
	 * @param workerId its id
	 * @param worker the event worker, {@code null} for a task worker
	 */
	public WorkerContext(Object server, int workerId, @Nullable Worker worker) {
		this(server, workerId, worker, worker);
	}

	WorkerContext(Object server, int workerId, @Nullable Worker worker, @Nullable Lane lane) {
		this.server = server;
		this.workerId = workerId;
		this.worker = worker;
		this.lane = lane;
	}

	/**
	 * The context of the calling thread in a server.
	 * @param server the server
	 * @return the context, {@code null} if the thread is no worker of that server, or has
	 * been given up
	 */
	public static @Nullable WorkerContext current(Object server) {
		WorkerContext context = current();
		return (context != null && context.server == server && !context.outside && !context.isAbandoned()) ? context
				: null;
	}

	/**
	 * Whether the calling thread is a task worker of a server, whatever it does now.
	 * @param server the server
	 * @return {@code true} if so
	 */
	public static boolean isTaskWorker(Object server) {
		WorkerContext context = current();
		return context != null && context.server == server && context.worker == null;
	}

	/**
	 * Runs code that has nothing to do with the task the calling thread executes, if it
	 * executes one: for that code it is no worker.
	 * @param code the code
	 * @return what the code returns
	 */
	public static boolean outsideOfTask(BooleanSupplier code) {
		WorkerContext context = current();
		if (context == null || context.worker != null || context.outside) {
			return code.getAsBoolean();
		}
		context.outside = true;
		try {
			return code.getAsBoolean();
		}
		finally {
			context.outside = false;
		}
	}

	static @Nullable WorkerContext current() {
		return (Thread.currentThread() instanceof SwooleThread thread) ? thread.context : VIRTUAL.get();
	}

	/**
	 * Makes this the context of the calling thread and names the thread.
	 * @param threadName the name
	 */
	public void attach(String threadName) {
		Thread.currentThread().setName(threadName);
		attach();
	}

	/**
	 * Makes this the context of the calling thread.
	 */
	public void attach() {
		Thread current = Thread.currentThread();
		runsIn(current);
		if (current instanceof SwooleThread swoole) {
			swoole.context = this;
		}
		else {
			VIRTUAL.set(this);
		}
	}

	/**
	 * The calling thread, which is about to do something else, gives this context up.
	 */
	public void detach() {
		runsIn(null);
	}

	/**
	 * The id of the worker.
	 * @return the id
	 */
	public int workerId() {
		return this.workerId;
	}

	/**
	 * The event worker.
	 * @return the worker, {@code null} in a task worker
	 */
	public @Nullable Worker worker() {
		return this.worker;
	}

	/**
	 * The lane the thread runs events of; what they post comes back to it.
	 * @return the lane, {@code null} in a task worker
	 */
	public @Nullable Lane lane() {
		return this.lane;
	}

	/**
	 * The next callback runs in the name of a worker. In the lane of a connection that
	 * may be another one from packet to packet, everywhere else it is always the same.
	 * @param worker the worker
	 * @return this context
	 */
	public WorkerContext in(Worker worker) {
		if (this.worker != worker) {
			this.worker = worker;
			this.workerId = worker.id();
		}
		return this;
	}

	/**
	 * The connection the current callback is about; others may read it while
	 * {@link #progress()} does not change.
	 * @return the connection, if any
	 */
	public @Nullable Connection connection() {
		return this.connection;
	}

	/**
	 * The task the current callback executes; others may read it while
	 * {@link #progress()} does not change.
	 * @return the task, if any
	 */
	public @Nullable Task task() {
		return this.task;
	}

	/**
	 * A callback about a connection begins or ends.
	 * @param connection the connection, {@code null} for none
	 */
	public void connection(@Nullable Connection connection) {
		this.connection = connection;
	}

	/**
	 * On whose behalf a task is posted now: the connection the callback is about, or the
	 * one for which the task was posted whose result the callback is about.
	 * @return the origin, if any
	 */
	public @Nullable TaskOrigin origin() {
		return (this.connection instanceof TaskOrigin origin) ? origin : this.finished;
	}

	/**
	 * A callback about the result of a task begins or ends.
	 * @param origin on whose behalf that task was posted, {@code null} for none
	 */
	public void finished(@Nullable TaskOrigin origin) {
		this.finished = origin;
	}

	/**
	 * The next callback may post one task for which there is a place in the queue
	 * already.
	 * @param place whether there is
	 */
	public void place(boolean place) {
		this.place = place;
	}

	/**
	 * The next callback may post one task for which there is a place in the queue
	 * already, which is free again when its thread is given up.
	 * @param free frees the place
	 */
	public void place(Runnable free) {
		this.placeFree = free;
		this.place = true;
	}

	/**
	 * Takes the place that has been kept for a task of the current callback; from who
	 * gives its thread up, too.
	 * @return {@code false} if none has been kept, or it has been taken
	 */
	public boolean takePlace() {
		return this.place && PLACE.compareAndSet(this, true, false);
	}

	/**
	 * Leaves the place that has been kept for a task of a callback, which has returned in
	 * a thread that has not been given up.
	 * @return {@code false} if it has been taken
	 */
	public boolean leavePlace() {
		boolean left = this.place;
		this.place = false;
		return left;
	}

	/**
	 * The next callback may post one task, whether there is a place in the queue or not.
	 * @param excess whether it may
	 */
	public void excess(boolean excess) {
		this.excess = excess;
	}

	/**
	 * Whether the current callback may post a task for which there is no place; that is
	 * the only one.
	 * @return {@code false} if it may not, or has
	 */
	public boolean takeExcess() {
		if (!this.excess) {
			return false;
		}
		this.excess = false;
		return true;
	}

	/**
	 * A callback that executes a task begins or ends.
	 * @param task the task, {@code null} for none
	 */
	public void task(@Nullable Task task) {
		this.task = task;
	}

	/**
	 * The task whose result the current callback handles; others may read it while
	 * {@link #progress()} does not change.
	 * @return the id of the task, −1 if there is none
	 */
	public long resultOf() {
		return this.resultOf;
	}

	/**
	 * A callback about the result of a task begins or ends.
	 * @param taskId the id of the task, −1 for none
	 */
	public void resultOf(long taskId) {
		this.resultOf = taskId;
	}

	/**
	 * What the current callback is about, if somebody waits for its end.
	 * @return what it is about, if so
	 */
	public @Nullable InHand inHand() {
		return this.inHand;
	}

	/**
	 * Somebody waits for the end of the next callback, or no longer does.
	 * @param inHand what it is about, {@code null} for nothing
	 */
	public void inHand(@Nullable InHand inHand) {
		IN_HAND.setRelease(this, inHand);
	}

	/**
	 * The thread has been given up, or has died: its last callback counts as ended.
	 */
	void letGo() {
		InHand left = (InHand) IN_HAND.getAndSet(this, null);
		if (left != null) {
			left.givenUp();
		}
		// what was in hand has taken the place if it was its own
		Runnable free = this.placeFree;
		if (free != null && takePlace()) {
			free.run();
		}
	}

	/**
	 * Why the last operation on a connection was refused.
	 * @return the error, {@link SwooleError#NONE} after a success
	 */
	public SwooleError lastError() {
		return this.lastError;
	}

	/**
	 * An operation on a connection has succeeded or has been refused.
	 * @param error the error, {@link SwooleError#NONE} for a success
	 */
	public void lastError(SwooleError error) {
		this.lastError = error;
	}

	/**
	 * A callback begins.
	 * @param connection what it is about, {@code null} if it is about no connection
	 */
	public void beginCallback(@Nullable Connection connection) {
		this.connection = connection;
		busy(true);
	}

	/**
	 * The callback that has begun ends.
	 */
	public void endCallback() {
		this.connection = null;
		busy(false);
	}

}
