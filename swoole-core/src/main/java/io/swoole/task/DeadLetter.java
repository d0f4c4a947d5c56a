package io.swoole.task;

import java.time.Instant;

/**
 * A task that has failed for good and was kept.
 *
 * @param taskId the task
 * @param data its payload
 * @param attempts how many times it was tried; 0 if it was never started
 * @param failedAt when it failed for good
 * @param cause what it has thrown last, a {@link TaskTimeoutException} if it took too
 * long, or a {@link TaskExpiredException} if it was not started, or not started again, by
 * its deadline
 */
public record DeadLetter(long taskId, Object data, int attempts, Instant failedAt, Throwable cause) {

}
