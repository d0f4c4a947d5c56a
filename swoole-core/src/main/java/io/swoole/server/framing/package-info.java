/**
 * Cutting a stream of bytes into packets. The {@link io.swoole.server.framing.Framing} of
 * a listener makes a framer for each connection, which knows where one packet ends; the
 * {@link io.swoole.server.framing.FrameDecoder} keeps what is incomplete and hands
 * packets out while its {@link io.swoole.server.framing.ReadGate} is open.
 */
@NullMarked
package io.swoole.server.framing;

import org.jspecify.annotations.NullMarked;
