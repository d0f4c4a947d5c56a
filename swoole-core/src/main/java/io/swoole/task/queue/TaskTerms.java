package io.swoole.task.queue;

import io.swoole.server.Internal;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * What holds for all tasks of a type: its own settings, and the server's defaults where
 * it has none. Resolved once per payload class.
 *
 * @param type the type
 * @param timeout how long an attempt may take, in nanoseconds; 0: no limit
 * @param retries how many times a failed task is tried again
 * @param backoff how long it waits before the second attempt, in nanoseconds
 * @param maxBackoff how long it waits at most, in nanoseconds
 * @param limit how many run at the same time, {@code null} for no limit
 */
@Internal
public record TaskTerms(TaskType type, long timeout, int retries, long backoff, long maxBackoff,
		@Nullable TypeLimit limit) {

}
