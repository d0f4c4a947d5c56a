package io.swoole.server.connection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.swoole.server.ClientInfo;
import io.swoole.server.Connection;
import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import io.swoole.server.SwooleError;
import io.swoole.server.framing.FrameDecoder;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.limit.Lease;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.Worker;
import org.jspecify.annotations.Nullable;

/**
 * A connection: its state, its output and its place among event loop and worker. Reads,
 * writes and the socket belong to the event loop, callbacks to the worker.
 */
@Internal
public final class NettyConnection implements Connection {

	/** How many unhandled packets make the connection stop reading. */
	private static final int QUEUED_PACKETS = 128;

	/** How many unhandled bytes make the connection stop reading. */
	private static final int QUEUED_BYTES = 1024 * 1024;

	/** How long a closed connection may take to read what was sent to it. */
	private static final int FLUSH_SECONDS = 60;

	private static final VarHandle STATE;

	private static final VarHandle ATTRIBUTES;

	static {
		try {
			STATE = MethodHandles.lookup().findVarHandle(NettyConnection.class, "state", State.class);
			ATTRIBUTES = MethodHandles.lookup().findVarHandle(NettyConnection.class, "attributes", ConcurrentMap.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final long fd;

	private final Channel channel;

	private final Reactor reactor;

	// the owner is settled before the connection is established

	private Worker worker;

	private Lane lane;

	private final ListenerOptions listener;

	private final ConnectionScope scope;

	private final @Nullable Lease lease;

	private final SocketAddress remoteAddress;

	private final int serverPort;

	private final ReadGate gate;

	private final FrameDecoder decoder;

	private final OutputBuffer output;

	private final long connectMillis = System.currentTimeMillis();

	private volatile State state = State.OPEN;

	private volatile long lastReceiveMillis = this.connectMillis;

	private volatile long lastDispatchMillis = this.connectMillis;

	private volatile int closeErrno;

	private volatile long uid;

	private @Nullable OpenPackets openPackets;

	private boolean inputEnded;

	/** Whether the socket is closed; written on the event loop only. */
	private volatile boolean socketClosed;

	private volatile @Nullable ConcurrentMap<String, Object> attributes;

	/**
	 * Packets in the upper 24 bits, bytes in the lower 40, handed out and not handled.
	 */
	private final AtomicLong queued = new AtomicLong();

	/** Whether the close callback has returned; accessed on the event loop only. */
	private boolean closeHandled;

	/**
	 * Creates a connection that has just been accepted.
	 * @param fd its session id
	 * @param channel its socket
	 * @param reactor its event loop
	 * @param worker its worker
	 * @param listener where it was accepted
	 * @param gate decides whether it reads
	 * @param decoder cuts its packets
	 * @param scope what it shares with the other connections
	 * @param lease its place among those that may be open, if anybody counts them
	 */
	public NettyConnection(long fd, Channel channel, Reactor reactor, Worker worker, ListenerOptions listener,
			ReadGate gate, FrameDecoder decoder, ConnectionScope scope, @Nullable Lease lease) {
		this.fd = fd;
		this.channel = channel;
		this.reactor = reactor;
		this.worker = worker;
		this.lane = worker.lane();
		this.listener = listener;
		this.gate = gate;
		this.decoder = decoder;
		this.scope = scope;
		this.lease = lease;
		this.remoteAddress = PeerAddress.of(channel);
		this.serverPort = (channel.localAddress() instanceof InetSocketAddress local) ? local.getPort() : 0;
		this.output = new OutputBuffer(channel, reactor, scope.counters());
	}

	@Override
	public long fd() {
		return this.fd;
	}

	/**
	 * The worker that owns it and runs its callbacks.
	 * @return the worker
	 */
	public Worker worker() {
		return this.worker;
	}

	/**
	 * Where its callbacks run, one after another.
	 * @return the lane
	 */
	public Lane lane() {
		return this.lane;
	}

	/**
	 * Gives the connection another owner; on the event loop, before it is established.
	 * @param worker the worker
	 */
	public void owner(Worker worker) {
		if (this.worker != worker) {
			this.worker = worker;
			this.lane = worker.lane();
		}
	}

	/**
	 * Its packets go to several workers and are counted from now on; on the event loop,
	 * before it is established.
	 */
	public void countPackets() {
		this.openPackets = new OpenPackets();
	}

	/**
	 * Counts packets that are with several workers.
	 * @return the counter, {@code null} if one worker handles all packets
	 */
	public @Nullable OpenPackets openPackets() {
		return this.openPackets;
	}

	/**
	 * The user id that has been bound to it.
	 * @return the user id, 0 if there is none
	 */
	public long uid() {
		return this.uid;
	}

	/**
	 * The event loop that reads and writes.
	 * @return the reactor
	 */
	public Reactor reactor() {
		return this.reactor;
	}

	/**
	 * Decides whether the connection reads; on the event loop only.
	 * @return the gate
	 */
	public ReadGate gate() {
		return this.gate;
	}

	/**
	 * How far its life has come.
	 * @return the state
	 */
	public State state() {
		return this.state;
	}

	@Override
	public boolean isOpen() {
		return this.state == State.OPEN;
	}

	// sending, from any thread

	@Override
	public boolean send(byte[] data) {
		return this.scope.lastError().succeeded("send", this.fd, trySend(data));
	}

	@Override
	public boolean send(CharSequence data) {
		return this.scope.lastError().succeeded("send", this.fd, trySend(data));
	}

	@Override
	public boolean send(ByteBuf data) {
		return this.scope.lastError().succeeded("send", this.fd, trySend(data));
	}

	@Override
	public boolean sendPacket(ByteBuf body) {
		return send(this.decoder.framing().frame(body, this.channel.alloc()));
	}

	private SwooleError trySend(byte[] data) {
		SwooleError error = accept(data.length);
		if (error == SwooleError.NONE) {
			if (this.reactor.inEventLoop()) {
				this.output.write(data);
			}
			else {
				post(Unpooled.wrappedBuffer(data.clone()));
			}
		}
		return error;
	}

	private SwooleError trySend(CharSequence data) {
		int length = ByteBufUtil.utf8Bytes(data);
		SwooleError error = accept(length);
		if (error == SwooleError.NONE) {
			if (this.reactor.inEventLoop()) {
				this.output.write(data, length);
			}
			else {
				ByteBuf bytes = Unpooled.buffer(length);
				ByteBufUtil.writeUtf8(bytes, data);
				post(bytes);
			}
		}
		return error;
	}

	private SwooleError trySend(ByteBuf data) {
		SwooleError error = accept(data.readableBytes());
		if (error != SwooleError.NONE) {
			data.release();
		}
		else if (this.reactor.inEventLoop()) {
			write(data);
		}
		else {
			post(data);
		}
		return error;
	}

	private SwooleError accept(int length) {
		if (length == 0) {
			return SwooleError.NO_PAYLOAD;
		}
		State current = this.state;
		if (current != State.OPEN) {
			return current.sendError();
		}
		if (this.socketClosed) {
			return SwooleError.SESSION_CLOSED;
		}
		long limit = this.listener.socketBufferSize();
		if (limit > 0 && this.output.pending() >= limit) {
			return SwooleError.OUTPUT_BUFFER_OVERFLOW;
		}
		this.output.accept(length);
		this.scope.counters().responses.increment();
		return SwooleError.NONE;
	}

	private void post(ByteBuf data) {
		this.reactor.post(new Event() {
			@Override
			public void run() {
				write(data);
			}
		});
	}

	private void write(ByteBuf data) {
		if (this.socketClosed) {
			data.release();
			return;
		}
		this.output.write(data);
	}

	// closing

	@Override
	public boolean close() {
		return close(false);
	}

	@Override
	public boolean close(boolean reset) {
		return this.scope.lastError().succeeded("close", this.fd, tryClose(reset));
	}

	private SwooleError tryClose(boolean reset) {
		if (STATE.compareAndSet(this, State.OPEN, State.CLOSE_REQUESTED)) {
			this.scope.closing().closeRequested(this, reset);
			return SwooleError.NONE;
		}
		if (reset && this.state != State.RELEASED) {
			this.reactor.post(Event.of(this.channel::close));
			return SwooleError.NONE;
		}
		return this.state.closeError();
	}

	/**
	 * The close callback is about to run.
	 * @return {@code false} if it has run or is running already
	 */
	public boolean beginClose() {
		return STATE.compareAndSet(this, State.OPEN, State.IN_CLOSE_CALLBACK)
				|| STATE.compareAndSet(this, State.CLOSE_REQUESTED, State.IN_CLOSE_CALLBACK);
	}

	/**
	 * The close callback has returned, or failed: the socket is closed after its output
	 * has been written.
	 * @param reset whether to discard the output
	 */
	public void endClose(boolean reset) {
		this.state = State.FLUSHING;
		if (this.reactor.inEventLoop()) {
			closeSocket(reset);
		}
		else {
			this.reactor.post(Event.of(() -> closeSocket(reset)));
		}
	}

	private void closeSocket(boolean reset) {
		this.closeHandled = true;
		if (this.socketClosed) {
			release();
		}
		else if (reset) {
			this.channel.close();
		}
		else {
			this.output.afterFlush(this.channel::close);
			if (this.channel.isOpen()) {
				var deadline = this.reactor.loop().schedule(() -> {
					this.channel.close();
				}, FLUSH_SECONDS, TimeUnit.SECONDS);
				this.channel.closeFuture().addListener((future) -> deadline.cancel(false));
			}
		}
	}

	/**
	 * The socket is closed; on the event loop.
	 */
	public void socketClosed() {
		this.socketClosed = true;
		this.output.discard();
		if (this.closeHandled) {
			release();
		}
	}

	private void release() {
		if (this.state != State.RELEASED) {
			this.state = State.RELEASED;
			this.scope.registry().remove(this);
			this.scope.counters().closed.increment();
			if (this.lease != null) {
				this.lease.release();
			}
		}
	}

	// what the event loop tells

	/**
	 * The connection is established; on the event loop.
	 */
	public void established() {
		this.scope.registry().add(this);
		this.scope.counters().accepted.increment();
		if (this.lease != null) {
			this.lease.hold();
		}
	}

	/**
	 * Bytes have arrived; on the event loop.
	 * @param bytes how many
	 */
	public void received(int bytes) {
		this.lastReceiveMillis = System.currentTimeMillis();
		this.scope.counters().receivedBytes.add(bytes);
	}

	/**
	 * The client has reset the connection.
	 */
	public void reset() {
		this.closeErrno = 104;
	}

	/**
	 * The client's side has ended; on the event loop.
	 * @return {@code true} the first time
	 */
	public boolean endInput() {
		boolean first = !this.inputEnded;
		this.inputEnded = true;
		return first;
	}

	/**
	 * A packet leaves the event loop for its worker; on the event loop.
	 * @param bytes its length
	 */
	public void queued(int bytes) {
		long now = this.queued.addAndGet((1L << 40) + bytes);
		if (now >>> 40 >= QUEUED_PACKETS || (now & 0xff_ffff_ffffL) >= QUEUED_BYTES) {
			this.gate.hold(ReadGate.QUEUED);
		}
	}

	/**
	 * The worker has taken a packet out of its queue.
	 * @param bytes its length
	 */
	public void taken(int bytes) {
		long before = this.queued.getAndAdd(-(1L << 40) - bytes);
		long now = before - (1L << 40) - bytes;
		if (isFull(before) && !isFull(now)) {
			this.reactor.post(Event.of(() -> {
				if (!isFull(this.queued.get())) {
					this.gate.release(ReadGate.QUEUED);
				}
			}));
		}
	}

	private static boolean isFull(long queued) {
		return queued >>> 40 >= QUEUED_PACKETS / 2 || (queued & 0xff_ffff_ffffL) >= QUEUED_BYTES / 2;
	}

	/**
	 * A packet is about to be handled that was handed out at some time.
	 * @param millis that time
	 */
	public void dispatched(long millis) {
		this.lastDispatchMillis = millis;
	}

	/**
	 * When bytes last arrived.
	 * @return the time in milliseconds
	 */
	public long lastReceiveMillis() {
		return this.lastReceiveMillis;
	}

	/**
	 * Whether nothing waits to be written.
	 * @return {@code true} if so
	 */
	public boolean isFlushed() {
		return this.output.pending() == 0;
	}

	@Override
	public ClientInfo clientInfo() {
		return new ClientInfo(this.fd, this.reactor.id(), this.worker.id(), this.listener.name(), this.serverPort,
				this.remoteAddress, Instant.ofEpochMilli(this.connectMillis),
				Instant.ofEpochMilli(this.lastReceiveMillis), Instant.ofEpochMilli(this.output.lastFlushMillis()),
				Instant.ofEpochMilli(this.lastDispatchMillis), this.uid,
				this.decoder.bufferedBytes() + (this.queued.get() & 0xff_ffff_ffffL), this.output.pending(),
				this.closeErrno, null);
	}

	@Override
	public ConcurrentMap<String, Object> attributes() {
		ConcurrentMap<String, Object> map = this.attributes;
		if (map == null) {
			ATTRIBUTES.compareAndSet(this, null, new ConcurrentHashMap<String, Object>());
			map = this.attributes;
		}
		return Objects.requireNonNull(map);
	}

	@Override
	public String toString() {
		return "Connection[fd=" + this.fd + ", " + this.remoteAddress + "]";
	}

	/**
	 * How far the life of a connection has come.
	 */
	@Internal
	public enum State {

		/** Established, and nobody has asked to close it. */
		OPEN(SwooleError.NONE, SwooleError.NONE),

		/** The server has been asked to close it, its close callback comes next. */
		CLOSE_REQUESTED(SwooleError.SESSION_CLOSED, SwooleError.SESSION_CLOSED),

		/** Its close callback runs. */
		IN_CLOSE_CALLBACK(SwooleError.SESSION_CLOSED, SwooleError.SESSION_CLOSING),

		/** Its close callback has returned, its last output is written. */
		FLUSHING(SwooleError.SESSION_NOT_EXIST, SwooleError.SESSION_CLOSED),

		/** Nothing is left of it. */
		RELEASED(SwooleError.SESSION_NOT_EXIST, SwooleError.SESSION_NOT_EXIST);

		private final SwooleError sendError;

		private final SwooleError closeError;

		State(SwooleError sendError, SwooleError closeError) {
			this.sendError = sendError;
			this.closeError = closeError;
		}

		SwooleError sendError() {
			return this.sendError;
		}

		SwooleError closeError() {
			return this.closeError;
		}

		/**
		 * Whether the facts of the connection can still be asked for by its fd.
		 * @return {@code false} once its close callback has returned
		 */
		public boolean isKnown() {
			return ordinal() < FLUSHING.ordinal();
		}

	}

}
