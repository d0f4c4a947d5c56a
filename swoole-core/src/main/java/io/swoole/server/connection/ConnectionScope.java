package io.swoole.server.connection;

import io.swoole.server.Internal;
import io.swoole.server.ServerOptions;

/**
 * What the connections of a server share.
 *
 * @param options the settings of the server
 * @param registry finds them
 * @param counters counts them
 * @param lastError remembers why an operation was refused
 * @param events brings what happens to them to the right worker
 * @param audience reaches many of them together
 */
@Internal
public record ConnectionScope(ServerOptions options, ConnectionRegistry registry, ServerCounters counters,
		LastError lastError, ConnectionEvents events, Audience audience) {

}
