package io.swoole.server.connection;

import java.util.concurrent.atomic.LongAdder;

import io.swoole.server.Internal;

/**
 * What one event worker counts. Each may be raised from any thread.
 */
@Internal
public final class WorkerCounters {

	/** Packets handed to the worker. */
	public final LongAdder dispatched = new LongAdder();

	/** Packets whose handler has returned. */
	public final LongAdder requests = new LongAdder();

	/** Sends of the worker that were accepted. */
	public final LongAdder responses = new LongAdder();

}
