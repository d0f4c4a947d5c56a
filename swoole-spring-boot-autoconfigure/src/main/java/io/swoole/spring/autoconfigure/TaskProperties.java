package io.swoole.spring.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationUnit;

/**
 * The properties of tasks, as a part of {@link SwooleServerProperties}.
 */
public abstract class TaskProperties extends ListenerProperties {

	/**
	 * How tasks find their task worker: 1 lets a task wait for the worker it names, 3
	 * ignores that. 2, Swoole's durable queue, does not exist yet.
	 */
	private int taskIpcMode = 1;

	/**
	 * Name of a durable queue, which does not exist yet. Anything but zero is refused.
	 */
	private int messageQueueKey = 0;

	/**
	 * Number of tasks after which a task worker begins anew. Zero means never.
	 */
	private int taskMaxRequest = 0;

	/**
	 * Number of tasks it may be more, by chance. By default half of task-max-request if
	 * that is more than 10, else zero.
	 */
	private @Nullable Integer taskMaxRequestGrace;

	/**
	 * Whether every task has a virtual thread of its own, which needs Java 21.
	 */
	private boolean taskEnableCoroutine = false;

	/**
	 * Number of virtual threads of tasks each task worker has at most.
	 */
	private int taskMaxCoroutine = 1000;

	/**
	 * How long an attempt to execute a task may take, when its type says nothing. Zero
	 * means no limit. If a duration suffix is not specified, seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration taskTimeout = Duration.ZERO;

	/**
	 * Number of times a failed task is tried again, when its type says nothing.
	 */
	private int taskRetries = 0;

	/**
	 * How long a failed task waits before its second attempt, when its type says nothing.
	 * Doubles with every further attempt. If a duration suffix is not specified, seconds
	 * are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration taskBackoff = Duration.ofSeconds(1);

	/**
	 * How long a failed task waits at most, when its type says nothing. If a duration
	 * suffix is not specified, seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration taskMaxBackoff = Duration.ofMinutes(1);

	/**
	 * Exceptions a failed task is tried again for, subclasses included. By default any
	 * exception, but no error.
	 */
	private List<Class<? extends Throwable>> taskRetryOn = new ArrayList<>(List.of(Exception.class));

	/**
	 * Exceptions a failed task is not tried again for, subclasses included. By default
	 * none.
	 */
	private List<Class<? extends Throwable>> taskNoRetryOn = new ArrayList<>();

	/**
	 * Number of tasks that failed for good and are kept. Beyond that the oldest is
	 * dropped.
	 */
	private int taskDeadLetterCapacity = 1000;

	/**
	 * How long a callback or a future hopes for a result of a task whose handler has
	 * returned without one. If a duration suffix is not specified, seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration taskResultTimeout = Duration.ofMinutes(1);

	/**
	 * Number of results beside the first, and reports of progress, that may wait for an
	 * event worker.
	 */
	private int taskResultCapacity = 65536;

	public int getTaskIpcMode() {
		return this.taskIpcMode;
	}

	public void setTaskIpcMode(int taskIpcMode) {
		this.taskIpcMode = taskIpcMode;
	}

	public int getMessageQueueKey() {
		return this.messageQueueKey;
	}

	public void setMessageQueueKey(int messageQueueKey) {
		this.messageQueueKey = messageQueueKey;
	}

	public int getTaskMaxRequest() {
		return this.taskMaxRequest;
	}

	public void setTaskMaxRequest(int taskMaxRequest) {
		this.taskMaxRequest = taskMaxRequest;
	}

	public @Nullable Integer getTaskMaxRequestGrace() {
		return this.taskMaxRequestGrace;
	}

	public void setTaskMaxRequestGrace(@Nullable Integer taskMaxRequestGrace) {
		this.taskMaxRequestGrace = taskMaxRequestGrace;
	}

	public boolean isTaskEnableCoroutine() {
		return this.taskEnableCoroutine;
	}

	public void setTaskEnableCoroutine(boolean taskEnableCoroutine) {
		this.taskEnableCoroutine = taskEnableCoroutine;
	}

	public int getTaskMaxCoroutine() {
		return this.taskMaxCoroutine;
	}

	public void setTaskMaxCoroutine(int taskMaxCoroutine) {
		this.taskMaxCoroutine = taskMaxCoroutine;
	}

	public Duration getTaskTimeout() {
		return this.taskTimeout;
	}

	public void setTaskTimeout(Duration taskTimeout) {
		this.taskTimeout = taskTimeout;
	}

	public int getTaskRetries() {
		return this.taskRetries;
	}

	public void setTaskRetries(int taskRetries) {
		this.taskRetries = taskRetries;
	}

	public Duration getTaskBackoff() {
		return this.taskBackoff;
	}

	public void setTaskBackoff(Duration taskBackoff) {
		this.taskBackoff = taskBackoff;
	}

	public Duration getTaskMaxBackoff() {
		return this.taskMaxBackoff;
	}

	public void setTaskMaxBackoff(Duration taskMaxBackoff) {
		this.taskMaxBackoff = taskMaxBackoff;
	}

	public List<Class<? extends Throwable>> getTaskRetryOn() {
		return this.taskRetryOn;
	}

	public void setTaskRetryOn(List<Class<? extends Throwable>> taskRetryOn) {
		this.taskRetryOn = taskRetryOn;
	}

	public List<Class<? extends Throwable>> getTaskNoRetryOn() {
		return this.taskNoRetryOn;
	}

	public void setTaskNoRetryOn(List<Class<? extends Throwable>> taskNoRetryOn) {
		this.taskNoRetryOn = taskNoRetryOn;
	}

	public int getTaskDeadLetterCapacity() {
		return this.taskDeadLetterCapacity;
	}

	public void setTaskDeadLetterCapacity(int taskDeadLetterCapacity) {
		this.taskDeadLetterCapacity = taskDeadLetterCapacity;
	}

	public Duration getTaskResultTimeout() {
		return this.taskResultTimeout;
	}

	public void setTaskResultTimeout(Duration taskResultTimeout) {
		this.taskResultTimeout = taskResultTimeout;
	}

	public int getTaskResultCapacity() {
		return this.taskResultCapacity;
	}

	public void setTaskResultCapacity(int taskResultCapacity) {
		this.taskResultCapacity = taskResultCapacity;
	}

}
