package io.swoole.server.callback;

import io.swoole.server.Internal;

/**
 * What a task handler ends with when it does not return.
 *
 * @param cause what it has thrown
 */
@Internal
public record TaskFailure(Throwable cause) {

}
