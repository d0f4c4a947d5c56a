package io.swoole.server.engine;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

import io.netty.buffer.ByteBuf;
import io.swoole.server.ClientInfo;
import io.swoole.server.Connection;
import io.swoole.server.Internal;
import io.swoole.server.Listener;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.ServerStats;
import io.swoole.server.SwooleError;
import io.swoole.server.SwooleServer;
import io.swoole.server.WorkerStatus;
import io.swoole.server.connection.LastError;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.supervision.WorkerLife;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.DeadLetters;
import io.swoole.task.TaskCallback;
import io.swoole.task.TaskOptions;
import io.swoole.task.result.CallbackReply;
import org.jspecify.annotations.Nullable;

/**
 * The server, as applications call it. Whether it runs is up to its {@link ServerLife};
 * everything that exists only while it does is in a {@link ServerRun}.
 */
@Internal
public final class NettySwooleServer implements SwooleServer {

	/** How many connections a list has at most, as in Swoole. */
	private static final int MOST_PER_PAGE = 100;

	/** How long {@code taskWait} waits when nothing is said. */
	private static final Duration DEFAULT_WAIT = Duration.ofMillis(500);

	private final LastError lastError = new LastError(this);

	private final ServerLife life;

	/**
	 * Creates a server that does not run yet.
	 * @param options its settings
	 * @param handler its callbacks
	 */
	public NettySwooleServer(ServerOptions options, ServerHandler handler) {
		this.life = new ServerLife(this, options, handler, this.lastError);
	}

	// tasks

	@Override
	public long task(Object data) {
		return task(data, TaskOptions.none());
	}

	@Override
	public long task(Object data, int taskWorker) {
		return this.life.run().tasks().submission().submit(data, TaskOptions.none(), taskWorker, null).id();
	}

	@Override
	public <R> long task(Object data, @Nullable TaskCallback<R> callback) {
		return task(data, -1, callback);
	}

	@Override
	public <R> long task(Object data, int taskWorker, @Nullable TaskCallback<R> callback) {
		CallbackReply reply = (callback != null) ? new CallbackReply(callback) : null;
		return this.life.run().tasks().submission().submit(data, TaskOptions.none(), taskWorker, reply).id();
	}

	@Override
	public long task(Object data, TaskOptions options) {
		return this.life.run().tasks().submission().submit(data, options, options.getWorker(), null).id();
	}

	@Override
	@SuppressWarnings("unchecked") // the caller knows the type of the result
	public <R extends @Nullable Object> CompletableFuture<R> taskAsync(Object data) {
		return (CompletableFuture<R>) this.life.run().tasks().waits().async(data);
	}

	@Override
	public <R extends @Nullable Object> R taskWait(Object data) {
		return taskWait(data, DEFAULT_WAIT, -1);
	}

	@Override
	public <R extends @Nullable Object> R taskWait(Object data, Duration timeout) {
		return taskWait(data, timeout, -1);
	}

	@Override
	@SuppressWarnings({ "unchecked", "NullAway" }) // a result may be null
	public <R extends @Nullable Object> R taskWait(Object data, Duration timeout, int taskWorker) {
		return (R) this.life.run().tasks().waits().await(data, timeout, taskWorker);
	}

	@Override
	@SuppressWarnings("unchecked") // the caller knows the type of the results
	public <R extends @Nullable Object> SortedMap<Integer, R> taskWaitMulti(List<?> data, Duration timeout) {
		return (SortedMap<Integer, R>) this.life.run().tasks().waits().awaitAll(data, timeout);
	}

	@Override
	@SuppressWarnings("unchecked") // the caller knows the type of the results
	public <R> CompletableFuture<List<Optional<R>>> taskCo(List<?> data, Duration timeout) {
		return (CompletableFuture<List<Optional<R>>>) (CompletableFuture<?>) this.life.run()
			.tasks()
			.waits()
			.asyncAll(data, timeout);
	}

	@Override
	public boolean cancelTask(long taskId) {
		return this.life.run().tasks().cancel(taskId);
	}

	@Override
	public DeadLetters getDeadLetters() {
		return this.life.run().tasks().deadLetters();
	}

	@Override
	public boolean finish(@Nullable Object result) {
		return this.life.run().tasks().finish(result);
	}

	// connections

	@Override
	public boolean send(long fd, byte[] data) {
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.send(data) : notSent("send", fd, data.length);
	}

	@Override
	public boolean send(long fd, CharSequence data) {
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.send(data) : notSent("send", fd, data.length());
	}

	@Override
	public boolean send(long fd, ByteBuf data) {
		NettyConnection connection = find(fd);
		if (connection != null) {
			return connection.send(data);
		}
		int length = data.readableBytes();
		data.release();
		return notSent("send", fd, length);
	}

	@Override
	public boolean sendWait(long fd, byte[] data) {
		ServerRun current = this.life.current();
		if (current != null && current.isEventLoop()) {
			throw new IllegalStateException("sendWait() cannot be used on an event loop, which has to write meanwhile:"
					+ " use send(), or call it in a task, in mode process or on virtual threads");
		}
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.sendWait(data) : notSent("sendWait", fd, data.length);
	}

