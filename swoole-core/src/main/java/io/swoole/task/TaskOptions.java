package io.swoole.task;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * How one task is to be executed, where that differs from other tasks of its type.
 * Immutable: every method returns a copy with one value changed. <pre class="code">
 * server.task(report, TaskOptions.none().withDelay(Duration.ofMinutes(5)).withKey("report-7"));
 * </pre>
 *
 * @see io.swoole.server.SwooleServer#task(Object, TaskOptions)
 */
public final class TaskOptions {

	/** The priority of tasks that say nothing. */
	private static final int DEFAULT_PRIORITY = 4;

	private static final TaskOptions NONE = new TaskOptions(Duration.ZERO, null, -1, null, DEFAULT_PRIORITY, null, -1,
			null, false);

	private final Duration delay;

	private final @Nullable Duration timeout;

	private final int retries;

	private final @Nullable Duration backoff;

	private final int priority;

	private final @Nullable String key;

	private final int worker;

	private final @Nullable Instant deadline;

	private final boolean afterCommit;

	private TaskOptions(Duration delay, @Nullable Duration timeout, int retries, @Nullable Duration backoff,
			int priority, @Nullable String key, int worker, @Nullable Instant deadline, boolean afterCommit) {
		this.delay = delay;
		this.timeout = timeout;
		this.retries = retries;
		this.backoff = backoff;
		this.priority = priority;
		this.key = key;
		this.worker = worker;
		this.deadline = deadline;
		this.afterCommit = afterCommit;
	}

	/**
	 * No options: the task is executed like all tasks of its type.
	 * @return the options
	 */
	public static TaskOptions none() {
		return NONE;
	}

	/**
	 * Lets the task wait before it is queued. It counts as open meanwhile.
	 * @param delay how long, zero for not at all
	 * @return a copy of these options
	 * @throws IllegalArgumentException if the time is negative
	 */
	public TaskOptions withDelay(Duration delay) {
		check(!delay.isNegative(), "A delay cannot be negative: ", delay);
		return new TaskOptions(delay, this.timeout, this.retries, this.backoff, this.priority, this.key, this.worker,
				this.deadline, this.afterCommit);
	}

	/**
	 * Limits how long each attempt of the task may take. Then its thread is interrupted,
	 * {@link Task#isCancelled()} turns {@code true} and later results are refused.
	 * @param timeout how long, zero for no limit
	 * @return a copy of these options
	 * @throws IllegalArgumentException if the time is negative
	 */
	public TaskOptions withTimeout(Duration timeout) {
		check(!timeout.isNegative(), "A timeout cannot be negative: ", timeout);
		return new TaskOptions(this.delay, timeout, this.retries, this.backoff, this.priority, this.key, this.worker,
				this.deadline, this.afterCommit);
	}

	/**
	 * Lets a failed task be tried again.
	 * @param retries how many times after the first attempt, 0 for never
	 * @return a copy of these options
	 * @throws IllegalArgumentException if the number is negative
	 */
	public TaskOptions withRetries(int retries) {
		check(retries >= 0, "The number of retries cannot be negative: ", retries);
		return new TaskOptions(this.delay, this.timeout, retries, this.backoff, this.priority, this.key, this.worker,
				this.deadline, this.afterCommit);
	}

	/**
	 * Sets how long a failed task waits before its second attempt; the time doubles with
	 * every further attempt.
	 * @param backoff how long
	 * @return a copy of these options
	 * @throws IllegalArgumentException if the time is negative
	 */
	public TaskOptions withBackoff(Duration backoff) {
		check(!backoff.isNegative(), "A back-off cannot be negative: ", backoff);
		return new TaskOptions(this.delay, this.timeout, this.retries, backoff, this.priority, this.key, this.worker,
				this.deadline, this.afterCommit);
	}

	/**
	 * Lets the task overtake those of a lower priority, or be overtaken. Still, every
	 * 16th task that is started is the oldest of all, whatever its priority.
	 * @param priority 0, the lowest, to 9; tasks without options have 4
	 * @return a copy of these options
	 * @throws IllegalArgumentException if there is no such priority
	 */
	public TaskOptions withPriority(int priority) {
		check(priority >= 0 && priority <= 9, "Priorities are 0 to 9, not ", priority);
		return new TaskOptions(this.delay, this.timeout, this.retries, this.backoff, priority, this.key, this.worker,
				this.deadline, this.afterCommit);
	}

