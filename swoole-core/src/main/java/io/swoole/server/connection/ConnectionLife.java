package io.swoole.server.connection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import io.swoole.server.framing.FrameDecoder;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.limit.Lease;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * The way of a connection from established to released. However many reasons there are to
 * close it, and in whatever threads, its close callback runs once, then its output is
 * written, then it is released.
 */
@Internal
public final class ConnectionLife {

	/**
	 * How long the end of a connection waits for a thread that is about to hand over what
	 * it has sent before, in milliseconds.
	 */
	private static final int HAND_OVER = 100;

	private static final VarHandle STATE;

	private static final VarHandle CONNECT_DUE;

	static {
		try {
			MethodHandles.Lookup lookup = MethodHandles.lookup();
			STATE = lookup.findVarHandle(ConnectionLife.class, "state", ConnectionState.class);
			CONNECT_DUE = lookup.findVarHandle(ConnectionLife.class, "connectDue", boolean.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final NettyConnection connection;

	private final Channel channel;

	private final Reactor reactor;

	private final ReadGate gate;

	private final FrameDecoder decoder;

	private final PendingOutput pending;

	private final OutputBuffer output;

	private final ConnectionScope scope;

	private final @Nullable Lease lease;

	private volatile ConnectionState state = ConnectionState.OPEN;

	/** Whether the connect callback is still to come. */
	private volatile boolean connectDue;

	/** Whether the server has been asked to close without writing what is queued. */
	private volatile boolean resetRequested;

	/** Whether the close callback is due to a request; accessed where it runs. */
	private boolean closedByServer;

	// written on the event loop only

	private volatile boolean inputEnded;

	private volatile boolean socketClosed;

	// accessed on the event loop only

	private boolean ended;

	private boolean closeHandled;

	/** Its place in the registry. */
	private int place;

	ConnectionLife(NettyConnection connection, Channel channel, Reactor reactor, ReadGate gate, FrameDecoder decoder,
			PendingOutput pending, OutputBuffer output, ConnectionScope scope, @Nullable Lease lease) {
		this.connection = connection;
		this.channel = channel;
		this.reactor = reactor;
		this.gate = gate;
		this.decoder = decoder;
		this.pending = pending;
		this.output = output;
		this.scope = scope;
		this.lease = lease;
	}

	/**
	 * How far it has come.
	 * @return the state
	 */
	public ConnectionState state() {
		return this.state;
	}

	/** Why nothing can be done with it any more, {@code NONE} while that is possible. */
	SwooleError error() {
		SwooleError error = this.state.error();
		return (error == SwooleError.NONE && this.socketClosed) ? SwooleError.SESSION_CLOSED : error;
	}

	/**
	 * The connection is established; on the event loop.
	 * @param connectDue whether it is to have a connect callback
	 * @return {@code false} if the server takes no more connections: it is closed,
	 * without any callback
	 */
	public boolean establish(boolean connectDue) {
		this.output.open();
		// from here on others may find it, and close it
		this.connectDue = connectDue;
		this.place = this.scope.registry().add(this.connection);
		if (this.place < 0) {
			this.connectDue = false;
			this.state = ConnectionState.RELEASED;
			this.pending.end();
			this.scope.counters().aborted.increment();
			this.channel.close();
			return false;
		}
		this.scope.counters().accepted.increment();
		if (this.lease != null) {
			this.lease.hold();
		}
		return true;
	}

	/**
	 * Whether the connect callback is still to come.
	 * @return {@code true} if so
	 */
	public boolean isConnectDue() {
		return this.connectDue;
	}

	/**
	 * The connect callback is about to run; from any thread.
	 * @return {@code false} if there is none, or it has run or is running already
	 */
	public boolean takeConnect() {
		return this.connectDue && CONNECT_DUE.compareAndSet(this, true, false);
	}

	/**
	 * Asks for the end; from any thread.
	 * @param reset whether to discard the output
	 * @return {@link SwooleError#NONE}, or why that is refused
	 */
	SwooleError close(boolean reset) {
		ConnectionState before = this.state;
		if (reset && before.ordinal() <= ConnectionState.CLOSE_REQUESTED.ordinal()) {
			this.resetRequested = true;
		}
		if (STATE.compareAndSet(this, ConnectionState.OPEN, ConnectionState.CLOSE_REQUESTED)) {
			this.pending.end();
			this.scope.events().closeRequested(this.connection);
			return SwooleError.NONE;
		}
		before = this.state;
		if (reset && (before == ConnectionState.CLOSE_REQUESTED || before == ConnectionState.FLUSHING)) {
			this.reactor.post(Event.of(this::closeNow));
			return SwooleError.NONE;
		}
		boolean finished = before == ConnectionState.FLUSHING && this.pending.total() == 0;
		return finished ? SwooleError.SESSION_NOT_EXIST : before.closeError();
	}

	/**
	 * The client has ended its side; on the event loop.
	 * @return {@code true} if that is the first sign of the end
	 */
	public boolean endInput() {
		this.inputEnded = true;
		return end();
	}

	/**
	 * Whether the client has ended its side.
	 * @return {@code true} if so
	 */
	public boolean hasInputEnded() {
		return this.inputEnded;
	}

	/**
	 * The event loop has noticed the end: the client has ended its side, has sent what is
	 * no packet, or the socket is closed; on the event loop.
	 * @return {@code true} the first time
	 */
	public boolean end() {
		boolean first = !this.ended;
		this.ended = true;
		return first;
	}

	/**
	 * The close callback is about to run.
	 * @return {@code false} if it has run or is running already
	 */
	public boolean beginClose() {
		if (STATE.compareAndSet(this, ConnectionState.CLOSE_REQUESTED, ConnectionState.IN_CLOSE_CALLBACK)) {
			this.closedByServer = true;
			return true;
		}
		if (STATE.compareAndSet(this, ConnectionState.OPEN, ConnectionState.IN_CLOSE_CALLBACK)) {
			this.pending.end();
			return true;
		}
		// the server may have been asked between the two
		return this.state == ConnectionState.CLOSE_REQUESTED && beginClose();
	}

	/**
	 * Whether the close callback that has begun is due to a request to close.
	 * @return {@code false} if the event loop has noticed the end
	 */
	public boolean isClosedByServer() {
		return this.closedByServer;
	}

	/**
	 * The close callback has returned or failed, or its thread has been given up: the
	 * socket is closed after its output has been written, unless that is to be discarded.
	 * From any thread; only the first call has an effect.
	 */
	public void endClose() {
		if (!STATE.compareAndSet(this, ConnectionState.IN_CLOSE_CALLBACK, ConnectionState.FLUSHING)) {
			return;
		}
		if (this.connection.producer() != null) {
			this.connection.producer().closed();
		}
		if (this.reactor.inEventLoop()) {
			closeSocket(0);
		}
		else {
			this.reactor.post(Event.of(() -> closeSocket(0)));
		}
	}

	private void closeSocket(int turn) {
		if (!this.socketClosed && !this.resetRequested && !this.output.hasAll() && turn <= HAND_OVER) {
			// what other threads have sent before is in the mailbox, or just about to be
			if (turn == 0) {
				this.reactor.post(Event.of(() -> closeSocket(1)));
			}
			else {
				this.reactor.loop().schedule(() -> closeSocket(turn + 1), 1, TimeUnit.MILLISECONDS);
			}
			return;
		}
		this.closeHandled = true;
		if (this.socketClosed) {
			leave();
			return;
		}
		this.decoder.discardInput();
		this.gate.drain();
		if (this.resetRequested) {
			closeNow();
		}
		else {
			new SocketCloser(this.connection, this.channel, this.reactor, this.output, this::linger,
					this.scope.options().socketSendTimeout())
				.close();
		}
	}

	/**
	 * Breaks the connection off at once, as if its client had gone, without a farewell,
	 * for which TLS would wait; on the event loop.
	 */
	public void closeNow() {
		this.channel.unsafe().close(this.channel.unsafe().voidPromise());
	}

	/**
	 * The socket is closed; on the event loop.
	 */
	public void socketClosed() {
		this.socketClosed = true;
		this.output.close();
		this.pending.end();
		if (this.closeHandled) {
			leave();
		}
	}

	/**
	 * Whether the socket is closed.
	 * @return {@code true} if nobody can be answered any more
	 */
	boolean isSocketClosed() {
		return this.socketClosed;
	}

	/** Neither callback nor socket is left: others may take its place. */
	private void leave() {
		release();
		if (this.lease != null) {
			this.lease.release();
		}
	}

	/** Its client has been told of the end: only the socket stays. */
	private void linger() {
		this.scope.registry().linger(this.channel);
		release();
	}

	/** It is finished, but its socket may still wait for the client to end its side. */
	private void release() {
		if (this.state != ConnectionState.RELEASED) {
			this.state = ConnectionState.RELEASED;
			this.scope.registry().remove(this.connection, this.place);
			this.scope.audience().left(this.connection);
			this.scope.counters().closed.increment();
		}
	}

}
