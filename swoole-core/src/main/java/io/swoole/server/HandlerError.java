package io.swoole.server;

/**
 * A failure in a callback.
 *
 * @param event the event, such as {@code receive} or {@code task}
 * @param fd the connection, −1 if none is involved
 * @param workerId the worker, −1 outside workers
 * @param taskId the task, −1 if none is involved
 * @param cause what was thrown
 */
public record HandlerError(String event, long fd, int workerId, long taskId, Throwable cause) {

}
