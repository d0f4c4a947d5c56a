package io.swoole.server.worker;

import io.swoole.server.Connection;
import io.swoole.server.Internal;
import io.swoole.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * What the calling thread is to a server: which worker, and which connection or task its
 * current callback is about. Accessed by its own thread only, but for {@link #isBusy()}.
 */
@Internal
public final class WorkerContext {

	private final Object server;

	private final int workerId;

	private final @Nullable Worker worker;

	private @Nullable Connection connection;

	private @Nullable Task task;

	private volatile boolean busy;

	/**
	 * Creates the context of a worker.
	 * @param server the server it belongs to
	 * @param workerId its id
	 * @param worker the event worker, {@code null} for a task worker
	 */
	public WorkerContext(Object server, int workerId, @Nullable Worker worker) {
		this.server = server;
		this.workerId = workerId;
		this.worker = worker;
	}

	/**
	 * The context of the calling thread in a server.
	 * @param server the server
	 * @return the context, {@code null} if the thread is no worker of that server
	 */
	public static @Nullable WorkerContext current(Object server) {
		if (Thread.currentThread() instanceof SwooleThread thread) {
			WorkerContext context = thread.context;
			return (context != null && context.server == server) ? context : null;
		}
		return null;
	}

	/**
	 * Makes this the context of the calling thread and names the thread.
	 * @param threadName the name
	 */
	public void attach(String threadName) {
		Thread thread = Thread.currentThread();
		thread.setName(threadName);
		((SwooleThread) thread).context = this;
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
	 * The connection the current callback is about.
	 * @return the connection, if any
	 */
	public @Nullable Connection connection() {
		return this.connection;
	}

	/**
	 * The task the current callback executes.
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
	 * A callback that executes a task begins or ends.
	 * @param task the task, {@code null} for none
	 */
	public void task(@Nullable Task task) {
		this.task = task;
	}

	/**
	 * Whether a callback runs.
	 * @return {@code true} while one does
	 */
	public boolean isBusy() {
		return this.busy;
	}

	/**
	 * A callback begins or ends.
	 * @param busy {@code true} when it begins
	 */
	public void busy(boolean busy) {
		this.busy = busy;
	}

}
