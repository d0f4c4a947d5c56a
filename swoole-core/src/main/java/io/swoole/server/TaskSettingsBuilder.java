package io.swoole.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the settings of tasks, as a part of {@link ServerOptions.Builder}.
 *
 * @param <B> the type of the builder
 */
abstract class TaskSettingsBuilder<B extends TaskSettingsBuilder<B>> {

	private static final int JAVA = Runtime.version().feature();

	int taskIpcMode = 1;

	int messageQueueKey = 0;

	int taskMaxRequest = 0;

	int taskMaxRequestGrace = -1;

	boolean taskEnableCoroutine = false;

	int taskMaxCoroutine = 1000;

	Duration taskTimeout = Duration.ZERO;

	int taskRetries = 0;

	Duration taskBackoff = Duration.ofSeconds(1);

	Duration taskMaxBackoff = Duration.ofMinutes(1);

	List<Class<? extends Throwable>> taskRetryOn = List.of(Exception.class);

	List<Class<? extends Throwable>> taskNoRetryOn = List.of();

	int taskDeadLetterCapacity = 1000;

	Duration taskResultTimeout = Duration.ofMinutes(1);

	int taskResultCapacity = 65536;

	final List<TaskInterceptor> taskInterceptors = new ArrayList<>();

	TaskSettingsBuilder() {
	}

	abstract B self();

	/**
	 * Sets how tasks find their task worker. Default: 1.
	 * @param taskIpcMode 1: a task that names its worker waits for it; 3: all tasks share
	 * one queue, and the named worker is ignored; 2, Swoole's durable queue, is refused
	 * @return this builder
	 */
	public B taskIpcMode(int taskIpcMode) {
		this.taskIpcMode = taskIpcMode;
		return self();
	}

	/**
	 * Sets the name of a durable queue, which does not exist yet. Default: 0, none.
	 * @param messageQueueKey 0, anything else is refused
	 * @return this builder
	 */
	public B messageQueueKey(int messageQueueKey) {
		this.messageQueueKey = messageQueueKey;
		return self();
	}

	/**
	 * Sets after how many tasks a task worker begins anew: its last callback and its
	 * first one run, and it goes on with what is queued. Default: 0, never.
	 * @param taskMaxRequest the number, 0 for never
	 * @return this builder
	 */
	public B taskMaxRequest(int taskMaxRequest) {
		this.taskMaxRequest = taskMaxRequest;
		return self();
	}

	/**
	 * Sets how many tasks more it may be, by chance, so that not all task workers begin
	 * anew together. Default: half of {@code task-max-request} if that is more than 10,
	 * else 0.
	 * @param taskMaxRequestGrace the highest number, −1 for the default
	 * @return this builder
	 */
	public B taskMaxRequestGrace(int taskMaxRequestGrace) {
		this.taskMaxRequestGrace = taskMaxRequestGrace;
		return self();
	}

	/**
	 * Sets whether every task has a virtual thread of its own. Needs Java 21. Default:
	 * no.
	 * @param taskEnableCoroutine {@code true} for virtual threads
	 * @return this builder
	 */
	public B taskEnableCoroutine(boolean taskEnableCoroutine) {
		this.taskEnableCoroutine = taskEnableCoroutine;
		return self();
	}

	/**
	 * Sets how many virtual threads of tasks each task worker has at most. Default: 1000.
	 * @param taskMaxCoroutine the number, at least 1
	 * @return this builder
	 */
	public B taskMaxCoroutine(int taskMaxCoroutine) {
		this.taskMaxCoroutine = taskMaxCoroutine;
		return self();
	}

	/**
	 * Sets how long an attempt to execute a task may take, when its type says nothing.
	 * Then its thread is interrupted. Default: no limit.
	 * @param taskTimeout the time, zero for no limit
	 * @return this builder
	 */
	public B taskTimeout(Duration taskTimeout) {
		this.taskTimeout = taskTimeout;
		return self();
	}

	/**
	 * Sets how many times a failed task is tried again, when its type says nothing.
	 * Default: 0.
	 * @param taskRetries the number
	 * @return this builder
	 */
	public B taskRetries(int taskRetries) {
		this.taskRetries = taskRetries;
		return self();
	}

	/**
	 * Sets how long a failed task waits before its second attempt, when its type says
	 * nothing. The time doubles with every further attempt; of it, by chance, between
	 * half and all is waited. Default: 1 second.
	 * @param taskBackoff the time
	 * @return this builder
	 */
	public B taskBackoff(Duration taskBackoff) {
		this.taskBackoff = taskBackoff;
		return self();
	}

	/**
	 * Sets how long a failed task waits at most before it is tried again, when its type
	 * says nothing. Default: 1 minute.
	 * @param taskMaxBackoff the time
	 * @return this builder
	 */
	public B taskMaxBackoff(Duration taskMaxBackoff) {
		this.taskMaxBackoff = taskMaxBackoff;
		return self();
	}

