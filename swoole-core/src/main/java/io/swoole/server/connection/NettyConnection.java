package io.swoole.server.connection;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ConcurrentMap;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.swoole.server.ClientInfo;
import io.swoole.server.Connection;
import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleError;
import io.swoole.server.framing.FrameDecoder;
import io.swoole.server.framing.Framing;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.limit.Lease;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.server.worker.Worker;
import io.swoole.task.overload.ProducerGroup;
import io.swoole.task.overload.TaskProducer;
import org.jspecify.annotations.Nullable;

/**
 * A connection: its state, and its place among event loop and worker. Reads, writes and
 * the socket belong to the event loop, callbacks to the worker.
 */
@Internal
public final class NettyConnection implements Connection, TaskOrigin {

	private final long fd;

	private final Channel channel;

	// in one cache line, for broadcasts need both of every connection

	private final Reactor reactor;

	private final PendingOutput pending;

	// the owner is settled before the connection is established

	private Worker worker;

	private Lane lane;

	private final ListenerOptions listener;

	private final ServerHandler handler;

	private final ConnectionScope scope;

	private final Peer peer;

	private final int serverPort;

	private final ReadGate gate;

	private final PauseSwitch pause;

	private final FrameDecoder decoder;

	/** {@code null} if the server has no task workers. */
	private final @Nullable TaskProducer producer;

	private final QueuedInput input;

	private final OutputBuffer output;

	private final SendQueue sends;

	private final ConnectionLife life;

	private final Attachments attachments;

	/** {@code null} if the end of the client's side ends the connection. */
	private final @Nullable HalfClose halfClose;

	private final long connectMillis = System.currentTimeMillis();

	private volatile long lastReceiveMillis = this.connectMillis;

	private volatile long lastDispatchMillis = this.connectMillis;

	/** Settled before the connection is established, as its owner is. */
	private @Nullable OpenPackets openPackets;

