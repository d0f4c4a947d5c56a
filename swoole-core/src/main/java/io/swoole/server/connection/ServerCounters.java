package io.swoole.server.connection;

import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;

/**
 * What the server counts. Each may be raised from any thread.
 */
@Internal
public final class ServerCounters {

	/** Connections accepted. */
	public final LongAdder accepted = new LongAdder();

	/** Connections that have ended. */
	public final LongAdder closed = new LongAdder();

	/** Connections broken off before they were established. */
	public final LongAdder aborted = new LongAdder();

	/** Packets handed to workers. */
	public final LongAdder dispatched = new LongAdder();

	/** Packets dropped unhandled: discarded, or their connection was closed. */
	public final LongAdder discarded = new LongAdder();

	/** Connections closed because no further virtual thread was allowed. */
	public final LongAdder coroutineRefusals = new LongAdder();

	/** Callbacks that have held an event worker or an event loop for too long. */
	public final LongAdder slowHandlers = new LongAdder();

	/** Tasks that have taken too long. */
	public final LongAdder slowTasks = new LongAdder();

	/** Datagrams dropped because their worker did not keep up. */
	public final LongAdder droppedPackets = new LongAdder();

	/** Packets whose handler has returned. */
	public final LongAdder requests = new LongAdder();

	/** Sends accepted. */
	public final LongAdder responses = new LongAdder();

	/** Bytes received. */
	public final LongAdder receivedBytes = new LongAdder();

	/** Bytes handed to sockets. */
	public final LongAdder sentBytes = new LongAdder();

	/** Callbacks that have thrown. */
	public final LongAdder handlerErrors = new LongAdder();

}
