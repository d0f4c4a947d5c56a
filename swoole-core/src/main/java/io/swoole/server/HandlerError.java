package io.swoole.server;

/**
 * A failure in a callback, or in other code of the application that the server runs. The
 * events are:
 * <ul>
 * <li>of connections and packets: {@code connect}, {@code receive}, {@code close},
 * {@code bufferFull}, {@code bufferEmpty}, {@code packet} for datagrams,
 * {@code packageLength} for a {@link PackageLengthFunction} and {@code dispatch} for a
 * {@link DispatchStrategy}</li>
 * <li>of tasks: {@code task}, {@code finish}, {@code progress}, {@code taskFailed}</li>
 * <li>of workers: {@code workerStart} after a restart (the first one fails the start of
 * the server), {@code workerStop}, {@code workerExit}, {@code workerError},
 * {@code pipeMessage}, {@code timer}, {@code defer}, and what
 * {@link SwooleServer#getWorkerExecutor} was given as name</li>
 * <li>of the server: {@code beforeReload}, {@code afterReload}, {@code beforeShutdown},
 * {@code shutdown}, and {@code process} for a {@link UserProcess}</li>
 * </ul>
 *
 * @param event the event, such as {@code receive} or {@code task}
 * @param fd the connection, −1 if none is involved
 * @param workerId the worker, −1 outside workers
 * @param taskId the task, −1 if none is involved
 * @param cause what was thrown
 */
public record HandlerError(String event, long fd, int workerId, long taskId, Throwable cause) {

}