	/**
	 * Sets what a task must have thrown to be tried again. {@code
	 * TaskRejectedException} and {@code TaskFailedException} never count. Default: any
	 * exception, but no error.
	 * @param taskRetryOn the exceptions, their subclasses included
	 * @return this builder
	 */
	public B taskRetryOn(List<Class<? extends Throwable>> taskRetryOn) {
		this.taskRetryOn = taskRetryOn;
		return self();
	}

	/**
	 * Sets what a task must not have thrown to be tried again, even if it is allowed
	 * otherwise. Default: nothing.
	 * @param taskNoRetryOn the exceptions, their subclasses included
	 * @return this builder
	 */
	public B taskNoRetryOn(List<Class<? extends Throwable>> taskNoRetryOn) {
		this.taskNoRetryOn = taskNoRetryOn;
		return self();
	}

	/**
	 * Sets how many tasks that failed for good are kept, payload included; when there are
	 * more, the oldest is dropped. Default: 1000.
	 * @param taskDeadLetterCapacity the number, 0 for none
	 * @return this builder
	 */
	public B taskDeadLetterCapacity(int taskDeadLetterCapacity) {
		this.taskDeadLetterCapacity = taskDeadLetterCapacity;
		return self();
	}

	/**
	 * Sets how long a callback or a future hopes for a result of a task whose handler has
	 * returned without one. Default: 1 minute.
	 * @param taskResultTimeout the time
	 * @return this builder
	 */
	public B taskResultTimeout(Duration taskResultTimeout) {
		this.taskResultTimeout = taskResultTimeout;
		return self();
	}

	/**
	 * Sets how many results beside the first ones, and reports of progress, may wait for
	 * an event worker; what comes then is refused. Default: 65536.
	 * @param taskResultCapacity the number, at least 1
	 * @return this builder
	 */
	public B taskResultCapacity(int taskResultCapacity) {
		this.taskResultCapacity = taskResultCapacity;
		return self();
	}

	/**
	 * Adds something that takes part when tasks are posted and around their callbacks.
	 * Default: nothing.
	 * @param taskInterceptor the interceptor, inside those added before
	 * @return this builder
	 */
	public B taskInterceptor(TaskInterceptor taskInterceptor) {
		this.taskInterceptors.add(taskInterceptor);
		return self();
	}

	/** Checks the settings of tasks. */
	final TaskSettings buildTasks() {
		check(this.taskIpcMode == 1 || this.taskIpcMode == 3, "task-ipc-mode", this.taskIpcMode,
				"allowed are 1 (a queue per task worker beside the shared one) and 3 (one shared queue);"
						+ " 2 needs a durable queue, which does not exist yet");
		check(this.messageQueueKey == 0, "message-queue-key", this.messageQueueKey,
				"it names a durable queue, which does not exist yet: remove it");
		check(this.taskMaxRequest >= 0, "task-max-request", this.taskMaxRequest, "must not be negative");
		check(this.taskMaxRequestGrace >= -1, "task-max-request-grace", this.taskMaxRequestGrace,
				"must not be negative, but for -1: half of task-max-request");
		check(!this.taskEnableCoroutine || JAVA >= 21, "task-enable-coroutine", true,
				"virtual threads need Java 21 or newer, this is Java " + JAVA);
		check(this.taskMaxCoroutine >= 1, "task-max-coroutine", this.taskMaxCoroutine, "must be at least 1");
		checkTime(this.taskTimeout, "task-timeout");
		check(this.taskRetries >= 0, "task-retries", this.taskRetries, "must not be negative");
		checkTime(this.taskBackoff, "task-backoff");
		checkTime(this.taskMaxBackoff, "task-max-backoff");
		check(this.taskMaxBackoff.compareTo(this.taskBackoff) >= 0, "task-max-backoff", this.taskMaxBackoff,
				"must not be shorter than task-backoff, which is " + this.taskBackoff);
		check(this.taskDeadLetterCapacity >= 0, "task-dead-letter-capacity", this.taskDeadLetterCapacity,
				"must not be negative");
		check(!this.taskResultTimeout.isNegative() && !this.taskResultTimeout.isZero(), "task-result-timeout",
				this.taskResultTimeout, "must be more than zero");
		check(this.taskResultCapacity >= 1, "task-result-capacity", this.taskResultCapacity, "must be at least 1");
		return new TaskSettings(this);
	}

	private static void checkTime(Duration time, String option) {
		check(!time.isNegative(), option, time, "must not be negative");
	}

	private static void check(boolean valid, String option, Object value, String reason) {
		if (!valid) {
			throw new InvalidOptionException("", option, value, reason);
		}
	}

}
