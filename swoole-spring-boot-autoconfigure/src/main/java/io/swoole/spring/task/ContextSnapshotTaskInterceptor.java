package io.swoole.spring.task;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import io.swoole.server.TaskInterceptor;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;

/**
 * Gives all callbacks of a task what Micrometer's context propagation knew when it was
 * posted: the current observation and trace, and whatever else has a
 * {@link ThreadLocalAccessor}. Tasks that are posted without any of that find none, and
 * cost nothing if the values are those of a {@link ContextRegistry}.
 * <p>
 * Auto-configured; a bean of this type takes its place. {@link #ORDER} tells interceptors
 * of the application where to stand.
 */
public final class ContextSnapshotTaskInterceptor implements TaskInterceptor, Ordered {

	/**
	 * Inside {@link MdcTaskInterceptor}: tracing writes its ids into the logging context.
	 */
	public static final int ORDER = MdcTaskInterceptor.ORDER + 1;

	private final ContextSnapshotFactory factory;

	/** What callbacks must not see, nor leave behind. */
	private final ContextRegistry registry;

	/** Whether only the factory knows what to capture, and how. */
	private final boolean foreign;

	/**
	 * Creates an interceptor that captures what a factory does. Values of the global
	 * registry that it has not captured are hidden from the callbacks, and taken away
	 * from what they leave behind; a factory with a registry of its own has to clear what
	 * is missing by itself
	 * ({@link ContextSnapshotFactory.Builder#clearMissing(boolean)}).
	 * @param factory captures the context
	 */
	public ContextSnapshotTaskInterceptor(ContextSnapshotFactory factory) {
		this.factory = factory;
		this.registry = ContextRegistry.getInstance();
		this.foreign = true;
	}

	/**
	 * Creates an interceptor that captures all values of a registry, and clears those
	 * that were missing.
	 * @param registry knows the values
	 */
	public ContextSnapshotTaskInterceptor(ContextRegistry registry) {
		this.factory = ContextSnapshotFactory.builder().contextRegistry(registry).clearMissing(true).build();
		this.registry = registry;
		this.foreign = false;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public @Nullable Object onSubmit(Submission task) {
		return hasValues() ? this.factory.captureAll() : null;
	}

	@Override
	public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
		return submitted != null || hasValues();
	}

	@Override
	public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
		if (!(submitted instanceof ContextSnapshot snapshot)) {
			runWithoutValues(this.registry.getThreadLocalAccessors(), body);
		}
		else if (this.foreign) {
			runWithoutValues(this.registry.getThreadLocalAccessors(), snapshot.wrap(body));
		}
		else {
			snapshot.wrap(body).run();
		}
	}

	@Override
	public void cleanUp(Callback callback) {
		if (hasValues()) {
			restore(this.registry.getThreadLocalAccessors(), Map.of());
		}
	}

	/** Whether the calling thread has anything to capture, or to hide. */
	private boolean hasValues() {
		if (this.foreign) {
			return true;
		}
		List<ThreadLocalAccessor<?>> accessors = this.registry.getThreadLocalAccessors();
		try {
			// an iterator would be an allocation
			for (int i = 0; i < accessors.size(); i++) {
				if (accessors.get(i).getValue() != null) {
					return true;
				}
			}
			return false;
		}
		catch (IndexOutOfBoundsException ex) {
			return true; // an accessor has been removed meanwhile
		}
	}

	/** A snapshot hides only what it has values for, unless it clears what is missing. */
	private static void runWithoutValues(List<ThreadLocalAccessor<?>> accessors, Runnable body) {
		Map<Object, Object> before = new HashMap<>();
		for (ThreadLocalAccessor<?> accessor : accessors) {
			Object value = accessor.getValue();
			if (value != null) {
				before.put(accessor.key(), value);
				accessor.setValue();
			}
		}
		try {
			body.run();
		}
		finally {
			restore(accessors, before);
		}
	}

	@SuppressWarnings("unchecked") // the value is the accessor's own
	private static void restore(List<ThreadLocalAccessor<?>> accessors, Map<Object, Object> before) {
		for (ThreadLocalAccessor<?> accessor : accessors) {
			Object value = before.get(accessor.key());
			if (value != null) {
				((ThreadLocalAccessor<Object>) accessor).restore(value);
			}
			else if (accessor.getValue() != null) {
				accessor.restore();
			}
		}
	}

}
