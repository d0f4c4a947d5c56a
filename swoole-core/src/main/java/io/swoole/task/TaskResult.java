package io.swoole.task;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A result of a task. Swoole: {@code Swoole\Server\TaskResult}.
 *
 * @param taskId the task
 * @param taskWorkerId the task worker that executed it
 * @param dispatchTime when the task was accepted
 * @param data the result
 */
public record TaskResult(long taskId, int taskWorkerId, Instant dispatchTime, @Nullable Object data) {

}
