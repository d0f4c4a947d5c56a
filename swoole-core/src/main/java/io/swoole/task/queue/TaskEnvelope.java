package io.swoole.task.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import io.swoole.server.Internal;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.TaskOrigin;
import org.jspecify.annotations.Nullable;

/**
 * A task on its way: the payload and what the queue must know to bring it to a task
 * worker and its result back.
 */
@Internal
public final class TaskEnvelope {

	/** No particular task worker. */
	public static final int ANY = -1;

	private static final VarHandle SETTLED;

	static {
		try {
			SETTLED = MethodHandles.lookup().findVarHandle(TaskEnvelope.class, "settled", boolean.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final long id;

	private final Object data;

	private final int sourceWorker;

	private final Lane lane;

	private final @Nullable TaskOrigin origin;

	private final int target;

	private final long dispatchMillis;

	@SuppressWarnings("unused") // through SETTLED
	private volatile boolean settled;

	private volatile boolean abandoned;

	/**
	 * Creates a task that has not been accepted yet.
	 * @param id its id, which also orders it
	 * @param data its payload
	 * @param sourceWorker the event worker its results go to
	 * @param lane where its results are handled
	 * @param origin on whose behalf it is posted, if anybody's
	 * @param target the index of the task worker that must execute it, or {@link #ANY}
	 */
	public TaskEnvelope(long id, Object data, int sourceWorker, Lane lane, @Nullable TaskOrigin origin, int target) {
		this.id = id;
		this.data = data;
		this.sourceWorker = sourceWorker;
		this.lane = lane;
		this.origin = origin;
		this.target = target;
		this.dispatchMillis = System.currentTimeMillis();
	}

	/**
	 * The id of the task.
	 * @return the id
	 */
	public long id() {
		return this.id;
	}

	/**
	 * The payload.
	 * @return the payload
	 */
	public Object data() {
		return this.data;
	}

	/**
	 * The event worker its results go to.
	 * @return the id of the worker
	 */
	public int sourceWorker() {
		return this.sourceWorker;
	}

	/**
	 * Where its results are handled: the lane of the callback that posted it, a lane of
	 * that event worker.
	 * @return the lane
	 */
	public Lane lane() {
		return this.lane;
	}

	/**
	 * On whose behalf it was posted. Is told of the task when it is accepted and when it
	 * is settled.
	 * @return the origin, if any
	 */
	public @Nullable TaskOrigin origin() {
		return this.origin;
	}

	/**
	 * The task worker that must execute it.
	 * @return the index, or {@link #ANY}
	 */
	public int target() {
		return this.target;
	}

	/**
	 * When it was accepted.
	 * @return the time in milliseconds
	 */
	public long dispatchMillis() {
		return this.dispatchMillis;
	}

	/**
	 * Claims the right to settle the task: its first result, its failure or its return
	 * without a result does.
	 * @return {@code true} for the first caller only
	 */
	public boolean settle() {
		return SETTLED.compareAndSet(this, false, true);
	}

	/**
	 * The thread that executes it has been given up: what it still delivers is dropped.
	 */
	public void abandon() {
		this.abandoned = true;
	}

	/**
	 * Whether its thread has been given up.
	 * @return {@code true} if so
	 */
	public boolean isAbandoned() {
		return this.abandoned;
	}

}
