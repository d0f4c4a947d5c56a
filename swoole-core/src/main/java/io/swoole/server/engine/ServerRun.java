package io.swoole.server.engine;

import java.net.SocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerException;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.ServerStats;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskSettings;
import io.swoole.server.WorkerSettings;
import io.swoole.server.WorkerStatus;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.Audience;
import io.swoole.server.connection.ConnectionRegistry;
import io.swoole.server.connection.ConnectionScope;
import io.swoole.server.connection.LastError;
import io.swoole.server.connection.ListenerScope;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.dispatch.DatagramDispatcher;
import io.swoole.server.dispatch.Dispatcher;
import io.swoole.server.heartbeat.Heartbeat;
import io.swoole.server.heartbeat.Sweep;
import io.swoole.server.limit.ConnectionLimit;
import io.swoole.server.limit.Refusals;
import io.swoole.server.listener.DatagramBinder;
import io.swoole.server.listener.Listeners;
import io.swoole.server.listener.SocketOptions;
import io.swoole.server.listener.StreamBinder;
import io.swoole.server.supervision.RequestLimit;
import io.swoole.server.supervision.Supervisor;
import io.swoole.server.supervision.UserProcesses;
import io.swoole.server.supervision.WorkerLife;
import io.swoole.server.proxy.ProxyProtocol;
import io.swoole.server.tls.Tls;
import io.swoole.server.transport.Transport;
import io.swoole.server.worker.CoroutineWorker;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.EventLoopWorker;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.SwooleThread;
import io.swoole.server.worker.ThreadWorker;
import io.swoole.server.worker.Worker;
import io.swoole.task.execution.TaskPipeline;
import io.swoole.task.execution.TaskSupervision;
import io.swoole.task.queue.Nanos;
import io.swoole.task.overload.ProducerGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a server, from start to stop: its threads, sockets, connections and tasks.
 */
final class ServerRun {

	private static final Logger logger = LoggerFactory.getLogger(SwooleServer.class);

	private final ServerOptions options;

	private final ServerHandler handler;

	private final ServerCounters counters;

	private final ConnectionRegistry registry = new ConnectionRegistry();

	private final Heartbeat heartbeat;

	private final Audience audience;

	private final Callbacks callbacks;

	private final EventLoopGroup acceptor;

	private final SessionEventLoopGroup loops;

	private final List<Reactor> reactors = new ArrayList<>();

	private final List<Worker> workers = new ArrayList<>();

	private final TaskPipeline tasks;

	private final Statistics statistics;

	private final Listeners listeners;

	private final StallDetector stalls;

	private final List<WorkerLife> lives = new ArrayList<>();

	private final Supervisor supervisor;

	private final LifecycleCallbacks lifecycle;

	private final DeferredWork work;

	private final Timers timers;

	private final Messages messages;

	private final UserProcesses processes;

	private volatile boolean tasksStarted;

	private volatile boolean cancelled;

