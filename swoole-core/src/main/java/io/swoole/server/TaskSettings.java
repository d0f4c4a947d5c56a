package io.swoole.server;

import java.time.Duration;
import java.util.List;

/**
 * The settings of tasks; immutable. They are set with the methods of
 * {@link ServerOptions.Builder}.
 *
 * @see ServerOptions#tasks()
 */
public final class TaskSettings {

	private final int taskIpcMode;

	private final int taskMaxRequest;

	private final int taskMaxRequestGrace;

	private final boolean taskEnableCoroutine;

	private final int taskMaxCoroutine;

	private final Duration taskTimeout;

	private final int taskRetries;

	private final Duration taskBackoff;

	private final Duration taskMaxBackoff;

	private final List<Class<? extends Throwable>> taskRetryOn;

	private final List<Class<? extends Throwable>> taskNoRetryOn;

	private final int taskDeadLetterCapacity;

	private final Duration taskResultTimeout;

	private final int taskResultCapacity;

	private final List<TaskInterceptor> taskInterceptors;

	TaskSettings(TaskSettingsBuilder<?> builder) {
		this.taskIpcMode = builder.taskIpcMode;
		this.taskMaxRequest = builder.taskMaxRequest;
		int half = (builder.taskMaxRequest > 10) ? builder.taskMaxRequest / 2 : 0;
		this.taskMaxRequestGrace = (builder.taskMaxRequestGrace >= 0) ? builder.taskMaxRequestGrace : half;
		this.taskEnableCoroutine = builder.taskEnableCoroutine;
		this.taskMaxCoroutine = builder.taskMaxCoroutine;
		this.taskTimeout = builder.taskTimeout;
		this.taskRetries = builder.taskRetries;
		this.taskBackoff = builder.taskBackoff;
		this.taskMaxBackoff = builder.taskMaxBackoff;
		this.taskRetryOn = List.copyOf(builder.taskRetryOn);
		this.taskNoRetryOn = List.copyOf(builder.taskNoRetryOn);
		this.taskDeadLetterCapacity = builder.taskDeadLetterCapacity;
		this.taskResultTimeout = builder.taskResultTimeout;
		this.taskResultCapacity = builder.taskResultCapacity;
		this.taskInterceptors = List.copyOf(builder.taskInterceptors);
	}

	/**
	 * How tasks find their task worker.
	 * @return the mode: 1, each task worker has a queue of its own beside the shared one;
	 * 3, all share one queue and a task that names its worker is executed by any
	 */
	public int taskIpcMode() {
		return this.taskIpcMode;
	}

	/**
	 * After how many tasks a task worker begins anew.
	 * @return the number, 0 for never
	 */
	public int taskMaxRequest() {
		return this.taskMaxRequest;
	}

	/**
	 * How many tasks more it may be, by chance, so that not all workers begin anew
	 * together.
	 * @return the highest number
	 */
	public int taskMaxRequestGrace() {
		return this.taskMaxRequestGrace;
	}

	/**
	 * Whether every task has a virtual thread of its own.
	 * @return {@code true} if so
	 */
	public boolean taskEnableCoroutine() {
		return this.taskEnableCoroutine;
	}

	/**
	 * How many virtual threads of tasks each task worker has at most.
	 * @return the number
	 */
	public int taskMaxCoroutine() {
		return this.taskMaxCoroutine;
	}

	/**
	 * How long an attempt to execute a task may take, when its type says nothing.
	 * @return the time, zero for no limit
	 */
	public Duration taskTimeout() {
		return this.taskTimeout;
	}

	/**
	 * How many times a failed task is tried again, when its type says nothing.
	 * @return the number
	 */
	public int taskRetries() {
		return this.taskRetries;
	}

	/**
	 * How long a failed task waits before its second attempt, when its type says nothing.
	 * @return the time
	 */
	public Duration taskBackoff() {
		return this.taskBackoff;
	}

	/**
	 * How long a failed task waits at most, when its type says nothing.
	 * @return the time
	 */
	public Duration taskMaxBackoff() {
		return this.taskMaxBackoff;
	}

	/**
	 * What a task must have thrown to be tried again.
	 * @return the exceptions, their subclasses included
	 */
	public List<Class<? extends Throwable>> taskRetryOn() {
		return this.taskRetryOn;
	}

	/**
	 * What a task must not have thrown to be tried again.
	 * @return the exceptions, their subclasses included
	 */
	public List<Class<? extends Throwable>> taskNoRetryOn() {
		return this.taskNoRetryOn;
	}

	/**
	 * How many tasks that failed for good are kept.
	 * @return the number, 0 for none
	 */
	public int taskDeadLetterCapacity() {
		return this.taskDeadLetterCapacity;
	}

	/**
	 * How long a callback or a future hopes for a result of a task whose handler has
	 * returned without one.
	 * @return the time
	 */
	public Duration taskResultTimeout() {
		return this.taskResultTimeout;
	}

	/**
	 * How many results beside the first ones, and reports of progress, may wait for an
	 * event worker.
	 * @return the number
	 */
	public int taskResultCapacity() {
		return this.taskResultCapacity;
	}

	/**
	 * What takes part when tasks are posted and around their callbacks.
	 * @return the interceptors, the outermost first
	 */
	public List<TaskInterceptor> taskInterceptors() {
		return this.taskInterceptors;
	}

}