	/**
	 * Lets no two tasks of the same key wait or run at the same time: until the first one
	 * has ended, {@code task()} posts nothing and returns the id of the first.
	 * @param key the key, not empty
	 * @return a copy of these options
	 * @throws IllegalArgumentException if the key is empty
	 */
	public TaskOptions withKey(String key) {
		check(!key.isEmpty(), "A key cannot be empty", "");
		return new TaskOptions(this.delay, this.timeout, this.retries, this.backoff, this.priority, key, this.worker,
				this.deadline, this.afterCommit);
	}

	/**
	 * Names the task worker that must execute the task.
	 * @param worker its index, 0 to {@code task-worker-num} − 1; negative: any
	 * @return a copy of these options
	 */
	public TaskOptions withWorker(int worker) {
		return new TaskOptions(this.delay, this.timeout, this.retries, this.backoff, this.priority, this.key, worker,
				this.deadline, this.afterCommit);
	}

	/**
	 * Lets the task fail with {@link TaskExpiredException} if it has not been started by
	 * a certain time. Nor is a failed attempt repeated after that time.
	 * @param deadline the time
	 * @return a copy of these options
	 */
	public TaskOptions withDeadline(Instant deadline) {
		Objects.requireNonNull(deadline, "'deadline' must not be null");
		return new TaskOptions(this.delay, this.timeout, this.retries, this.backoff, this.priority, this.key,
				this.worker, deadline, this.afterCommit);
	}

	/**
	 * Dispatches the task when the transaction of the calling thread commits, and drops
	 * it on rollback. Without a transaction it is dispatched at once.
	 * @return a copy of these options
	 */
	public TaskOptions afterCommit() {
		return new TaskOptions(this.delay, this.timeout, this.retries, this.backoff, this.priority, this.key,
				this.worker, this.deadline, true);
	}

	private static void check(boolean valid, String message, Object value) {
		if (!valid) {
			throw new IllegalArgumentException(message + value);
		}
	}

	/**
	 * How long the task waits before it is queued.
	 * @return the time, zero for not at all
	 */
	public Duration getDelay() {
		return this.delay;
	}

	/**
	 * How long an attempt may take.
	 * @return the time, zero for no limit, {@code null} for the limit of its type
	 */
	public @Nullable Duration getTimeout() {
		return this.timeout;
	}

	/**
	 * How many times it is tried again.
	 * @return the number, −1 for that of its type
	 */
	public int getRetries() {
		return this.retries;
	}

	/**
	 * How long it waits before the second attempt.
	 * @return the time, {@code null} for that of its type
	 */
	public @Nullable Duration getBackoff() {
		return this.backoff;
	}

	/**
	 * Its priority.
	 * @return 0, the lowest, to 9
	 */
	public int getPriority() {
		return this.priority;
	}

	/**
	 * The key that keeps it unique.
	 * @return the key, {@code null} for none
	 */
	public @Nullable String getKey() {
		return this.key;
	}

	/**
	 * The index of the task worker that must execute it.
	 * @return the index, negative for any
	 */
	public int getWorker() {
		return this.worker;
	}

	/**
	 * By when it must have been started.
	 * @return the time, {@code null} for no such limit
	 */
	public @Nullable Instant getDeadline() {
		return this.deadline;
	}

	/**
	 * Whether it waits for the transaction to commit.
	 * @return {@code true} if so
	 */
	public boolean isAfterCommit() {
		return this.afterCommit;
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder("TaskOptions[");
		append(text, "delay", this.delay.isZero() ? null : this.delay);
		append(text, "timeout", this.timeout);
		append(text, "retries", (this.retries < 0) ? null : this.retries);
		append(text, "backoff", this.backoff);
		append(text, "priority", (this.priority == DEFAULT_PRIORITY) ? null : this.priority);
		append(text, "key", this.key);
		append(text, "worker", (this.worker < 0) ? null : this.worker);
		append(text, "deadline", this.deadline);
		append(text, "afterCommit", this.afterCommit ? true : null);
		return text.append(']').toString();
	}

	private static void append(StringBuilder text, String name, @Nullable Object value) {
		if (value != null) {
			text.append(text.toString().endsWith("[") ? "" : ", ").append(name).append('=').append(value);
		}
	}

}