	@Override
	public boolean sendFile(long fd, Path file) {
		return sendFile(fd, file, 0, 0);
	}

	@Override
	public boolean sendFile(long fd, Path file, long offset, long length) {
		if (offset < 0 || length < 0) {
			throw new IllegalArgumentException(
					"Offset and length of a file must not be negative, but are " + offset + " and " + length);
		}
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.sendFile(file, offset, length) : notExist("sendFile", fd);
	}

	@Override
	public boolean sendTo(SocketAddress to, byte[] data) {
		return this.lastError.succeeded("sendTo", -1, this.life.run().listeners().sendTo(to, data, -1));
	}

	@Override
	public boolean sendTo(SocketAddress to, byte[] data, int serverPort) {
		if (serverPort < 0) {
			throw new IllegalArgumentException("'serverPort' must not be negative, but is " + serverPort);
		}
		return this.lastError.succeeded("sendTo", -1, this.life.run().listeners().sendTo(to, data, serverPort));
	}

	@Override
	public boolean close(long fd) {
		return close(fd, false);
	}

	@Override
	public boolean close(long fd, boolean reset) {
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.close(reset) : notExist("close", fd);
	}

	@Override
	public boolean exists(long fd) {
		NettyConnection connection = find(fd);
		return (connection != null) ? this.lastError.succeeded("exists", fd, connection.life().state().error())
				: notExist("exists", fd);
	}

	@Override
	public boolean pause(long fd) {
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.pause() : notExist("pause", fd);
	}

	@Override
	public boolean resume(long fd) {
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.resume() : notExist("resume", fd);
	}

	@Override
	public boolean confirm(long fd) {
		return resume(fd);
	}

	@Override
	public boolean protect(long fd, boolean on) {
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.protect(on) : notExist("protect", fd);
	}

	@Override
	public boolean bind(long fd, long uid) {
		if (uid <= 0) {
			throw new IllegalArgumentException("A uid must be greater than 0, but is " + uid);
		}
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.bind(uid) : notExist("bind", fd);
	}

	@Override
	public Optional<ClientInfo> getClientInfo(long fd) {
		NettyConnection connection = find(fd);
		if (connection == null || !connection.life().state().isKnown()) {
			notExist("getClientInfo", fd);
			return Optional.empty();
		}
		this.lastError.succeeded("getClientInfo", fd, SwooleError.NONE);
		return Optional.of(connection.clientInfo());
	}

	@Override
	public List<Long> getClientList(long afterFd, int size) {
		if (size < 1 || size > MOST_PER_PAGE) {
			throw new IllegalArgumentException("The size of a page must be 1 to " + MOST_PER_PAGE + ", but is " + size);
		}
		ServerRun current = this.life.current();
		return (current != null) ? current.registry().openAfter(afterFd, size) : List.of();
	}

	@Override
	public Iterable<Connection> getConnections() {
		return () -> {
			ServerRun current = this.life.current();
			return (current != null) ? current.registry().open() : Collections.emptyIterator();
		};
	}

	@Override
	public int getConnectionCount() {
		ServerRun current = this.life.current();
		return (current != null) ? current.registry().size() : 0;
	}

	@Override
	public boolean join(long fd, String group) {
		Objects.requireNonNull(group, "'group' must not be null");
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.join(group) : notExist("join", fd);
	}

	@Override
	public boolean leave(long fd, String group) {
		Objects.requireNonNull(group, "'group' must not be null");
		NettyConnection connection = find(fd);
		return (connection != null) ? connection.leave(group) : notExist("leave", fd);
	}

	@Override
	public Set<Long> getGroup(String group) {
		ServerRun current = this.life.current();
		return (current != null) ? current.audience().group(group) : Set.of();
	}

	@Override
	public int broadcast(byte[] data) {
		ServerRun current = this.life.current();
		return (current != null) ? current.audience().broadcast(data) : 0;
	}

	@Override
	public int broadcast(String group, byte[] data) {
		ServerRun current = this.life.current();
		return (current != null) ? current.audience().broadcast(group, data) : 0;
	}

	@Override
	public int sendToUser(long uid, byte[] data) {
		ServerRun current = this.life.current();
		return (current != null) ? current.audience().sendToUser(uid, data) : 0;
	}

	@Override
	public List<Long> heartbeat(boolean close) {
		ServerRun current = this.life.current();
		if (current == null) {
			return List.of();
		}
		List<NettyConnection> silent = current.heartbeat().silent(current.registry().all());
		if (close) {
			silent.forEach(NettyConnection::close);
		}
		return silent.stream().map(NettyConnection::fd).sorted().toList();
	}

	private @Nullable NettyConnection find(long fd) {
		ServerRun current = this.life.current();
		if (current == null) {
			return null;
		}
		// mostly it is the connection whose callback runs: no look-up needed
		WorkerContext context = WorkerContext.current(this);
		Connection own = (context != null) ? context.connection() : null;
		return (own != null && own.fd() == fd) ? (NettyConnection) own : current.registry().find(fd);
	}

