package io.swoole.task.policy;

import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.swoole.server.Internal;
import io.swoole.server.TaskSettings;
import io.swoole.task.TaskType;
import io.swoole.task.queue.Nanos;
import io.swoole.task.queue.TaskTerms;
import io.swoole.task.queue.TypeLimit;
import org.jspecify.annotations.Nullable;

/**
 * The terms of tasks by payload class: the one look-up a task costs.
 */
@Internal
public final class TaskTypes {

	private final TaskSettings settings;

	private final Function<Class<?>, @Nullable TaskType> types;

	private final Map<Class<?>, TaskTerms> terms = new ConcurrentHashMap<>();

	/** Guarded by itself. */
	private final Map<TaskType, TypeLimit> limits = new IdentityHashMap<>();

	/**
	 * Creates a table that is filled as payload classes come.
	 * @param settings the defaults
	 * @param types asks the application for the type of a payload class
	 */
	public TaskTypes(TaskSettings settings, Function<Class<?>, @Nullable TaskType> types) {
		this.settings = settings;
		this.types = types;
	}

	/**
	 * The terms for a payload.
	 * @param data the payload
	 * @return the terms, {@code null} if nobody takes it
	 */
	public @Nullable TaskTerms find(Object data) {
		Class<?> payload = data.getClass();
		TaskTerms known = this.terms.get(payload);
		return (known != null) ? known : resolve(payload);
	}

	private @Nullable TaskTerms resolve(Class<?> payload) {
		TaskType type = this.types.apply(payload);
		if (type == null) {
			return null;
		}
		TaskTerms resolved = new TaskTerms(type, Nanos.of(or(type.getTimeout(), this.settings.taskTimeout())),
				(type.getRetries() >= 0) ? type.getRetries() : this.settings.taskRetries(),
				Nanos.of(or(type.getBackoff(), this.settings.taskBackoff())),
				Nanos.of(or(type.getMaxBackoff(), this.settings.taskMaxBackoff())), limit(type));
		TaskTerms other = this.terms.putIfAbsent(payload, resolved);
		return (other != null) ? other : resolved;
	}

	private @Nullable TypeLimit limit(TaskType type) {
		if (type.getConcurrency() == 0) {
			return null;
		}
		synchronized (this.limits) {
			return this.limits.computeIfAbsent(type, (key) -> new TypeLimit(key.getConcurrency()));
		}
	}

	private static Duration or(@Nullable Duration own, Duration general) {
		return (own != null) ? own : general;
	}

}
