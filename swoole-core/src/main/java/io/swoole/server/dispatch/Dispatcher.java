package io.swoole.server.dispatch;

import java.net.SocketAddress;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.swoole.server.Internal;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.callback.ConnectionCallbacks;
import io.swoole.server.connection.ConnectionEvents;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.connection.OpenPackets;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.framing.MalformedPacketException;
import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.overload.PacedEvent;
import io.swoole.task.overload.TaskProducer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what happens to a connection to its worker: at once where the worker is the
 * event loop that noticed it, otherwise through the worker's mailbox.
 */
@Internal
public final class Dispatcher implements ConnectionEvents {

	private static final Logger logger = LoggerFactory.getLogger(Dispatcher.class);

	private final ConnectionCallbacks callbacks;

	private final ServerCounters counters;

	private final WorkerChooser chooser;

	/** {@code null} if the owner of a connection simply gets all its packets. */
	private final @Nullable PacketRouter router;

	/** Whether there are connect, close and buffer events. */
	private final boolean events;

	private final int maxCoroutine;

	private final LimitedLog refusals = new LimitedLog(logger);

	/**
	 * Creates a dispatcher.
	 * @param server the server
	 * @param options its settings
	 * @param workers its event workers, which may still be added
	 * @param callbacks runs the callbacks
	 * @param counters counts packets
	 */
	public Dispatcher(SwooleServer server, ServerOptions options, List<Worker> workers, ConnectionCallbacks callbacks,
			ServerCounters counters) {
		this.callbacks = callbacks;
		this.counters = counters;
		this.events = options.hasConnectionEvents();
		this.maxCoroutine = options.maxCoroutine();
		this.chooser = new WorkerChooser(options.dispatchMode(), workers, options.workerNum());
		boolean routed = options.dispatchMode().isPerPacket() || options.dispatchStrategy() != null
				|| this.chooser.loads() != null;
		this.router = routed ? new PacketRouter(server, this.chooser, options.dispatchStrategy(), callbacks, counters,
				!this.events && options.discardTimeoutRequest()) : null;
	}

	/**
	 * Chooses the owner of a connection that has just been accepted.
	 * @param fd its session id
	 * @param channel its socket
	 * @return the worker
	 */
	public Worker owner(long fd, Channel channel) {
		return this.chooser.owner(fd, channel.remoteAddress());
	}

	/**
	 * Chooses the worker of a datagram; on an event loop.
	 * @param sender where it comes from
	 * @param data the datagram, which is not changed
	 * @return the worker, {@code null} if the datagram is to be discarded
	 */
	public @Nullable Worker datagram(SocketAddress sender, ByteBuf data) {
		return (this.router != null) ? this.router.datagram(sender, data) : this.chooser.forDatagram(sender);
	}

	/** What each worker has to do, {@code null} if the dispatch mode does not ask. */
	@Nullable WorkerLoads loads() {
		return this.chooser.loads();
	}

	/**
	 * A connection has been established; on its event loop.
	 * @param connection the connection
	 */
	public void connected(NettyConnection connection) {
		boolean told = this.router == null || this.router.connect(connection);
		boolean due = told && this.events;
		if (!connection.established(due) || !due) {
			return;
		}
		Lane lane = connection.lane();
		if (lane.inLane()) {
			lane.runUrgent();
			this.callbacks.connect(context(connection), connection);
		}
		else if (!lane.offer(Event.of(() -> this.callbacks.connect(context(connection), connection)))) {
			refused(connection);
			if (connection.life().takeConnect()) {
				release(connection);
			}
		}
	}

	/**
	 * A packet has been received; on the event loop of its connection.
	 * @param connection the connection
	 * @param packet the packet; this method takes it over
	 */
	public void packet(NettyConnection connection, ByteBuf packet) {
		if (this.router != null) {
			if (!this.router.packet(connection, packet)) {
				refuse(connection);
			}
			return;
		}
		this.counters.worker(connection.worker().id()).dispatched.increment();
		Lane lane = connection.lane();
		if (lane.inLane()) {
			lane.runUrgent();
			TaskProducer producer = connection.producer();
			if (producer == null || producer.isFree()) {
				connection.dispatched(connection.lastReceiveMillis());
				this.callbacks.receive(lane.context(), connection, packet);
			}
			else {
				producer.pass(new PacketEvent(this.callbacks, connection, packet));
			}
			return;
		}
		PacketEvent event = new PacketEvent(this.callbacks, connection, packet);
		if (!event.offer()) {
			event.discard();
			refuse(connection);
		}
	}