	private boolean notSent(String operation, long fd, int length) {
		return this.lastError.succeeded(operation, fd,
				(length == 0) ? SwooleError.NO_PAYLOAD : SwooleError.SESSION_NOT_EXIST);
	}

	private boolean notExist(String operation, long fd) {
		return this.lastError.succeeded(operation, fd, SwooleError.SESSION_NOT_EXIST);
	}

	// workers

	@Override
	public int getWorkerId() {
		WorkerContext context = WorkerContext.current(this);
		if (context != null) {
			return context.workerId();
		}
		ServerRun current = this.life.current();
		return (current != null) ? current.processes().currentId() : -1;
	}

	@Override
	public boolean isTaskWorker() {
		WorkerContext context = WorkerContext.current(this);
		return context != null && context.worker() == null;
	}

	@Override
	public boolean sendMessage(Object message, int workerId) {
		return this.life.run().messages().send(message, getWorkerId(), workerId);
	}

	@Override
	public long tick(Duration period, Runnable timer) {
		ServerRun current = this.life.run();
		return current.timers().start(callingWorker(current), period, true, timer);
	}

	@Override
	public long after(Duration delay, Runnable timer) {
		ServerRun current = this.life.run();
		return current.timers().start(callingWorker(current), delay, false, timer);
	}

	@Override
	public boolean clearTimer(long timerId) {
		ServerRun current = this.life.current();
		return current != null && current.timers().clear(timerId);
	}

	@Override
	public void defer(Runnable work) {
		Objects.requireNonNull(work, "work must not be null");
		ServerRun current = this.life.run();
		WorkerContext context = WorkerContext.current(this);
		Lane lane = (context != null) ? context.lane() : null;
		Worker worker = (context != null) ? context.worker() : null;
		if (lane != null && worker != null) {
			current.work().leave("defer", lane, worker, null, work);
		}
		else {
			current.work().leave("defer", callingWorker(current), work);
		}
	}

	@Override
	public Executor getWorkerExecutor(String event) {
		Objects.requireNonNull(event, "event must not be null");
		ServerRun current = this.life.run();
		DeferredWork work = current.work();
		BooleanSupplier running = () -> this.life.current() == current;
		WorkerContext context = WorkerContext.current(this);
		Lane lane = (context != null) ? context.lane() : null;
		Worker worker = (context != null) ? context.worker() : null;
		if (context != null && lane != null && worker != null) {
			NettyConnection connection = (NettyConnection) context.connection();
			return new WorkerExecutor(running, (code) -> work.leave(event, lane, worker, connection, code));
		}
		Supervised other = callingWorker(current);
		return new WorkerExecutor(running, (code) -> work.leave(event, other, code));
	}

	/** The worker the calling thread is, event worker 0 for every other thread. */
	private Supervised callingWorker(ServerRun current) {
		WorkerContext context = WorkerContext.current(this);
		return current.lives().get((context != null) ? context.workerId() : 0).worker();
	}

	@Override
	public Optional<WorkerStatus> getWorkerStatus(int workerId) {
		int id = (workerId == -1) ? getWorkerId() : workerId;
		ServerRun current = this.life.current();
		return (current != null) ? current.status(id) : Optional.empty();
	}

	@Override
	public boolean stopWorker(int workerId) {
		int id = (workerId == -1) ? getWorkerId() : workerId;
		ServerRun current = this.life.run();
		List<WorkerLife> lives = current.lives();
		if (id < 0 || id >= lives.size()) {
			throw new IllegalArgumentException("There is no worker " + workerId + ": allowed are 0 to "
					+ (lives.size() - 1) + ", and in a worker -1 for itself");
		}
		return current.supervisor().restart(lives.get(id));
	}

	@Override
	public boolean reload() {
		return reload(false);
	}

	@Override
	public boolean reload(boolean onlyTaskWorkers) {
		return this.life.run().supervisor().reload(onlyTaskWorkers);
	}

	// server

	@Override
	public ServerStats stats() {
		return this.life.run().stats();
	}

	@Override
	public SwooleError getLastError() {
		return this.lastError.get();
	}

	@Override
	public List<Listener> getListeners() {
		ServerRun current = this.life.current();
		return (current != null) ? current.listeners().all() : List.of();
	}

	@Override
	public InetSocketAddress getAddress() {
		ServerRun current = this.life.current();
		if (current == null || current.listeners().all().isEmpty()) {
			throw new IllegalStateException("The server does not listen: start it first");
		}
		return current.listeners().address();
	}

	@Override
	public boolean isRunning() {
		return this.life.isRunning();
	}

	@Override
	public void start() {
		this.life.start();
	}

	@Override
	public void restart() {
		this.life.restart();
	}

	@Override
	public void shutdown() {
		this.life.shutdown();
	}

	@Override
	public boolean awaitTermination(Duration timeout) throws InterruptedException {
		return this.life.awaitTermination(timeout);
	}

}
