package io.swoole.server;

import java.net.SocketAddress;
import java.time.Instant;

/**
 * A datagram. To answer it, give its address and server port to
 * {@link SwooleServer#sendTo(SocketAddress, byte[], int)}. Swoole:
 * {@code Swoole\Server\Packet}.
 *
 * @param data what was received, never empty
 * @param address the sender; for a unix datagram a
 * {@link io.netty.channel.unix.DomainSocketAddress} with the path of the sender's socket,
 * which is empty if that has no name and cannot be answered
 * @param listener the name of the listener that received it
 * @param serverPort the port of that listener, 0 for a unix socket
 * @param dispatchTime when it was received
 */
public record Packet(byte[] data, SocketAddress address, String listener, int serverPort, Instant dispatchTime) {

}
