package io.swoole.server.connection;

import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerHandler;
import io.swoole.task.overload.ProducerGroup;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of a listener share.
 *
 * @param options its settings
 * @param handler their callbacks
 * @param producers those of them that may post tasks, {@code null} if there are no tasks
 */
@Internal
public record ListenerScope(ListenerOptions options, ServerHandler handler, @Nullable ProducerGroup producers) {

}
