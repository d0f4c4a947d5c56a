package io.swoole.server.callback;

import java.util.function.IntConsumer;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.swoole.server.Internal;
import io.swoole.server.Packet;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.UnreadablePacketException;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.worker.InHand;
import io.swoole.server.worker.WorkerContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs the callbacks about connections and what arrives on them, in their worker.
 */
@Internal
public final class ConnectionCallbacks {

	private final SwooleServer server;

	private final ServerCounters counters;

	private final HandlerErrors errors;

	private @Nullable IntConsumer handled;

	ConnectionCallbacks(SwooleServer server, ServerCounters counters, HandlerErrors errors) {
		this.server = server;
		this.counters = counters;
		this.errors = errors;
	}

	/**
	 * Sets who counts packets, to limit them.
	 * @param handled is told of each packet that has been handled, with the worker and in
	 * it
	 */
	public void onHandled(IntConsumer handled) {
		this.handled = handled;
	}

	private void handled(WorkerContext context) {
		if (this.handled != null && !context.isAbandoned()) {
			this.handled.accept(context.workerId());
		}
	}

	/**
	 * Runs the callback of a new connection, in its worker, once per connection.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void connect(WorkerContext context, NettyConnection connection) {
		if (!connection.life().takeConnect()) {
			return;
		}
		context.beginCallback(connection);
		try {
			connection.handler().onConnect(this.server, connection, connection.reactor().id());
		}
		catch (Throwable ex) {
			this.errors.failed("connect", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Runs the callback of a packet, in the worker, and releases the packet. The packet
	 * of a connection that is being closed is dropped.
	 * @param context the worker
	 * @param connection the connection
	 * @param packet the packet
	 */
	public void receive(WorkerContext context, NettyConnection connection, ByteBuf packet) {
		if (!connection.isOpen()) {
			this.counters.discarded.increment();
			packet.release();
			return;
		}
		packet.retain();
		context.beginCallback(connection);
		try {
			connection.handler().onReceive(this.server, connection, packet);
		}
		catch (UnreadablePacketException ex) {
			this.errors.unreadable("receive", connection.fd(), context.workerId(), connection, ex);
			connection.close();
		}
		catch (Throwable ex) {
			this.errors.failed("receive", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			release(context, connection, packet);
			this.counters.worker(context.workerId()).requests.increment();
			context.endCallback();
			handled(context);
		}
	}

	/**
	 * Releases a packet that has been retained for the time of its handler: a handler
	 * that releases what it has not retained would otherwise free a buffer which the
	 * event loop fills with the bytes of another connection at once.
	 */
	private void release(WorkerContext context, NettyConnection connection, ByteBuf packet) {
		try {
			packet.release(2);
		}
		catch (IllegalReferenceCountException ex) {
			this.errors.failed("receive", connection.fd(), context.workerId(), -1, ex);
			int left = packet.refCnt();
			if (left > 0) {
				packet.release(left);
			}
		}
	}

	/**
	 * Runs the callback of a datagram; in the worker.
	 * @param context the worker
	 * @param handler the callbacks of the listener that received it
	 * @param packet the datagram
	 */
	public void packet(WorkerContext context, ServerHandler handler, Packet packet) {
		context.beginCallback(null);
		try {
			handler.onPacket(this.server, packet);
		}
		catch (UnreadablePacketException ex) {
			this.errors.unreadable("packet", -1, context.workerId(), packet.address(), ex);
		}
		catch (Throwable ex) {
			this.errors.failed("packet", -1, context.workerId(), -1, ex);
		}
		finally {
			this.counters.worker(context.workerId()).requests.increment();
			context.endCallback();
			handled(context);
		}
	}

	/**
	 * Runs the close callback, in the worker, once per connection; then lets the
	 * connection go, whatever the callback does.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void close(WorkerContext context, NettyConnection connection) {
		boolean nested = context.isBusy();
		var outer = context.connection();
		var outerWorker = context.worker();
		if (connection.life().isConnectDue()) {
			// the close event has overtaken the connect event
			connect(context.in(connection.worker()), connection);
		}
		if (!connection.life().beginClose()) {
			return;
		}
		int reactorId = connection.life().isClosedByServer() ? -1 : connection.reactor().id();
		InHand outerInHand = context.inHand();
		context.inHand(both(connection.life()::endClose, outerInHand));
		context.in(connection.worker()).beginCallback(connection);
		try {
			connection.handler().onClose(this.server, connection, reactorId);
		}
		catch (Throwable ex) {
			this.errors.failed("close", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			connection.life().endClose();
			context.inHand(outerInHand);
			if (outerWorker != null) {
				context.in(outerWorker);
			}
			context.connection(outer);
			context.busy(nested);
		}
	}

	private static InHand both(InHand inner, @Nullable InHand outer) {
		return (outer == null) ? inner : () -> {
			inner.givenUp();
			outer.givenUp();
		};
	}

	/**
	 * Runs the callback of output that has reached the high watermark, in the worker.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void bufferFull(WorkerContext context, NettyConnection connection) {
		if (!connection.isOpen()) {
			return;
		}
		context.beginCallback(connection);
		try {
			connection.handler().onBufferFull(this.server, connection);
		}
		catch (Throwable ex) {
			this.errors.failed("bufferFull", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Runs the callback of output that has fallen to the low watermark, in the worker.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void bufferEmpty(WorkerContext context, NettyConnection connection) {
		if (!connection.isOpen()) {
			return;
		}
		context.beginCallback(connection);
		try {
			connection.handler().onBufferEmpty(this.server, connection);
		}
		catch (Throwable ex) {
			this.errors.failed("bufferEmpty", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			context.endCallback();
		}
	}

	/**
	 * Reports what the function that measures packets has thrown; on the event loop.
	 * @param connection the connection
	 * @param cause the failure
	 */
	public void packageLengthFailed(NettyConnection connection, Throwable cause) {
		this.errors.failed("packageLength", connection.fd(), connection.worker().id(), -1, cause);
	}

	/**
	 * Reports what the strategy that chooses workers has thrown; on the event loop.
	 * @param connection the connection, {@code null} for a datagram
	 * @param cause the failure
	 */
	public void dispatchFailed(@Nullable NettyConnection connection, Throwable cause) {
		this.errors.failed("dispatch", (connection != null) ? connection.fd() : -1, -1, -1, cause);
	}

}