	/**
	 * Creates a connection that has just been accepted.
	 * @param fd its session id
	 * @param channel its socket
	 * @param reactor its event loop
	 * @param worker its worker
	 * @param listener where it was accepted
	 * @param client the address that was announced, {@code null} for that of the socket
	 * @param gate decides whether it reads
	 * @param decoder cuts its packets
	 * @param scope what it shares with the other connections
	 * @param lease its place among those that may be open, if anybody counts them
	 */
	public NettyConnection(long fd, Channel channel, Reactor reactor, Worker worker, ListenerScope listener,
			@Nullable SocketAddress client, ReadGate gate, FrameDecoder decoder, ConnectionScope scope,
			@Nullable Lease lease) {
		this.fd = fd;
		this.channel = channel;
		this.reactor = reactor;
		this.worker = worker;
		this.lane = worker.lane();
		this.listener = listener.options();
		this.handler = listener.handler();
		this.gate = gate;
		this.pause = new PauseSwitch(gate, reactor);
		this.decoder = decoder;
		this.scope = scope;
		this.peer = new Peer(channel, client);
		this.serverPort = (channel.localAddress() instanceof InetSocketAddress local) ? local.getPort() : 0;
		ProducerGroup producers = listener.producers();
		this.producer = (producers != null) ? new TaskProducer(producers, gate, reactor) : null;
		this.input = new QueuedInput(gate, reactor, scope.options().maxQueuedBytes());
		this.pending = new PendingOutput(this, scope.events(), this.listener, scope.options().socketSendTimeout());
		this.output = new OutputBuffer(channel, reactor, this.pending, scope.counters());
		this.sends = new SendQueue(this, reactor, this.pending, this.output, scope.counters(), scope.options());
		this.life = new ConnectionLife(this, channel, reactor, gate, decoder, this.pending, this.output, scope, lease);
		this.attachments = new Attachments(this, scope.audience());
		this.halfClose = this.listener.halfClose()
				? new HalfClose(this, channel, scope.events(), this.listener.halfCloseTimeout()) : null;
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
	 * The event loop that reads and writes.
	 * @return the reactor
	 */
	public Reactor reactor() {
		return this.reactor;
	}

	/**
	 * Where it was accepted.
	 * @return the listener
	 */
	public ListenerOptions listener() {
		return this.listener;
	}

	/**
	 * The callbacks of its listener.
	 * @return the handler
	 */
	public ServerHandler handler() {
		return this.handler;
	}

	/**
	 * Decides whether the connection reads; on the event loop only.
	 * @return the gate
	 */
	public ReadGate gate() {
		return this.gate;
	}

	/**
	 * Its way to the end.
	 * @return the life
	 */
	public ConnectionLife life() {
		return this.life;
	}

	/**
	 * Who is at the other end.
	 * @return the client
	 */
	public Peer peer() {
		return this.peer;
	}

	/**
	 * What the application has attached to it.
	 * @return the attachments
	 */
	public Attachments attachments() {
		return this.attachments;
	}

	/**
	 * Its packets that wait for their worker.
	 * @return the packets
	 */
	public QueuedInput input() {
		return this.input;
	}

	@Override
	public boolean isOpen() {
		return this.life.state() == ConnectionState.OPEN;
	}

	/** Why nothing can be done with it any more, {@code NONE} while that is possible. */
	SwooleError error() {
		return this.life.error();
	}

	private boolean succeeded(String operation, SwooleError error) {
		return this.scope.lastError().succeeded(operation, this.fd, error);
	}

	// sending, from any thread

	@Override
	public boolean send(byte[] data) {
		return succeeded("send", this.sends.send(data));
	}

	@Override
	public boolean send(CharSequence data) {
		return succeeded("send", this.sends.send(data));
	}

	@Override
	public boolean send(ByteBuf data) {
		return succeeded("send", this.sends.send(data));
	}

	@Override
	public boolean sendPacket(byte[] body) {
		Framing framing = this.decoder.framing();
		return framing.isStripped() ? send(framing.frame(body, this.channel.alloc())) : send(body);
	}

	@Override
	public boolean sendPacket(CharSequence body) {
		Framing framing = this.decoder.framing();
		return framing.isStripped() ? send(framing.frame(body, this.channel.alloc())) : send(body);
	}

	@Override
	public boolean sendPacket(ByteBuf body) {
		Framing framing = this.decoder.framing();
		return send(framing.isStripped() ? framing.frame(body, this.channel.alloc()) : body);
	}

	/**
	 * Sends and waits until it is written; never on an event loop.
	 * @param data the bytes
	 * @return {@code false} if it was not written in time
	 */
	public boolean sendWait(byte[] data) {
		return succeeded("sendWait", this.sends.sendAndWait(data));
	}

	/**
	 * Sends a part of a file.
	 * @param file the file
	 * @param offset where to begin
	 * @param length how many bytes, 0: up to the end
	 * @return {@code false} if it was refused
	 */
	public boolean sendFile(Path file, long offset, long length) {
		return succeeded("sendFile", this.sends.sendFile(file, offset, length));
	}

	/** Counts what is accepted and not written yet. */
	PendingOutput pending() {
		return this.pending;
	}

	/** Writes what {@link #pending} has accepted; on the event loop. */
	void writeShared(ByteBuf data) {
		this.output.writeShared(data);
	}

	/**
	 * Whether nothing waits to be written.
	 * @return {@code true} if so
	 */
	public boolean isFlushed() {
		return this.pending.total() == 0;
	}

	// control, from any thread

	/**
	 * Stops handing out packets and reading.
	 * @return {@code false} if the connection has ended
	 */
	public boolean pause() {
		SwooleError error = error();
		if (error == SwooleError.NONE) {
			this.pause.pause();
		}
		return succeeded("pause", error);
	}

	/**
	 * Goes on handing out packets and reading.
	 * @return {@code false} if the connection has ended
	 */
	public boolean resume() {
		SwooleError error = error();
		if (error == SwooleError.NONE) {
			this.pause.resume();
		}
		return succeeded("resume", error);
	}

	/**
	 * Sets whether the heartbeat leaves it alone.
	 * @param on {@code true} to protect it
	 * @return {@code false} if the connection has ended
	 */
	public boolean protect(boolean on) {
		return succeeded("protect", this.attachments.protect(on));
	}

	@Override
	public boolean bind(long uid) {
		if (uid <= 0) {
			throw new IllegalArgumentException("A uid must be greater than 0, but is " + uid);
		}
		return succeeded("bind", this.attachments.bind(uid));
	}

	@Override
	public boolean join(String group) {
		return succeeded("join", this.attachments.join(group));
	}

	@Override
	public boolean leave(String group) {
		return succeeded("leave", this.attachments.leave(group));
	}

	@Override
	public ConcurrentMap<String, Object> attributes() {
		return this.attachments.attributes();
	}

	// closing

	@Override
	public boolean close() {
		return close(false);
	}

	@Override
	public boolean close(boolean reset) {
		return succeeded("close", this.life.close(reset));
	}

	// what the event loop tells

	/**
	 * The connection is established; on the event loop.
	 * @param connectDue whether its worker is to be told
	 * @return {@code false} if the server takes no more connections: it is closed,
	 * without any callback
	 */
	public boolean established(boolean connectDue) {
		if (this.scope.options().enableDelayReceive()) {
			this.pause.pause();
		}
		return this.life.establish(connectDue);
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
	 * When the socket last took bytes.
	 * @return the time in milliseconds
	 */
	public long lastSendMillis() {
		return this.output.lastWriteMillis();
	}

	/**
	 * A number that changes when the socket takes bytes; on the event loop.
	 * @return the number
	 */
	public long outputProgress() {
		return this.output.progress();
	}

	// tasks

	/**
	 * Waits while the task queue is overloaded.
	 * @return the connection as one that posts tasks, {@code null} if the server has no
	 * task workers
	 */
	public @Nullable TaskProducer producer() {
		return this.producer;
	}

	@Override
	public void taskOpened() {
		if (this.producer != null) {
			this.producer.posted();
		}
		if (this.halfClose != null) {
			this.halfClose.taskOpened();
		}
	}

	@Override
	public void taskSettled() {
		if (this.halfClose != null) {
			this.halfClose.taskSettled();
		}
	}

	/**
	 * The client has ended its side, and all packets before that have been handled.
	 * @return whether the connection stays open for tasks, until
	 * {@link ConnectionEvents#tasksAnswered}
	 */
	public boolean awaitsTasks() {
		return this.halfClose != null && this.halfClose.awaitsTasks();
	}

	/**
	 * Whether the connection may outlive its client's side.
	 * @return {@code true} if it may
	 */
	public boolean isHalfClosable() {
		return this.halfClose != null;
	}

	// facts

	@Override
	public ClientInfo clientInfo() {
		return new ClientInfo(this.fd, this.reactor.id(), this.worker.id(), this.listener.name(), this.serverPort,
				this.peer.address(), Instant.ofEpochMilli(this.connectMillis),
				Instant.ofEpochMilli(this.lastReceiveMillis), Instant.ofEpochMilli(this.output.lastWriteMillis()),
				Instant.ofEpochMilli(this.lastDispatchMillis), this.attachments.uid(),
				this.decoder.bufferedBytes() + this.input.bytes(), this.pending.total(), this.peer.closeErrno(),
				this.peer.certificate());
	}

	@Override
	public String toString() {
		return "Connection[fd=" + this.fd + ", " + this.peer.address() + "]";
	}

}
