package io.swoole.server;

import java.time.Instant;

/**
 * A message from one worker to another. Swoole: {@code Swoole\Server\PipeMessage}.
 *
 * @param sourceWorkerId the worker that has sent it, −1 for a thread that is no worker
 * @param dispatchTime when it was sent
 * @param data the message itself
 * @see SwooleServer#sendMessage(Object, int)
 */
public record PipeMessage(int sourceWorkerId, Instant dispatchTime, Object data) {

}
