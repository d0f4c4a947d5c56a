package io.swoole.server;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings of the life of workers; immutable. They are set with the methods of
 * {@link ServerOptions.Builder}.
 *
 * @see ServerOptions#workers()
 */
public final class WorkerSettings {

	private final int maxRequest;

	private final int maxRequestGrace;

	private final boolean reloadAsync;

	private final int taskMaxAbandonedThreads;

	private final Map<String, UserProcess> processes;

	WorkerSettings(WorkerSettingsBuilder<?> builder) {
		this.maxRequest = builder.maxRequest;
		int half = (builder.maxRequest > 10) ? builder.maxRequest / 2 : 0;
		this.maxRequestGrace = (builder.maxRequestGrace >= 0) ? builder.maxRequestGrace : half;
		this.reloadAsync = builder.reloadAsync;
		this.taskMaxAbandonedThreads = builder.taskMaxAbandonedThreads;
		this.processes = Collections.unmodifiableMap(new LinkedHashMap<>(builder.processes));
	}

	/**
	 * After how many packets an event worker begins anew.
	 * @return the number; 0: never
	 */
	public int maxRequest() {
		return this.maxRequest;
	}

	/**
	 * How many packets more it may be, by chance.
	 * @return the highest number; 0: none
	 */
	public int maxRequestGrace() {
		return this.maxRequestGrace;
	}

	/**
	 * Whether a reload restarts all workers at once.
	 * @return {@code false} for one after another
	 */
	public boolean reloadAsync() {
		return this.reloadAsync;
	}

	/**
	 * How many threads of workers may be given up, and not have ended, at a time.
	 * @return the number, at least 0
	 */
	public int taskMaxAbandonedThreads() {
		return this.taskMaxAbandonedThreads;
	}

	/**
	 * The background processes of the application by their names, in the order in which
	 * they were added.
	 * @return the processes
	 */
	public Map<String, UserProcess> processes() {
		return this.processes;
	}

}
