package io.swoole.task;

import java.time.Duration;

import io.swoole.server.TaskHandler;
import org.jspecify.annotations.Nullable;

/**
 * A kind of task: what executes it, and how. Tasks whose payload classes have the same
 * type share its limit of concurrency. Immutable: every {@code with} method returns a
 * copy with one value changed.
 *
 * @see io.swoole.server.ServerHandler#taskType(Class)
 */
public final class TaskType {

	private final String name;

	private final @Nullable TaskHandler<Object, Object> handler;

	private final @Nullable Duration timeout;

	private final int retries;

	private final @Nullable Duration backoff;

	private final @Nullable Duration maxBackoff;

	private final int concurrency;

	private final boolean deadLetter;

	private TaskType(String name, @Nullable TaskHandler<Object, Object> handler, @Nullable Duration timeout,
			int retries, @Nullable Duration backoff, @Nullable Duration maxBackoff, int concurrency,
			boolean deadLetter) {
		this.name = name;
		this.handler = handler;
		this.timeout = timeout;
		this.retries = retries;
		this.backoff = backoff;
		this.maxBackoff = maxBackoff;
		this.concurrency = concurrency;
		this.deadLetter = deadLetter;
	}

	/**
	 * A type whose tasks are executed by
	 * {@link io.swoole.server.ServerHandler#onTask(io.swoole.server.SwooleServer, Task)},
	 * with the server's defaults.
	 * @param name names it in log and dead letters
	 * @return the type
	 */
	public static TaskType of(String name) {
		return new TaskType(name, null, null, -1, null, null, 0, true);
	}

	/**
	 * A type with a handler of its own, with the server's defaults.
	 * @param <T> the type of the payload
	 * @param name names it in log and dead letters
	 * @param handler executes its tasks
	 * @return the type
	 */
	@SuppressWarnings("unchecked") // whoever assigns the type to payload classes knows
	public static <T> TaskType of(String name, TaskHandler<T, ?> handler) {
		return new TaskType(name, (TaskHandler<Object, Object>) handler, null, -1, null, null, 0, true);
	}

	/**
	 * Limits how long an attempt may take.
	 * @param timeout the time, zero for no limit, {@code null} for the default
	 * @return a copy of this type
	 */
	public TaskType withTimeout(@Nullable Duration timeout) {
		check(timeout, "timeout");
		return new TaskType(this.name, this.handler, timeout, this.retries, this.backoff, this.maxBackoff,
				this.concurrency, this.deadLetter);
	}

	/**
	 * Sets how many times a failed task is tried again.
	 * @param retries the number, negative for the default
	 * @return a copy of this type
	 */
	public TaskType withRetries(int retries) {
		return new TaskType(this.name, this.handler, this.timeout, retries, this.backoff, this.maxBackoff,
				this.concurrency, this.deadLetter);
	}

	/**
	 * Sets how long a failed task waits before its second attempt; the time doubles with
	 * every further attempt.
	 * @param backoff the time, {@code null} for the default
	 * @return a copy of this type
	 */
	public TaskType withBackoff(@Nullable Duration backoff) {
		check(backoff, "back-off");
		return new TaskType(this.name, this.handler, this.timeout, this.retries, backoff, this.maxBackoff,
				this.concurrency, this.deadLetter);
	}

	/**
	 * Sets how long a failed task waits at most before it is tried again.
	 * @param maxBackoff the time, {@code null} for the default
	 * @return a copy of this type
	 */
	public TaskType withMaxBackoff(@Nullable Duration maxBackoff) {
		check(maxBackoff, "maximum back-off");
		return new TaskType(this.name, this.handler, this.timeout, this.retries, this.backoff, maxBackoff,
				this.concurrency, this.deadLetter);
	}

	/**
	 * Limits how many tasks of this type run at the same time. The others wait without
	 * keeping task workers from tasks of other types, and are started in their order.
	 * @param concurrency the number, 0 for no limit
	 * @return a copy of this type
	 * @throws IllegalArgumentException if the number is negative
	 */
	public TaskType withConcurrency(int concurrency) {
		if (concurrency < 0) {
			throw new IllegalArgumentException("The concurrency of a task type cannot be negative: " + concurrency);
		}
		return new TaskType(this.name, this.handler, this.timeout, this.retries, this.backoff, this.maxBackoff,
				concurrency, this.deadLetter);
	}

	/**
	 * Sets whether tasks that have failed for good are kept as dead letters.
	 * @param deadLetter {@code false} to drop them
	 * @return a copy of this type
	 */
	public TaskType withDeadLetter(boolean deadLetter) {
		return new TaskType(this.name, this.handler, this.timeout, this.retries, this.backoff, this.maxBackoff,
				this.concurrency, deadLetter);
	}

	private static void check(@Nullable Duration time, String what) {
		if (time != null && time.isNegative()) {
			throw new IllegalArgumentException("The " + what + " of a task type cannot be negative: " + time);
		}
	}

	/**
	 * The name in log and dead letters.
	 * @return the name
	 */
	public String getName() {
		return this.name;
	}

	/**
	 * Executes its tasks.
	 * @return the handler, {@code null} for
	 * {@link io.swoole.server.ServerHandler#onTask(io.swoole.server.SwooleServer, Task)}
	 */
	public @Nullable TaskHandler<Object, Object> getHandler() {
		return this.handler;
	}

	/**
	 * How long an attempt may take.
	 * @return the time, zero for no limit, {@code null} for the default
	 */
	public @Nullable Duration getTimeout() {
		return this.timeout;
	}

	/**
	 * How many times a failed task is tried again.
	 * @return the number, negative for the default
	 */
	public int getRetries() {
		return this.retries;
	}

	/**
	 * How long a failed task waits before its second attempt.
	 * @return the time, {@code null} for the default
	 */
	public @Nullable Duration getBackoff() {
		return this.backoff;
	}

	/**
	 * How long a failed task waits at most.
	 * @return the time, {@code null} for the default
	 */
	public @Nullable Duration getMaxBackoff() {
		return this.maxBackoff;
	}

	/**
	 * How many of its tasks run at the same time.
	 * @return the number, 0 for no limit
	 */
	public int getConcurrency() {
		return this.concurrency;
	}

	/**
	 * Whether tasks that have failed for good are kept as dead letters.
	 * @return {@code true} if so
	 */
	public boolean isDeadLetter() {
		return this.deadLetter;
	}

	@Override
	public String toString() {
		return this.name;
	}

}
