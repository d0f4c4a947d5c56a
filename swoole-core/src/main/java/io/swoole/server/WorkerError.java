package io.swoole.server;

import org.jspecify.annotations.Nullable;

/**
 * The end of a worker's thread that was not wanted, or of a {@link UserProcess} that has
 * thrown. Swoole: the arguments of {@code onWorkerError}.
 *
 * @param workerId the worker, or the process
 * @param exitCode 255 if it died by an exception, otherwise 0
 * @param signal 9 if its thread was given up because a callback did not end in time,
 * otherwise 0
 * @param cause what it died of, {@code null} if its thread was given up
 */
public record WorkerError(int workerId, int exitCode, int signal, @Nullable Throwable cause) {

}