	/** No virtual thread can be had for a packet: its connection is closed. */
	private void refuse(NettyConnection connection) {
		if (connection.isOpen()) {
			refused(connection);
			connection.close();
		}
	}

	private void refused(NettyConnection connection) {
		this.counters.coroutineRefusals.increment();
		this.refusals.warn("Worker {} runs max-coroutine={} virtual threads already: {} is closed",
				connection.worker().id(), this.maxCoroutine, connection);
	}

	/**
	 * The bytes of a connection cannot be a packet; on its event loop.
	 * @param connection the connection
	 * @param failure what is wrong with them; its cause is what the application has
	 * thrown
	 */
	public void malformed(NettyConnection connection, MalformedPacketException failure) {
		Throwable cause = failure.getCause();
		if (cause != null) {
			this.callbacks.packageLengthFailed(connection, cause);
		}
	}

	/**
	 * The client's side of a connection has ended; on its event loop.
	 * @param connection the connection
	 */
	public void ended(NettyConnection connection) {
		boolean told = this.router == null || !connection.isOpen() || this.router.close(connection);
		OpenPackets open = connection.openPackets();
		if (open == null) {
			end(connection, told && this.events);
		}
		else {
			// packets received before are handled, and answered, wherever they are
			open.end(() -> end(connection, told && this.events));
		}
	}

	private void end(NettyConnection connection, boolean told) {
		if (!told) {
			if (!connection.awaitsTasks()) {
				release(connection);
			}
			return;
		}
		Lane lane = connection.lane();
		if (lane.inLane()) {
			lane.runUrgent();
			afterPackets(connection, () -> closeUnlessTasksAreOpen(connection));
		}
		else {
			lane.post(Event.of(() -> afterPackets(connection, () -> closeUnlessTasksAreOpen(connection))));
		}
	}

	/** Lets something happen after packets that wait for room in the task queue. */
	private static void afterPackets(NettyConnection connection, Runnable action) {
		TaskProducer producer = connection.producer();
		if (producer == null || producer.isFree()) {
			action.run();
		}
		else {
			producer.pass(new EndOfInput(connection.lane(), action));
		}
	}

	private void closeUnlessTasksAreOpen(NettyConnection connection) {
		if (!connection.awaitsTasks()) {
			close(connection);
		}
	}

	@Override
	public void tasksAnswered(NettyConnection connection) {
		OpenPackets open = connection.openPackets();
		if (open != null && !open.isDone()) {
			return; // the last of them leads to the end
		}
		if (this.events) {
			connection.lane().post(Event.of(() -> afterPackets(connection, () -> close(connection))));
		}
		else {
			release(connection);
		}
	}

	/**
	 * Inside a callback of the connection its close callback runs at once, elsewhere in
	 * its worker before the next event, and from other threads in turn.
	 */
	@Override
	public void closeRequested(NettyConnection connection) {
		Lane lane = connection.lane();
		if (!this.events) {
			release(connection);
		}
		else if (lane.inLane() && lane.context().connection() == connection) {
			close(connection);
		}
		else if (connection.worker().inWorker()) {
			lane.postFirst(Event.of(() -> close(connection)));
		}
		else {
			lane.post(Event.of(() -> close(connection)));
		}
	}

	@Override
	public void bufferFull(NettyConnection connection) {
		this.counters.fullBuffers.increment();
		if (this.events) {
			connection.lane().post(Event.of(() -> this.callbacks.bufferFull(context(connection), connection)));
		}
	}

	@Override
	public void bufferEmpty(NettyConnection connection) {
		if (this.events) {
			connection.lane().post(Event.of(() -> this.callbacks.bufferEmpty(context(connection), connection)));
		}
	}

	private void close(NettyConnection connection) {
		this.callbacks.close(connection.lane().context(), connection);
	}

	/** The context of the owner; inside the lane of the connection only. */
	private static WorkerContext context(NettyConnection connection) {
		return connection.lane().context().in(connection.worker());
	}

	/** Lets a connection go without a callback; from any thread. */
	private static void release(NettyConnection connection) {
		if (connection.life().beginClose()) {
			connection.life().endClose();
		}
	}

	/**
	 * The end of the client's side, in the order of its packets.
	 *
	 * @param lane where it happens
	 * @param action what happens
	 */
	private record EndOfInput(Lane lane, Runnable action) implements PacedEvent {

		@Override
		public boolean mayPost() {
			return false;
		}

		@Override
		public void parked() {
		}

		@Override
		public void handle() {
			this.action.run();
		}

		@Override
		public void discard() {
		}

	}

}
