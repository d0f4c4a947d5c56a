package io.swoole.task.queue;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Where the first result of a task goes instead of
 * {@link io.swoole.server.ServerHandler#onFinish}: to somebody who waits, or to a
 * callback. Exactly one of {@link #result} and {@link #failed} takes effect; both may be
 * called from any thread.
 */
@Internal
public interface TaskReply {

	/**
	 * Takes the first result.
	 * @param result the result
	 * @return {@code false} if nobody waits for it any more
	 */
	boolean result(@Nullable Object result);

	/**
	 * There will be no result.
	 * @param failure why
	 */
	void failed(RuntimeException failure);

	/**
	 * Whether nobody waits any more.
	 * @return {@code true} if so
	 */
	boolean isGivenUp();

	/**
	 * Whether a task whose handler has returned without a result is given up after
	 * {@code task-result-timeout}.
	 * @return {@code false} if whoever waits has a limit of its own
	 */
	boolean isLimited();

	/**
	 * Whether somebody waits, with a thread or a future.
	 * @return {@code false} for a callback
	 */
	default boolean isAwaited() {
		return true;
	}

}
