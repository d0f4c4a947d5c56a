package io.swoole.server.dispatch;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Internal;
import io.swoole.server.Packet;
import io.swoole.server.ServerHandler;
import io.swoole.server.callback.ConnectionCallbacks;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings datagrams to workers. A sender cannot be told to wait, so a worker that does not
 * keep up loses datagrams, its own only.
 */
@Internal
public final class DatagramDispatcher {

	/**
	 * How many bytes may wait for one worker, each datagram counted with
	 * {@link #OVERHEAD}.
	 */
	static final int QUEUED_BYTES = 32 * 1024 * 1024;

	/** What a datagram that waits takes beside its data. */
	static final int OVERHEAD = 256;

	private static final Logger logger = LoggerFactory.getLogger(DatagramDispatcher.class);

	private final Dispatcher dispatcher;

	private final ConnectionCallbacks callbacks;

	private final ServerCounters counters;

	private final AtomicLong[] queued;

	private final LimitedLog warnings = new LimitedLog(logger);

	/**
	 * Creates a dispatcher.
	 * @param dispatcher chooses workers
	 * @param callbacks runs the callbacks
	 * @param counters counts datagrams
	 * @param workers how many workers there are
	 */
	public DatagramDispatcher(Dispatcher dispatcher, ConnectionCallbacks callbacks, ServerCounters counters,
			int workers) {
		this.dispatcher = dispatcher;
		this.callbacks = callbacks;
		this.counters = counters;
		this.queued = new AtomicLong[workers];
		for (int i = 0; i < workers; i++) {
			this.queued[i] = new AtomicLong();
		}
	}

	/**
	 * Chooses the worker of a datagram; on the event loop of its socket.
	 * @param sender where it comes from
	 * @param data the datagram, which is not changed
	 * @return the worker, {@code null} if the datagram is to be discarded
	 */
	public @Nullable Worker choose(SocketAddress sender, ByteBuf data) {
		Worker worker = this.dispatcher.datagram(sender, data);
		if (worker == null) {
			this.counters.discarded.increment();
		}
		return worker;
	}

	/**
	 * Gives a datagram to its worker; on the event loop of its socket.
	 * @param worker the worker
	 * @param handler the callbacks of the listener
	 * @param packet the datagram
	 */
	public void packet(Worker worker, ServerHandler handler, Packet packet) {
		// with virtual threads each datagram runs by itself, as it belongs to no
		// connection
		Lane lane = worker.lane();
		if (lane.inLane()) {
			this.counters.worker(worker.id()).dispatched.increment();
			lane.runUrgent();
			begin(worker);
			handle(worker, lane, handler, packet);
			return;
		}
		AtomicLong waiting = this.queued[worker.id()];
		int size = packet.data().length + OVERHEAD;
		boolean taken = waiting.addAndGet(size) <= QUEUED_BYTES;
		if (taken) {
			begin(worker);
			taken = lane.offer(Event.of(() -> {
				waiting.addAndGet(-size);
				handle(worker, lane, handler, packet);
			}));
			if (!taken) {
				end(worker);
			}
		}
		if (taken) {
			this.counters.worker(worker.id()).dispatched.increment();
		}
		else {
			waiting.addAndGet(-size);
			dropped(worker, packet);
		}
	}

	private void handle(Worker worker, Lane lane, ServerHandler handler, Packet packet) {
		WorkerContext context = lane.context();
		WorkerLoads loads = this.dispatcher.loads();
		if (loads == null) {
			this.callbacks.packet(context, handler, packet);
			return;
		}
		context.inHand(() -> loads.end(worker.id()));
		try {
			this.callbacks.packet(context, handler, packet);
		}
		finally {
			// whoever gives the thread up takes over what it has in hand
			if (!context.isAbandoned()) {
				context.inHand(null);
				loads.end(worker.id());
			}
		}
	}

	private void begin(Worker worker) {
		WorkerLoads loads = this.dispatcher.loads();
		if (loads != null) {
			loads.begin(worker.id());
		}
	}

	private void end(Worker worker) {
		WorkerLoads loads = this.dispatcher.loads();
		if (loads != null) {
			loads.end(worker.id());
		}
	}

	private void dropped(Worker worker, Packet packet) {
		this.counters.droppedPackets.increment();
		this.warnings.warn("Worker {} does not keep up: a datagram is dropped [listener={}]", worker.id(),
				packet.listener());
	}

}
