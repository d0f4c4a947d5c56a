package io.swoole.server.transport;

import io.netty.channel.ChannelOption;
import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * The options for TCP sockets which not every transport has; {@code null} is one it has
 * not.
 *
 * @param keepIdle seconds of silence before the first keepalive probe
 * @param keepInterval seconds between keepalive probes
 * @param keepCount keepalive probes that may stay unanswered
 * @param userTimeout milliseconds that sent bytes may stay unacknowledged
 * @param deferAccept seconds to wait for the first bytes; of listening sockets
 * @param fastOpen connections whose first bytes may come early; of listening sockets
 * @param reusePort whether several sockets may listen on one port; of listening sockets
 */
@Internal
public record TcpOptions(@Nullable ChannelOption<Integer> keepIdle, @Nullable ChannelOption<Integer> keepInterval,
		@Nullable ChannelOption<Integer> keepCount, @Nullable ChannelOption<Integer> userTimeout,
		@Nullable ChannelOption<Integer> deferAccept, @Nullable ChannelOption<Integer> fastOpen,
		@Nullable ChannelOption<Boolean> reusePort) {

}
