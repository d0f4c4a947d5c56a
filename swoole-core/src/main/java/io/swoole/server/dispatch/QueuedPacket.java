package io.swoole.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.task.overload.PacedEvent;
import io.swoole.task.overload.TaskProducer;

/**
 * A packet on its way from the event loop to its callback. It may have to wait twice: in
 * the mailbox of its worker, and for room in the task queue.
 */
abstract class QueuedPacket extends Event implements PacedEvent {

	private final NettyConnection connection;

	private final Lane lane;

	private final ByteBuf packet;

	private final long dispatchMillis;

	/** Whether the connection counts it among those that wait. */
	private boolean counted;

	QueuedPacket(NettyConnection connection, Lane lane, ByteBuf packet) {
		this.connection = connection;
		this.lane = lane;
		this.packet = packet;
		this.dispatchMillis = connection.lastReceiveMillis();
	}

	final NettyConnection connection() {
		return this.connection;
	}

	final ByteBuf packet() {
		return this.packet;
	}

	@Override
	public final Lane lane() {
		return this.lane;
	}

	/** Goes into the mailbox; {@code false} if that does not take it. */
	final boolean offer() {
		count();
		return this.lane.offer(this);
	}

	private void count() {
		this.counted = true;
		this.connection.input().add(this.packet.readableBytes());
	}

	@Override
	public final void run() {
		TaskProducer producer = this.connection.producer();
		if (producer == null) {
			handle();
		}
		else if (producer.isFree()) {
			producer.handleFreely(this);
		}
		else {
			producer.pass(this);
		}
	}

	@Override
	public final void parked() {
		if (!this.counted) {
			count();
		}
	}

	@Override
	public final boolean mayPost() {
		return this.connection.isOpen();
	}

	@Override
	public final void handle() {
		taken();
		this.connection.dispatched(this.dispatchMillis);
		receive();
	}

	/** Runs the callback, which releases the packet. */
	abstract void receive();

	@Override
	public void discard() {
		taken();
		this.packet.release();
	}

	private void taken() {
		if (this.counted) {
			this.connection.input().remove(this.packet.readableBytes());
		}
	}

}
