package io.swoole.server.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.swoole.server.ServerException;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.ServerStats;
import io.swoole.server.SwooleServer;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.ConnectionRegistry;
import io.swoole.server.connection.ConnectionScope;
import io.swoole.server.connection.LastError;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.dispatch.DatagramDispatcher;
import io.swoole.server.dispatch.Dispatcher;
import io.swoole.server.limit.ConnectionLimit;
import io.swoole.server.limit.Refusals;
import io.swoole.server.listener.DatagramBinder;
import io.swoole.server.listener.Listeners;
import io.swoole.server.listener.SocketOptions;
import io.swoole.server.listener.StreamBinder;
import io.swoole.server.transport.Transport;
import io.swoole.server.worker.CoroutineWorker;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.EventLoopWorker;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.SwooleThread;
import io.swoole.server.worker.ThreadWorker;
import io.swoole.server.worker.Worker;
import io.swoole.task.execution.TaskPipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a server, from start to stop: its threads, sockets, connections and tasks.
 */
final class ServerRun {

	private static final Logger logger = LoggerFactory.getLogger(SwooleServer.class);

	private final ServerOptions options;

	private final ServerHandler handler;

	private final Instant startTime;

	private final ServerCounters counters = new ServerCounters();

	private final ConnectionRegistry registry = new ConnectionRegistry();

	private final Callbacks callbacks;

	private final EventLoopGroup acceptor;

	private final SessionEventLoopGroup loops;

	private final List<Reactor> reactors = new ArrayList<>();

	private final List<Worker> workers = new ArrayList<>();

	private final TaskPipeline tasks;

	private final Listeners listeners;

	private final StallDetector stalls;

	ServerRun(SwooleServer server, ServerOptions options, ServerHandler handler, LastError lastError,
			Instant startTime) {
		this.options = options;
		this.handler = handler;
		this.startTime = startTime;
		Transport transport = Transport.choose(options.transport());
		logger.info("Using transport {}", transport.type().name().toLowerCase(Locale.ROOT));
		this.callbacks = new Callbacks(server, handler, this.counters);
		// not a daemon: a running server keeps the JVM alive
		this.acceptor = new MultiThreadIoEventLoopGroup(1, (code) -> {
			Thread thread = new SwooleThread(code, "swoole-acceptor");
			thread.setDaemon(false);
			return thread;
		}, transport.ioHandlerFactory());
		Dispatcher dispatcher = new Dispatcher(server, options, this.workers, this.callbacks, this.counters);
		this.loops = new SessionEventLoopGroup(options.reactorNum(), (code) -> new SwooleThread(code, "swoole-reactor"),
				transport.ioHandlerFactory(), dispatcher::owner, options.mode() == ServerMode.BASE);
		for (int i = 0; i < options.reactorNum(); i++) {
			this.reactors.add(new Reactor(i, this.loops.loop(i)));
		}
		this.tasks = new TaskPipeline(server, options, this.workers, this.callbacks);
		ConnectionScope scope = new ConnectionScope(options, this.registry, this.counters, lastError, dispatcher);
		ConnectionLimit limit = new ConnectionLimit(options);
		Refusals refusals = new Refusals(this.counters.aborted);
		SocketOptions sockets = new SocketOptions(transport, options);
		this.listeners = new Listeners(
				new StreamBinder(transport, sockets, this.acceptor, this.loops,
						(listener) -> new AcceptHandler(listener, limit, refusals),
						(listener) -> new ConnectionInitializer(listener, this.reactors, scope, dispatcher,
								options.pipelineCustomizer())),
				new DatagramBinder(transport, sockets, this.reactors,
						(listener) -> handler.forListener(listener.name()),
						new DatagramDispatcher(dispatcher, this.callbacks, this.counters, options.workerNum()),
						this.counters));
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
	}

	private Worker createWorker(SwooleServer server, int id) {
		if (this.options.enableCoroutine()) {
			return new CoroutineWorker(server, id, this.options.maxCoroutine());
		}
		if (this.options.mode() == ServerMode.BASE) {
			return new EventLoopWorker(server, id, this.reactors.get(id));
		}
		return new ThreadWorker(server, id);
	}

	void start() {
		StartWarnings.log(this.options, this.handler);
		try {
			this.listeners.bind(this.options.listeners());
			this.tasks.start();
			startWorkers();
			this.callbacks.start();
			this.stalls.start();
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

	private void startWorkers() throws Exception {
		if (this.options.mode() == ServerMode.PROCESS || this.options.enableCoroutine()) {
			for (Reactor reactor : this.reactors) {
				reactor.post(Event.of(() -> Thread.currentThread().setName("swoole-reactor-" + reactor.id())));
			}
		}
		List<CompletableFuture<Void>> started = new ArrayList<>();
		for (Worker worker : this.workers) {
			CompletableFuture<Void> result = new CompletableFuture<>();
			started.add(result);
			worker.post(Event.of(() -> {
				try {
					this.callbacks.workerStart(worker.context());
					result.complete(null);
				}
				catch (Throwable ex) {
					result.completeExceptionally(ex);
				}
			}));
		}
		for (CompletableFuture<Void> result : started) {
			try {
				result.get();
			}
			catch (ExecutionException ex) {
				Throwable cause = ex.getCause();
				throw (cause instanceof Exception exception) ? exception : ex;
			}
		}
	}

	ServerStats stats() {
		int idle = 0;
		int coroutines = 0;
		for (Worker worker : this.workers) {
			idle += worker.isBusy() ? 0 : 1;
			coroutines += worker.coroutines();
		}
		return new ServerStats(this.startTime, this.registry.size(), this.counters.accepted.sum(),
				this.counters.closed.sum(), this.counters.aborted.sum(), this.workers.size(),
				this.options.taskWorkerNum(), 0, idle, this.tasks.idleWorkers(), this.tasks.waiting(),
				this.tasks.open(), this.tasks.accepted(), this.counters.dispatched.sum(),
				this.counters.droppedPackets.sum(), this.counters.requests.sum(), this.counters.responses.sum(),
				this.counters.receivedBytes.sum(), this.counters.sentBytes.sum(), this.loops.lastSession(), coroutines,
				this.counters.handlerErrors.sum(), this.counters.discarded.sum(), this.counters.coroutineRefusals.sum(),
				this.counters.slowHandlers.sum(), this.counters.slowTasks.sum());
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

	Callbacks callbacks() {
		return this.callbacks;
	}

	ConnectionRegistry registry() {
		return this.registry;
	}

	List<Reactor> reactors() {
		return this.reactors;
	}

	List<Worker> workers() {
		return this.workers;
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

	EventLoopGroup loops() {
		return this.loops;
	}

}
