package io.swoole.server;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects the settings of the life of workers, as a part of
 * {@link ServerOptions.Builder}.
 *
 * @param <B> the type of the builder
 */
abstract class WorkerSettingsBuilder<B extends WorkerSettingsBuilder<B>> extends TaskSettingsBuilder<B> {

	int maxRequest;

	int maxRequestGrace = -1;

	boolean reloadAsync = true;

	int taskMaxAbandonedThreads = 16;

	final Map<String, UserProcess> processes = new LinkedHashMap<>();

	WorkerSettingsBuilder() {
	}

	/**
	 * Sets after how many packets an event worker begins anew: its last callback and its
	 * first one run, and it goes on with what is queued. Connects, closes, results,
	 * messages and timers do not count. Default: 0, never.
	 * @param maxRequest the number; 0: never
	 * @return this builder
	 */
	public B maxRequest(int maxRequest) {
		this.maxRequest = maxRequest;
		return self();
	}

	/**
	 * Sets how many packets more it may be, by chance, so that not all event workers
	 * begin anew together. Default: half of {@code max-request} if that is more than 10,
	 * else 0.
	 * @param maxRequestGrace the highest number, −1 for the default
	 * @return this builder
	 */
	public B maxRequestGrace(int maxRequestGrace) {
		this.maxRequestGrace = maxRequestGrace;
		return self();
	}

	/**
	 * Sets whether a reload restarts all workers at once, or one after another. Default:
	 * {@code true}, at once.
	 * @param reloadAsync {@code false} for one after another
	 * @return this builder
	 */
	public B reloadAsync(boolean reloadAsync) {
		this.reloadAsync = reloadAsync;
		return self();
	}

	/**
	 * Sets how many threads of task workers, and in mode {@code process} of event
	 * workers, may be given up at a time because a callback does not end. Beyond that
	 * such callbacks are only interrupted. Default: 16.
	 * @param taskMaxAbandonedThreads the number; 0: none
	 * @return this builder
	 */
	public B taskMaxAbandonedThreads(int taskMaxAbandonedThreads) {
		this.taskMaxAbandonedThreads = taskMaxAbandonedThreads;
		return self();
	}

	/**
	 * Adds a background process, which lives with the server.
	 * @param name its name, for the log
	 * @param process the process
	 * @return this builder
	 */
	public B process(String name, UserProcess process) {
		if (this.processes.putIfAbsent(name, process) != null) {
			throw new InvalidOptionException("", "process", name, "another process has this name already");
		}
		return self();
	}

	/** Checks the settings of workers. */
	final WorkerSettings buildWorkers() {
		check(this.maxRequest >= 0, "max-request", this.maxRequest, "must not be negative; 0 is never");
		check(this.maxRequestGrace >= -1, "max-request-grace", this.maxRequestGrace,
				"must not be negative, but for -1: half of max-request");
		check(this.taskMaxAbandonedThreads >= 0, "task-max-abandoned-threads", this.taskMaxAbandonedThreads,
				"must not be negative");
		return new WorkerSettings(this);
	}

	private static void check(boolean valid, String option, Object value, String reason) {
		if (!valid) {
			throw new InvalidOptionException("", option, value, reason);
		}
	}

}
