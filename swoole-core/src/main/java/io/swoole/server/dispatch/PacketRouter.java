package io.swoole.server.dispatch;

import java.net.SocketAddress;
import java.util.Objects;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.DispatchEvent;
import io.swoole.server.DispatchStrategy;
import io.swoole.server.SwooleServer;
import io.swoole.server.callback.ConnectionCallbacks;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.connection.OpenPackets;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.InHand;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends packets of one connection to different workers, or counts what each worker has to
 * do. Exists only where the dispatch mode or a strategy asks for it.
 */
final class PacketRouter {

	private static final Logger logger = LoggerFactory.getLogger(PacketRouter.class);

	private final SwooleServer server;

	private final WorkerChooser chooser;

	private final @Nullable DispatchStrategy strategy;

	private final @Nullable WorkerLoads loads;

	private final ConnectionCallbacks callbacks;

	private final ServerCounters counters;

	/** Whether packets are dropped that wait when their connection ends. */
	private final boolean discardTimeoutRequest;

	private final LimitedLog unknownWorker = new LimitedLog(logger);

	PacketRouter(SwooleServer server, WorkerChooser chooser, @Nullable DispatchStrategy strategy,
			ConnectionCallbacks callbacks, ServerCounters counters, boolean discardTimeoutRequest) {
		this.server = server;
		this.chooser = chooser;
		this.strategy = strategy;
		this.loads = chooser.loads();
		this.callbacks = callbacks;
		this.counters = counters;
		this.discardTimeoutRequest = discardTimeoutRequest;
	}

	/**
	 * Settles the owner of a new connection.
	 * @return whether it is to be told
	 */
	boolean connect(NettyConnection connection) {
		connection.countPackets();
		if (this.strategy == null) {
			return true;
		}
		int id = ask(this.strategy, connection, DispatchEvent.CONNECT, Unpooled.EMPTY_BUFFER);
		if (id != DispatchStrategy.DEFAULT) {
			Worker worker = find(id, DispatchEvent.CONNECT);
			if (worker == null) {
				return false;
			}
			connection.owner(worker);
		}
		return true;
	}

	/** Whether the owner is to be told of the end of a connection. */
	boolean close(NettyConnection connection) {
		if (this.strategy == null) {
			return true;
		}
		int id = ask(this.strategy, connection, DispatchEvent.CLOSE, Unpooled.EMPTY_BUFFER);
		return id == DispatchStrategy.DEFAULT || find(id, DispatchEvent.CLOSE) != null;
	}

	/**
	 * Sends a packet on its way.
	 * @return {@code false} if no virtual thread can be had for it
	 */
	boolean packet(NettyConnection connection, ByteBuf packet) {
		Worker worker = choose(connection, packet);
		if (worker == null) {
			this.counters.discarded.increment();
			packet.release();
			return true;
		}
		this.counters.worker(worker.id()).dispatched.increment();
		OpenPackets open = Objects.requireNonNull(connection.openPackets());
		open.begin();
		if (this.loads != null) {
			this.loads.begin(worker.id());
		}
		Lane lane = worker.lane(connection.lane());
		RoutedPacket event = new RoutedPacket(connection, worker, lane, open, packet);
		if (lane.inLane()) {
			lane.runUrgent();
			event.run();
			return true;
		}
		if (event.offer()) {
			return true;
		}
		event.discard();
		return false;
	}

	/** The worker of a datagram, {@code null} to discard it. */
	@Nullable Worker datagram(SocketAddress sender, ByteBuf data) {
		int id = (this.strategy != null) ? ask(this.strategy, null, DispatchEvent.DATAGRAM, data)
				: DispatchStrategy.DEFAULT;
		return (id == DispatchStrategy.DEFAULT) ? this.chooser.forDatagram(sender) : find(id, DispatchEvent.DATAGRAM);
	}

	private @Nullable Worker choose(NettyConnection connection, ByteBuf packet) {
		int id = (this.strategy != null) ? ask(this.strategy, connection, DispatchEvent.DATA, packet)
				: DispatchStrategy.DEFAULT;
		return (id == DispatchStrategy.DEFAULT) ? this.chooser.forPacket(connection) : find(id, DispatchEvent.DATA);
	}

	private int ask(DispatchStrategy strategy, @Nullable NettyConnection connection, DispatchEvent event,
			ByteBuf data) {
		int begin = data.readerIndex();
		int end = data.writerIndex();
		try {
			return strategy.dispatch(this.server, connection, event, data);
		}
		catch (Throwable ex) {
			this.callbacks.dispatchFailed(connection, ex);
			return DispatchStrategy.DISCARD;
		}
		finally {
			// whatever the strategy has read, the handler reads the packet from its begin
			data.setIndex(begin, end);
		}
	}

	private @Nullable Worker find(int id, DispatchEvent event) {
		Worker worker = this.chooser.worker(id);
		if (worker == null && id != DispatchStrategy.DISCARD) {
			this.unknownWorker.warn("The dispatch strategy has returned {} for {}, which is no worker: it is discarded",
					id, event);
		}
		return worker;
	}

	/**
	 * A packet on its way to one of several workers.
	 */
	private final class RoutedPacket extends QueuedPacket implements InHand {

		private final Worker worker;

		private final OpenPackets open;

		RoutedPacket(NettyConnection connection, Worker worker, Lane lane, OpenPackets open, ByteBuf packet) {
			super(connection, lane, packet);
			this.worker = worker;
			this.open = open;
		}

		@Override
		void receive() {
			WorkerContext context = lane().context().in(this.worker);
			context.inHand(this);
			try {
				if (PacketRouter.this.discardTimeoutRequest && this.open.hasEnded()) {
					PacketRouter.this.counters.discarded.increment();
					packet().release();
				}
				else {
					PacketRouter.this.callbacks.receive(context, connection(), packet());
				}
			}
			finally {
				// whoever gives the thread up takes over what it has in hand
				if (!context.isAbandoned()) {
					context.inHand(null);
					done();
				}
			}
		}

		@Override
		public void givenUp() {
			done();
		}

		@Override
		public void discard() {
			super.discard();
			done();
		}

		private void done() {
			if (PacketRouter.this.loads != null) {
				PacketRouter.this.loads.end(this.worker.id());
			}
			this.open.done();
		}

	}

}