	/**
	 * @param undo takes what lets go of the threads and sockets created so far
	 */
	private ServerRun(SwooleServer server, ServerOptions options, ServerHandler handler, LastError lastError,
			Instant startTime, long startSessionId, List<Runnable> undo) {
		this.options = options;
		this.counters = new ServerCounters(server, options.workerNum());
		this.handler = handler;
		ProxyProtocol.check(options);
		this.heartbeat = new Heartbeat(options);
		Transport transport = Transport.choose(options.transport());
		logger.info("Using transport {}", transport.type().name().toLowerCase(Locale.ROOT));
		this.callbacks = new Callbacks(server, handler, this.counters);
		// not a daemon: a running server keeps the JVM alive
		this.acceptor = new MultiThreadIoEventLoopGroup(1, (code) -> {
			Thread thread = new SwooleThread(code, "swoole-acceptor");
			thread.setDaemon(false);
			return thread;
		}, transport.ioHandlerFactory(() -> false));
		undo.add(() -> this.acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS));
		Dispatcher dispatcher = new Dispatcher(server, options, this.workers, this.callbacks.connections(),
				this.counters);
		this.loops = new SessionEventLoopGroup(options.reactorNum(), (code) -> new SwooleThread(code, "swoole-reactor"),
				transport.ioHandlerFactory(this::expectsResults), dispatcher::owner, options.mode() == ServerMode.BASE,
				startSessionId);
		undo.add(() -> this.loops.shutdownGracefully(0, 1, TimeUnit.SECONDS));
		for (int i = 0; i < options.reactorNum(); i++) {
			this.reactors.add(new Reactor(i, this.loops.loop(i)));
		}
		this.tasks = new TaskPipeline(server, options, this.workers, this.callbacks.tasks());
		this.audience = new Audience(this.registry, this.counters, lastError, options.reactorNum(),
				options.outputBufferSize());
		ConnectionScope scope = new ConnectionScope(options, this.registry, this.counters, lastError, dispatcher,
				this.audience);
		List<Sweep> sweeps = this.reactors.stream()
			.map((reactor) -> new Sweep(reactor.loop(), this.heartbeat))
			.toList();
		ConnectionLimit limit = new ConnectionLimit(options);
		Refusals refusals = new Refusals(this.counters.aborted);
		SocketOptions sockets = new SocketOptions(transport, options);
		this.listeners = new Listeners(
				new StreamBinder(transport, sockets, this.acceptor, this.loops,
						(listener) -> new AcceptHandler(listener, limit, refusals),
						(listener) -> initializer(listener, limit, refusals, sweeps, scope, dispatcher)),
				new DatagramBinder(transport, sockets, this.reactors,
						(listener) -> handler.forListener(listener.name()), new DatagramDispatcher(dispatcher,
								this.callbacks.connections(), this.counters, options.workerNum()),
						this.counters));
		undo.add(this::stopWorkers);
		for (int i = 0; i < options.workerNum(); i++) {
			this.workers.add(createWorker(server, i));
		}
		boolean virtual = options.enableCoroutine();
		this.stalls = new StallDetector(options.slowHandlerThreshold(), options.slowTaskThreshold(),
				this.counters.slowHandlers, this.counters.slowTasks,
				() -> virtual ? List.of() : this.workers.stream().map(Worker::context).toList(), this.tasks::contexts);
		for (Reactor reactor : this.reactors) {
			boolean isWorker = options.mode() == ServerMode.BASE && !virtual;
			this.stalls.watch(reactor, isWorker ? this.workers.get(reactor.id()).context() : null);
		}
		this.workers.forEach((worker) -> this.lives.add(new WorkerLife(worker, this.callbacks.workers())));
		this.tasks.taskWorkers().forEach((worker) -> this.lives.add(new WorkerLife(worker, this.callbacks.workers())));
		this.supervisor = new Supervisor(this.lives, this.workers.size(), this.callbacks.server(),
				new Supervisor.Settings(options.maxWaitTime(), options.workers().reloadAsync(),
						options.workers().taskMaxAbandonedThreads()));
		limitRequests(options);
		this.processes = new UserProcesses(server, options.workers().processes(), this.lives.size(),
				this.callbacks.errors(), this.supervisor::report);
		this.tasks.supervision(new TaskSupervision() {

			@Override
			public void handled(int taskWorker) {
				ServerRun.this.supervisor.handled(taskLives().get(taskWorker));
			}

			@Override
			public void giveUp(int taskWorker, BooleanSupplier atIt) {
				ServerRun.this.supervisor.giveUp(taskLives().get(taskWorker), atIt);
			}

			@Override
			public boolean giveUp(Thread thread) {
				return ServerRun.this.supervisor.giveUp(thread);
			}

		});
		this.lifecycle = new LifecycleCallbacks(this.callbacks.server());
		this.statistics = new Statistics(server, startTime, options.taskWorkerNum(), this.processes.size(),
				this.workers, this.tasks, this.counters, this.loops, this.supervisor::abandonedThreads);
		this.work = new DeferredWork(this.tasks, this.callbacks.workers(), this.lives.size());
		this.timers = new Timers(this.callbacks.workers(), this.work);
		this.messages = new Messages(this.lives, this.tasks, this.callbacks.workers());
	}

	/**
	 * A run that has not begun; when it cannot be created nothing of it stays. Its fds
	 * begin behind {@code startSessionId}.
	 */
	static ServerRun create(SwooleServer server, ServerOptions options, ServerHandler handler, LastError lastError,
			Instant startTime, long startSessionId) {
		List<Runnable> undo = new ArrayList<>();
		try {
			return new ServerRun(server, options, handler, lastError, startTime, startSessionId, undo);
		}
		catch (Throwable ex) {
			undo.forEach(Runnable::run);
			throw ex;
		}
	}

	private void stopWorkers() {
		for (Worker worker : this.workers) {
			if (worker instanceof ThreadWorker thread) {
				thread.stop();
			}
		}
	}

	private void limitRequests(ServerOptions options) {
		WorkerSettings settings = options.workers();
		if (settings.maxRequest() > 0) {
			for (WorkerLife life : eventLives()) {
				life.limit(new RequestLimit(settings.maxRequest(), settings.maxRequestGrace()));
			}
			this.callbacks.connections().onHandled((workerId) -> this.supervisor.handled(this.lives.get(workerId)));
		}
		TaskSettings tasks = options.tasks();
		if (tasks.taskMaxRequest() > 0) {
			this.lives.stream()
				.skip(this.workers.size())
				.forEach((life) -> life.limit(new RequestLimit(tasks.taskMaxRequest(), tasks.taskMaxRequestGrace())));
		}
	}

	private ConnectionInitializer initializer(ListenerOptions listener, ConnectionLimit limit, Refusals refusals,
			List<Sweep> sweeps, ConnectionScope scope, Dispatcher dispatcher) {
		ProducerGroup producers = (this.options.taskWorkerNum() > 0) ? new ProducerGroup(this.tasks.capacity()) : null;
		ProxyProtocol proxyProtocol = listener.proxyProtocol()
				? new ProxyProtocol(listener, limit, refusals, this.heartbeat) : null;
		Tls tls = Tls.of(listener, (client, reason) -> failed(refusals, listener, client, reason));
		return new ConnectionInitializer(
				new ListenerScope(listener, this.handler.forListener(listener.name()), producers), this.reactors,
				sweeps, this.heartbeat, proxyProtocol, tls, scope, dispatcher, this.options.pipelineCustomizer());
	}

	private Worker createWorker(SwooleServer server, int id) {
		if (this.options.enableCoroutine()) {
			return new CoroutineWorker(server, id, this.loops.loop(id % this.reactors.size()),
					this.options.maxCoroutine());
		}
		if (this.options.mode() == ServerMode.BASE) {
			return new EventLoopWorker(server, id, this.reactors.get(id));
		}
		return new ThreadWorker(server, id);
	}

	/** A connection whose handshake fails has been accepted and has ended. */
	private void failed(Refusals refusals, ListenerOptions listener, SocketAddress client, String reason) {
		this.counters.accepted.increment();
		this.counters.closed.increment();
		refusals.refused(listener.name(), client, reason);
	}

	void start() {
		StartWarnings.log(this.options, this.handler);
		try {
			this.listeners.bind(this.options.listeners());
			this.tasks.start();
			this.tasksStarted = true;
			nameReactors();
			startWorkers();
			this.supervisor.start();
			this.processes.start();
			this.callbacks.server().start();
			this.stalls.start();
			if (this.cancelled) {
				return;
			}
			this.listeners.accept();
		}
		catch (Throwable ex) {
			new OrderlyStop(this, this.options.maxWaitTime()).abort();
			throw asUnchecked(ex);
		}
		this.listeners.all()
			.forEach((listener) -> logger.info("Listener '{}' of type {} accepts on {}", listener.name(),
					listener.type().name().toLowerCase(Locale.ROOT).replace('_', '-'),
					listener.type().isUnix() ? listener.host() : listener.host() + ":" + listener.port()));
	}

	/** The server shall stop as soon as it has started; it accepts no connection. */
	void cancel() {
		this.cancelled = true;
	}

	private static RuntimeException asUnchecked(Throwable failure) {
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure instanceof InterruptedException) {
			Thread.currentThread().interrupt();
		}
		return (failure instanceof RuntimeException unchecked) ? unchecked
				: new ServerException("The server cannot start: " + failure, failure);
	}

	private void nameReactors() {
		if (this.options.mode() == ServerMode.PROCESS || this.options.enableCoroutine()) {
			for (Reactor reactor : this.reactors) {
				reactor.post(Event.of(() -> Thread.currentThread().setName("swoole-reactor-" + reactor.id())));
			}
		}
	}

	private void startWorkers() throws Exception {
		// no worker begins before all know that this comes first, so that none gets a
		// message of another too early
		CountDownLatch all = new CountDownLatch(1);
		List<CompletableFuture<Void>> started = this.lives.stream().map((life) -> life.start(all)).toList();
		all.countDown();
		long cancelledSince = 0;
		for (int i = 0; i < started.size(); i++) {
			while (!awaitStarted(started.get(i))) {
				if (this.cancelled && cancelledSince == 0) {
					cancelledSince = System.nanoTime();
				}
				else if (this.cancelled && System.nanoTime() - cancelledSince > Nanos.of(this.options.maxWaitTime())) {
					throw new ServerException(
							"The server has been shut down while it started, and the first callback" + " of worker "
									+ this.lives.get(i).worker().id() + " has not returned within max-wait-time",
							null);
				}
			}
		}
	}

	private static boolean awaitStarted(CompletableFuture<Void> started) throws Exception {
		try {
			started.get(50, TimeUnit.MILLISECONDS);
			return true;
		}
		catch (TimeoutException ex) {
			return false;
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof Error error) {
				throw error;
			}
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

	ServerStats stats() {
		return this.statistics.read();
	}

	/** Whether the calling thread is one of the event loops. */
	boolean isEventLoop() {
		for (Reactor reactor : this.reactors) {
			if (reactor.inEventLoop()) {
				return true;
			}
		}
		return false;
	}

	LifecycleCallbacks lifecycle() {
		return this.lifecycle;
	}

	DeferredWork work() {
		return this.work;
	}

	Timers timers() {
		return this.timers;
	}

	UserProcesses processes() {
		return this.processes;
	}

	Messages messages() {
		return this.messages;
	}

	Supervisor supervisor() {
		return this.supervisor;
	}

	/** What a worker or a process does. */
	Optional<WorkerStatus> status(int id) {
		int process = id - this.lives.size();
		if (id < 0 || process >= this.processes.size() || (process < 0 && id >= lives().size())) {
			return Optional.empty();
		}
		return Optional.of((process >= 0) ? this.processes.status(process) : this.lives.get(id).status());
	}

	/** All workers, each at its id. */
	List<WorkerLife> lives() {
		return this.tasksStarted ? this.lives : eventLives();
	}

	List<WorkerLife> eventLives() {
		return this.lives.subList(0, this.workers.size());
	}

	/** The task workers that run. */
	List<WorkerLife> taskLives() {
		return this.tasksStarted ? this.lives.subList(this.workers.size(), this.lives.size()) : List.of();
	}

	ConnectionRegistry registry() {
		return this.registry;
	}

	Audience audience() {
		return this.audience;
	}

	Heartbeat heartbeat() {
		return this.heartbeat;
	}

	List<Reactor> reactors() {
		return this.reactors;
	}

	List<Worker> workers() {
		return this.workers;
	}

	private boolean expectsResults() {
		return this.tasksStarted && this.tasks.capacity().open() > 0;
	}

	TaskPipeline tasks() {
		return this.tasks;
	}

	StallDetector stalls() {
		return this.stalls;
	}

	Listeners listeners() {
		return this.listeners;
	}

	EventLoopGroup acceptor() {
		return this.acceptor;
	}

	/** The last fd that has been given to a connection. */
	long lastSession() {
		return this.loops.lastSession();
	}

	EventLoopGroup loops() {
		return this.loops;
	}

}
