package io.swoole.spring.task;

import java.util.Map;

import io.swoole.server.TaskInterceptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

import org.springframework.core.Ordered;

/**
 * Gives all callbacks of a task the logging context ({@link MDC}) in which it was posted,
 * and leaves nothing of theirs behind. What a callback throws is logged with that
 * context, too. Tasks that are posted without a logging context find none, and cost
 * nothing.
 * <p>
 * Auto-configured; a bean of this type takes its place. {@link #ORDER} tells interceptors
 * of the application where to stand.
 */
public final class MdcTaskInterceptor implements TaskInterceptor, Ordered {

	/** The outermost but for those who want to be. */
	public static final int ORDER = HIGHEST_PRECEDENCE + 100;

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public @Nullable Object onSubmit(Submission task) {
		return copy();
	}

	@Override
	public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
		return submitted != null || copy() != null;
	}

	@Override
	public void cleanUp(Callback callback) {
		if (MDC.getCopyOfContextMap() != null) {
			MDC.clear();
		}
	}

	@Override
	@SuppressWarnings("unchecked") // from onSubmit
	public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
		Map<String, String> before = copy();
		set((Map<String, String>) submitted);
		try {
			body.run();
		}
		finally {
			set(before);
		}
	}

	private static @Nullable Map<String, String> copy() {
		Map<String, String> context = MDC.getCopyOfContextMap();
		return (context == null || context.isEmpty()) ? null : context;
	}

	private static void set(@Nullable Map<String, String> context) {
		if (context == null) {
			MDC.clear();
		}
		else {
			MDC.setContextMap(context);
		}
	}

}
