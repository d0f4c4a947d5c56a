package io.swoole.server;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Chooses workers in place of {@link DispatchMode}. Swoole: {@code dispatch_func}.
 * <p>
 * Called on event loops, by several of them at once: it must be quick and must not block.
 * An exception is logged and counted, and what it was asked about is discarded.
 */
@FunctionalInterface
public interface DispatchStrategy {

	/**
	 * Drop the packet, or leave the connect or close callback out; the connection goes
	 * on.
	 */
	int DISCARD = -1;

	/** Do as the dispatch mode says. */
	int DEFAULT = -3;

	/**
	 * Chooses a worker.
	 * <ul>
	 * <li>{@link DispatchEvent#CONNECT}: the worker becomes the owner of the connection,
	 * whose connect, close and buffer events run there. The connection cannot be sent to
	 * yet.</li>
	 * <li>{@link DispatchEvent#DATA}: the worker handles this packet.</li>
	 * <li>{@link DispatchEvent#DATAGRAM}: the worker handles this datagram.</li>
	 * <li>{@link DispatchEvent#CLOSE}: asked when the client's side has ended, not for a
	 * close by the server. The owner handles it, unless {@link #DISCARD} is
	 * returned.</li>
	 * </ul>
	 * @param server the server
	 * @param connection the connection, {@code null} for a datagram
	 * @param event what has happened
	 * @param data the packet or datagram, to be looked at during the call only; empty for
	 * other events
	 * @return the id of an event worker, {@link #DISCARD} or {@link #DEFAULT}; anything
	 * else is discarded with a warning, at most once per second
	 */
	int dispatch(SwooleServer server, @Nullable Connection connection, DispatchEvent event, ByteBuf data);

}
