package io.swoole.server.connection;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

import io.swoole.server.Internal;
import io.swoole.server.worker.WorkerContext;

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

	/** Packets that were not what the application expects. */
	public final LongAdder unreadablePackets = new LongAdder();

	/** How many times output of a connection has reached the high watermark. */
	public final LongAdder fullBuffers = new LongAdder();

	/** Bytes received. */
	public final LongAdder receivedBytes = new LongAdder();

	/** Bytes handed to sockets. */
	public final LongAdder sentBytes = new LongAdder();

	/** Callbacks that have thrown. */
	public final LongAdder handlerErrors = new LongAdder();

	private final Object server;

	/** One for each event worker, at its id, and the last for all other threads. */
	private final WorkerCounters[] workers;

	/**
	 * Nothing has been counted yet.
	 * @param server the server
	 * @param workerNum how many event workers it has
	 */
	public ServerCounters(Object server, int workerNum) {
		this.server = server;
		this.workers = new WorkerCounters[workerNum + 1];
		Arrays.setAll(this.workers, (id) -> new WorkerCounters());
	}

	/**
	 * The counters of an event worker.
	 * @param id its id
	 * @return the counters
	 */
	public WorkerCounters worker(int id) {
		return this.workers[id];
	}

	/**
	 * The counters of the event worker the calling thread is, or those of all threads
	 * that are none.
	 * @return the counters
	 */
	public WorkerCounters caller() {
		WorkerContext context = WorkerContext.current(this.server);
		if (context == null || context.worker() == null) {
			return this.workers[this.workers.length - 1];
		}
		return this.workers[context.workerId()];
	}

	/**
	 * Adds up one counter of all threads.
	 * @param counter the counter
	 * @return the sum
	 */
	public long sum(Function<WorkerCounters, LongAdder> counter) {
		long sum = 0;
		for (WorkerCounters worker : this.workers) {
			sum += counter.apply(worker).sum();
		}
		return sum;
	}

}
