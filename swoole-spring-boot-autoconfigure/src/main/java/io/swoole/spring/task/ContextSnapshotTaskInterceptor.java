package io.swoole.spring.task;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.swoole.server.TaskInterceptor;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;

/**
 * Gives all callbacks of a task what Micrometer's context propagation knew when it was
 * posted: the current observation and trace, and whatever else has a
 * {@link io.micrometer.context.ThreadLocalAccessor}.
 */
public final class ContextSnapshotTaskInterceptor implements TaskInterceptor, Ordered {

	/**
	 * Inside {@link MdcTaskInterceptor}: tracing writes its ids into the logging context.
	 */
	public static final int ORDER = MdcTaskInterceptor.ORDER + 1;

	private final ContextSnapshotFactory factory;

	/**
	 * Creates an interceptor.
	 * @param factory captures the context
	 */
	public ContextSnapshotTaskInterceptor(ContextSnapshotFactory factory) {
		this.factory = factory;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public Object onSubmit(Submission task) {
		return this.factory.captureAll();
	}

	@Override
	public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
		if (submitted instanceof ContextSnapshot snapshot) {
			snapshot.wrap(body).run();
		}
		else {
			body.run();
		}
	}

}
