package io.swoole.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Internal;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.ConnectionScope;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.framing.MalformedPacketException;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;

/**
 * Brings what happens to a connection to its worker: at once where the worker is the
 * event loop that noticed it, otherwise through the worker's mailbox.
 */
@Internal
public final class Dispatcher implements ConnectionScope.Closing {

	private final Callbacks callbacks;

	private final ServerCounters counters;

	/**
	 * Creates a dispatcher.
	 * @param callbacks runs the callbacks
	 * @param counters counts packets
	 */
	public Dispatcher(Callbacks callbacks, ServerCounters counters) {
		this.callbacks = callbacks;
		this.counters = counters;
	}

	/**
	 * A connection has been established; on its event loop.
	 * @param connection the connection
	 */
	public void connected(NettyConnection connection) {
		Worker worker = connection.worker();
		if (worker.inWorker()) {
			worker.runUrgent();
			this.callbacks.connect(worker.context(), connection);
		}
		else {
			worker.post(Event.of(() -> this.callbacks.connect(worker.context(), connection)));
		}
	}

	/**
	 * A packet has been received; on the event loop of its connection.
	 * @param connection the connection
	 * @param packet the packet; this method takes it over
	 */
	public void packet(NettyConnection connection, ByteBuf packet) {
		this.counters.dispatched.increment();
		Worker worker = connection.worker();
		if (worker.inWorker()) {
			worker.runUrgent();
			connection.dispatched(connection.lastReceiveMillis());
			this.callbacks.receive(worker.context(), connection, packet);
		}
		else {
			connection.queued(packet.readableBytes());
			worker.post(new PacketEvent(this.callbacks, connection, packet));
		}
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
		Worker worker = connection.worker();
		int reactorId = connection.reactor().id();
		if (worker.inWorker()) {
			worker.runUrgent();
			this.callbacks.close(worker.context(), connection, reactorId, false);
		}
		else {
			worker.post(Event.of(() -> this.callbacks.close(worker.context(), connection, reactorId, false)));
		}
	}

	/**
	 * Inside a callback of the connection its close callback runs at once, elsewhere in
	 * its worker before the next event, and from other threads in turn.
	 */
	@Override
	public void closeRequested(NettyConnection connection, boolean reset) {
		Worker worker = connection.worker();
		WorkerContext context = worker.context();
		if (!worker.inWorker()) {
			worker.post(Event.of(() -> this.callbacks.close(context, connection, -1, reset)));
		}
		else if (context.connection() == connection) {
			this.callbacks.close(context, connection, -1, reset);
		}
		else {
			worker.postFirst(Event.of(() -> this.callbacks.close(context, connection, -1, reset)));
		}
	}

}
