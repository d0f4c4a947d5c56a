package io.swoole.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of a server; immutable. Every setting has the name of its property in
 * camel case, and defaults are stated here once.
 *
 * @see #builder()
 */
public final class ServerOptions {

	private static final Logger logger = LoggerFactory.getLogger(ServerOptions.class);

	private final ServerMode mode;

	private final TransportType transport;

	private final int workerNum;

	private final int reactorNum;

	private final int taskWorkerNum;

	private final int taskQueueCapacity;

	private final TaskSettings tasks;

	private final WorkerSettings workers;

	private final DispatchMode dispatchMode;

	private final @Nullable DispatchStrategy dispatchStrategy;

	private final boolean enableUnsafeEvent;

	private final boolean discardTimeoutRequest;

	private final boolean enableCoroutine;

	private final int maxCoroutine;

	private final Duration slowHandlerThreshold;

	private final Duration slowTaskThreshold;

	private final long startSessionId;

	private final boolean enableDelayReceive;

	private final long outputBufferSize;

	private final long maxQueuedBytes;

	private final boolean sendYield;

	private final Duration sendTimeout;

	private final Duration socketSendTimeout;

	private final Duration maxWaitTime;

	private final int maxConnection;

	private final int maxConnectionPerIp;

	private final Duration heartbeatCheckInterval;

	private final boolean enableReusePort;

	private final List<ListenerOptions> listeners;

	private final Consumer<ChannelPipeline> pipelineCustomizer;

	private ServerOptions(Builder builder) {
		this.mode = builder.mode;
		this.transport = builder.transport;
		this.workerNum = (builder.workerNum != 0) ? builder.workerNum : Builder.CPUS;
		this.reactorNum = Math.min((builder.reactorNum != 0) ? builder.reactorNum : Math.min(Builder.CPUS, 8),
				this.workerNum);
		this.taskWorkerNum = builder.taskWorkerNum;
		this.taskQueueCapacity = builder.taskQueueCapacity;
		this.tasks = builder.buildTasks();
		this.workers = builder.buildWorkers();
		this.dispatchMode = builder.dispatchMode;
		this.dispatchStrategy = builder.dispatchStrategy;
		this.enableUnsafeEvent = builder.enableUnsafeEvent;
		this.discardTimeoutRequest = builder.discardTimeoutRequest;
		this.enableCoroutine = builder.enableCoroutine;
		this.maxCoroutine = builder.maxCoroutine;
		this.slowHandlerThreshold = builder.slowHandlerThreshold;
		this.slowTaskThreshold = builder.slowTaskThreshold;
		this.startSessionId = builder.startSessionId;
		this.enableDelayReceive = builder.enableDelayReceive;
		this.outputBufferSize = builder.outputBufferSize;
		this.maxQueuedBytes = builder.maxQueuedBytes;
		this.sendYield = builder.sendYield();
		this.sendTimeout = builder.sendTimeout;
		this.socketSendTimeout = builder.socketSendTimeout;
		this.maxWaitTime = builder.maxWaitTime;
		this.maxConnection = builder.maxConnection;
		this.maxConnectionPerIp = builder.maxConnectionPerIp;
		this.heartbeatCheckInterval = builder.heartbeatCheckInterval;
		this.enableReusePort = builder.enableReusePort;
		this.pipelineCustomizer = builder.pipelineCustomizer;
		List<ListenerOptions> all = new ArrayList<>();
		all.add(builder.main.build());
		builder.named.values().forEach((listener) -> all.add(listener.build()));
		all.addAll(builder.listeners);
		this.listeners = List.copyOf(all);
	}

	/**
	 * A builder with all settings at their defaults.
	 * @return the builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * How event loops and workers relate.
	 * @return the mode
	 */
	public ServerMode mode() {
		return this.mode;
	}

	/**
	 * The interface to the operating system.
	 * @return the transport
	 */
	public TransportType transport() {
		return this.transport;
	}

	/**
	 * The number of event workers.
	 * @return the number, at least 1
	 */
	public int workerNum() {
		return this.workerNum;
	}

	/**
	 * The number of event loops in mode {@code process}; in mode {@code base} every
	 * worker is one.
	 * @return the number, at least 1
	 */
	public int reactorNum() {
		return (this.mode == ServerMode.BASE) ? this.workerNum : this.reactorNum;
	}

	/**
	 * The number of task workers.
	 * @return the number; 0: no tasks
	 */
	public int taskWorkerNum() {
		return this.taskWorkerNum;
	}

	/**
	 * How many tasks may be open: accepted and not settled yet. With virtual threads it
	 * may be more for a while: by one for each handler of a packet that runs already.
	 * @return the number, at least 1
	 */
	public int taskQueueCapacity() {
		return this.taskQueueCapacity;
	}

	/**
	 * The settings of tasks.
	 * @return the settings
	 */
	public TaskSettings tasks() {
		return this.tasks;
	}

	/**
	 * The settings of the life of workers.
	 * @return the settings
	 */
	public WorkerSettings workers() {
		return this.workers;
	}

	/**
	 * How a packet finds its worker.
	 * @return the mode
	 */
	public DispatchMode dispatchMode() {
		return this.dispatchMode;
	}

	/**
	 * Chooses workers in place of the dispatch mode.
	 * @return the strategy, if any
	 */
	public @Nullable DispatchStrategy dispatchStrategy() {
		return this.dispatchStrategy;
	}

	/**
	 * Whether there are connect, close and buffer events even where the dispatch mode
	 * cannot keep them in order with packets.
	 * @return {@code true} if so
	 */
	public boolean enableUnsafeEvent() {
		return this.enableUnsafeEvent;
	}

	/**
	 * Whether there are connect, close and buffer events.
	 * @return {@code false} in an unordered dispatch mode without
	 * {@code enable-unsafe-event}
	 */
	public boolean hasConnectionEvents() {
		return !this.dispatchMode.isUnordered() || this.enableUnsafeEvent;
	}

	/**
	 * Whether packets that wait for a worker are dropped when their client has gone, in
	 * dispatch modes without close events.
	 * @return {@code false} to handle them nevertheless
	 */
	public boolean discardTimeoutRequest() {
		return this.discardTimeoutRequest;
	}

	/**
	 * Whether callbacks run on virtual threads.
	 * @return {@code true} if so
	 */
	public boolean enableCoroutine() {
		return this.enableCoroutine;
	}

	/**
	 * How many virtual threads a worker may run when a packet needs one more.
	 * @return the number, at least 1
	 */
	public int maxCoroutine() {
		return this.maxCoroutine;
	}

	/**
	 * How long a callback may hold an event worker or an event loop until that is logged.
	 * @return the time; zero: never logged
	 */
	public Duration slowHandlerThreshold() {
		return this.slowHandlerThreshold;
	}

	/**
	 * How long a task may take until that is logged.
	 * @return the time; zero: never logged
	 */
	public Duration slowTaskThreshold() {
		return this.slowTaskThreshold;
	}

	/**
	 * The number before the fd of the first connection.
	 * @return the number
	 */
	public long startSessionId() {
		return this.startSessionId;
	}

	/**
	 * Whether nothing is read from a new connection until it is confirmed.
	 * @return {@code true} to wait for {@link SwooleServer#confirm}
	 */
	public boolean enableDelayReceive() {
		return this.enableDelayReceive;
	}

	/**
	 * The largest amount of data one send may have.
	 * @return the number of bytes
	 */
	public long outputBufferSize() {
		return this.outputBufferSize;
	}

	/**
	 * How many unhandled bytes of a connection stop its reading.
	 * @return the number of bytes; 0: the default of 128 packets or 1 MiB
	 */
	public long maxQueuedBytes() {
		return this.maxQueuedBytes;
	}

	/**
	 * Whether a send from a virtual thread waits for room instead of being refused.
	 * @return {@code true} to wait
	 */
	public boolean sendYield() {
		return this.sendYield;
	}

	/**
	 * How long a send from a virtual thread waits for room.
	 * @return the time; 0: as long as the connection lives
	 */
	public Duration sendTimeout() {
		return this.sendTimeout;
	}

	/**
	 * How long {@link SwooleServer#sendWait} waits, and how long the client of a
	 * connection that is being closed may take nothing of what was sent to it.
	 * @return the time
	 */
	public Duration socketSendTimeout() {
		return this.socketSendTimeout;
	}

	/**
	 * How long work that is running or queued may take when the server stops, and how
	 * long a worker may take to come back for a restart.
	 * @return the time
	 */
	public Duration maxWaitTime() {
		return this.maxWaitTime;
	}

	/**
	 * How many connections may be open at the same time.
	 * @return the number; 0: the smaller of 100000 and what the operating system lets a
	 * process open
	 */
	public int maxConnection() {
		return this.maxConnection;
	}

	/**
	 * How many connections may be open from one address at the same time.
	 * @return the number; 0: no limit
	 */
	public int maxConnectionPerIp() {
		return this.maxConnectionPerIp;
	}

	/**
	 * How often silent clients are looked for.
	 * @return the time; 0: not at all, unless a listener has a
	 * {@code heartbeat-idle-time}
	 */
	public Duration heartbeatCheckInterval() {
		return this.heartbeatCheckInterval;
	}

	/**
	 * Whether several processes may listen on the same port.
	 * @return {@code true} if they may
	 */
	public boolean enableReusePort() {
		return this.enableReusePort;
	}

	/**
	 * What to listen on, the main listener first.
	 * @return the listeners, at least one
	 */
	public List<ListenerOptions> listeners() {
		return this.listeners;
	}

	/**
	 * Is given the pipeline of every new connection after the server's own handlers have
	 * been added.
	 * @return all customizers, one after another
	 * @see PipelineNames
	 */
	public Consumer<ChannelPipeline> pipelineCustomizer() {
		return this.pipelineCustomizer;
	}

	/**
	 * Collects settings. Methods take the value over as it is; {@link #build()} checks
	 * all of them. The settings of {@link ListenerOptions} are those of the main
	 * listener.
	 */
	public static final class Builder extends WorkerSettingsBuilder<Builder> {

		private static final int JAVA = Runtime.version().feature();

		private static final int CPUS = Runtime.getRuntime().availableProcessors();

		private static final int MOST_CONNECTIONS = 1024 * 1024;

		private final ListenerOptions.Builder main = ListenerOptions.builder("main").port(9501);

		private final Map<String, ListenerOptions.Builder> named = new LinkedHashMap<>();

		private final List<ListenerOptions> listeners = new ArrayList<>();

		private ServerMode mode = ServerMode.BASE;

		private TransportType transport = TransportType.AUTO;

		private int workerNum;

		private int reactorNum;

		private int taskWorkerNum;

		private int taskQueueCapacity = 65536;

		private DispatchMode dispatchMode = DispatchMode.FIXED;

		private @Nullable DispatchStrategy dispatchStrategy;

		private boolean enableUnsafeEvent;

		private boolean discardTimeoutRequest;

		private boolean enableCoroutine;

		private int maxCoroutine = 100_000;

		private Duration slowHandlerThreshold = Duration.ofSeconds(2);

		private Duration slowTaskThreshold = Duration.ZERO;

		private long startSessionId;

		private boolean enableDelayReceive;

		private long outputBufferSize = 0xffff_ffffL;

		private long maxQueuedBytes;

		private @Nullable Boolean sendYield;

		private Duration sendTimeout = Duration.ZERO;

		private Duration socketSendTimeout = Duration.ofSeconds(60);

		private Duration maxWaitTime = Duration.ofSeconds(3);

		private int maxConnection;

		private int maxConnectionPerIp;

		private Duration heartbeatCheckInterval = Duration.ZERO;

		private boolean enableReusePort;

		private Consumer<ChannelPipeline> pipelineCustomizer = (pipeline) -> {
		};

		private Builder() {
		}

		@Override
		Builder self() {
			return this;
		}

		/**
		 * Sets how event loops and workers relate. Default: {@code base}.
		 * @param mode the mode
		 * @return this builder
		 */
		public Builder mode(ServerMode mode) {
			this.mode = mode;
			return this;
		}

		/**
		 * Sets the interface to the operating system. Default: the first that works.
		 * @param transport the transport
		 * @return this builder
		 */
		public Builder transport(TransportType transport) {
			this.transport = transport;
			return this;
		}

		/**
		 * Sets the number of event workers. Default: the number of processors.
		 * @param workerNum the number; 0: the number of processors
		 * @return this builder
		 */
		public Builder workerNum(int workerNum) {
			this.workerNum = workerNum;
			return this;
		}

		/**
		 * Sets the number of event loops in mode {@code process}; never more than
		 * workers. Default: the number of processors, at most 8.
		 * @param reactorNum the number; 0: the default
		 * @return this builder
		 */
		public Builder reactorNum(int reactorNum) {
			this.reactorNum = reactorNum;
			return this;
		}

		/**
		 * Sets the number of task workers. Default: 0, no tasks.
		 * @param taskWorkerNum the number
		 * @return this builder
		 */
		public Builder taskWorkerNum(int taskWorkerNum) {
			this.taskWorkerNum = taskWorkerNum;
			return this;
		}

		/**
		 * Sets how many tasks may be open: accepted and not settled yet. With virtual
		 * threads it may be more for a while: by one for each handler of a packet that
		 * runs already. Default: 65536.
		 * @param taskQueueCapacity the number
		 * @return this builder
		 */
		public Builder taskQueueCapacity(int taskQueueCapacity) {
			this.taskQueueCapacity = taskQueueCapacity;
			return this;
		}

		/**
		 * Sets how a packet finds its worker. Default: {@code fixed}.
		 * @param dispatchMode the mode
		 * @return this builder
		 */
		public Builder dispatchMode(DispatchMode dispatchMode) {
			this.dispatchMode = dispatchMode;
			return this;
		}

		/**
		 * Sets what chooses workers in place of the dispatch mode. Default: nothing.
		 * Swoole: {@code dispatch_func}.
		 * @param dispatchStrategy the strategy, {@code null} for none
		 * @return this builder
		 */
		public Builder dispatchStrategy(@Nullable DispatchStrategy dispatchStrategy) {
			this.dispatchStrategy = dispatchStrategy;
			return this;
		}

		/**
		 * Sets whether there are connect, close and buffer events in the dispatch modes
		 * 1, 3, 7, 9 and 10, where a packet may be handled before the connect event or
		 * beside others of its connection. Default: {@code false}.
		 * @param enableUnsafeEvent {@code true} to have them
		 * @return this builder
		 */
		public Builder enableUnsafeEvent(boolean enableUnsafeEvent) {
			this.enableUnsafeEvent = enableUnsafeEvent;
			return this;
		}

		/**
		 * Sets whether packets that wait for a worker are dropped when their client has
		 * gone, in dispatch modes without close events. Default: {@code false}.
		 * @param discardTimeoutRequest {@code true} to drop them
		 * @return this builder
		 */
		public Builder discardTimeoutRequest(boolean discardTimeoutRequest) {
			this.discardTimeoutRequest = discardTimeoutRequest;
			return this;
		}

		/**
		 * Sets whether callbacks run on virtual threads: one after another for a
		 * connection, side by side for different connections. Needs Java 21. Default:
		 * {@code false}.
		 * @param enableCoroutine {@code true} for virtual threads
		 * @return this builder
		 */
		public Builder enableCoroutine(boolean enableCoroutine) {
			this.enableCoroutine = enableCoroutine;
			return this;
		}

		/**
		 * Sets how many virtual threads a worker may run when a packet or a new
		 * connection needs one more; beyond that the connection is closed. Default:
		 * 100000.
		 * @param maxCoroutine the number
		 * @return this builder
		 */
		public Builder maxCoroutine(int maxCoroutine) {
			this.maxCoroutine = maxCoroutine;
			return this;
		}

		/**
		 * Sets how long a callback may hold an event worker or an event loop until that
		 * is logged with its stack trace and counted. Virtual threads may block as long
		 * as they like. Default: 2 seconds.
		 * @param slowHandlerThreshold the time; zero: never
		 * @return this builder
		 */
		public Builder slowHandlerThreshold(Duration slowHandlerThreshold) {
			this.slowHandlerThreshold = slowHandlerThreshold;
			return this;
		}

		/**
		 * Sets how long a task may take until that is logged with its stack trace and
		 * counted. Default: zero, never.
		 * @param slowTaskThreshold the time; zero: never
		 * @return this builder
		 */
		public Builder slowTaskThreshold(Duration slowTaskThreshold) {
			this.slowTaskThreshold = slowTaskThreshold;
			return this;
		}

		/**
		 * Sets the number before the fd of the first connection. Default: 0, the first fd
		 * is 1. Swoole: {@code start_session_id}.
		 * @param startSessionId the number, at least 0
		 * @return this builder
		 */
		public Builder startSessionId(long startSessionId) {
			this.startSessionId = startSessionId;
			return this;
		}

		/**
		 * Sets whether nothing is read from a new connection until
		 * {@link SwooleServer#confirm} is called for it. Default: {@code false}.
		 * @param enableDelayReceive {@code true} to wait
		 * @return this builder
		 */
		public Builder enableDelayReceive(boolean enableDelayReceive) {
			this.enableDelayReceive = enableDelayReceive;
			return this;
		}

		/**
		 * Sets the largest amount of data one send may have. Files may be larger.
		 * Default: 4 GiB − 1.
		 * @param outputBufferSize the number of bytes, at least 1
		 * @return this builder
		 */
		public Builder outputBufferSize(long outputBufferSize) {
			this.outputBufferSize = outputBufferSize;
			return this;
		}

		/**
		 * Sets how many bytes of a connection may have been handed to its worker and not
		 * be handled yet; beyond, the connection is not read. Default: 0, which means 128
		 * packets or 1 MiB, whichever is reached first.
		 * @param maxQueuedBytes the number of bytes; 0: the default
		 * @return this builder
		 */
		public Builder maxQueuedBytes(long maxQueuedBytes) {
			this.maxQueuedBytes = maxQueuedBytes;
			return this;
		}

		/**
		 * Sets whether a send from a virtual thread to a connection that has reached
		 * {@code socket-buffer-size} waits for room instead of being refused. Event loops
		 * and other platform threads never wait. Default: as {@code enable-coroutine}, in
		 * the dispatch modes 2, 4 and 8, the only ones that can.
		 * @param sendYield {@code true} to wait
		 * @return this builder
		 */
		public Builder sendYield(boolean sendYield) {
			this.sendYield = sendYield;
			return this;
		}

		private boolean sendYield() {
			boolean wanted = (this.sendYield != null) ? this.sendYield : this.enableCoroutine;
			return wanted && canYield();
		}

		private boolean canYield() {
			int mode = this.dispatchMode.number();
			return mode == 2 || mode == 4 || mode == 8;
		}

		/**
		 * Sets how long a send from a virtual thread waits for room. Default: 0, as long
		 * as the connection lives.
		 * @param sendTimeout the time, at least one millisecond; 0: no limit
		 * @return this builder
		 */
		public Builder sendTimeout(Duration sendTimeout) {
			this.sendTimeout = sendTimeout;
			return this;
		}

		/**
		 * Sets how long {@link SwooleServer#sendWait} waits, and how long the client of a
		 * connection that is being closed may take nothing of what was sent to it before
		 * the connection is cut. Default: 60 seconds.
		 * @param socketSendTimeout the time, at least one millisecond
		 * @return this builder
		 */
		public Builder socketSendTimeout(Duration socketSendTimeout) {
			this.socketSendTimeout = socketSendTimeout;
			return this;
		}

		/**
		 * Sets how long running and queued work may take when the server stops, and how
		 * long a worker may take to come back for a restart. Default: 3 seconds.
		 * @param maxWaitTime the time
		 * @return this builder
		 */
		public Builder maxWaitTime(Duration maxWaitTime) {
			this.maxWaitTime = maxWaitTime;
			return this;
		}

		/**
		 * Sets how many connections may be open at the same time. More are closed as soon
		 * as they are accepted. Default: 0, the smaller of 100000 and the number of files
		 * the operating system lets the process open.
		 * @param maxConnection the number, at most 1048576; 0: the default
		 * @return this builder
		 */
		public Builder maxConnection(int maxConnection) {
			this.maxConnection = maxConnection;
			return this;
		}

		/**
		 * Sets how many connections may be open from one address at the same time, over
		 * all listeners. Default: 0, no limit.
		 * @param maxConnectionPerIp the number; 0: no limit
		 * @return this builder
		 */
		public Builder maxConnectionPerIp(int maxConnectionPerIp) {
			this.maxConnectionPerIp = maxConnectionPerIp;
			return this;
		}

		/**
		 * Sets how often silent clients are looked for. Never longer than half the
		 * {@code heartbeat-idle-time}, from which it is derived if it is not set.
		 * Default: 0.
		 * @param heartbeatCheckInterval the time; 0: derived
		 * @return this builder
		 */
		public Builder heartbeatCheckInterval(Duration heartbeatCheckInterval) {
			this.heartbeatCheckInterval = heartbeatCheckInterval;
			return this;
		}

		/**
		 * Sets whether several processes may listen on the same port
		 * ({@code SO_REUSEPORT}). Default: {@code false}.
		 * @param enableReusePort {@code true} if they may
		 * @return this builder
		 */
		public Builder enableReusePort(boolean enableReusePort) {
			this.enableReusePort = enableReusePort;
			return this;
		}

		/**
		 * Adds what is given the pipeline of every new connection, after those added
		 * before. Default: nothing.
		 * @param pipelineCustomizer the customizer, called on the event loop
		 * @return this builder
		 * @see PipelineNames
		 */
		public Builder pipelineCustomizer(Consumer<ChannelPipeline> pipelineCustomizer) {
			this.pipelineCustomizer = this.pipelineCustomizer.andThen(pipelineCustomizer);
			return this;
		}

		/**
		 * Adds a listener beside the main one.
		 * @param listener the listener
		 * @return this builder
		 */
		public Builder listener(ListenerOptions listener) {
			this.listeners.add(listener);
			return this;
		}

		/**
		 * Changes settings of a listener, or adds it if no call has named it before.
		 * @param name the name of the listener, not {@code main}
		 * @param settings is given its builder
		 * @return this builder
		 */
		public Builder listener(String name, Consumer<ListenerOptions.Builder> settings) {
			settings.accept(this.named.computeIfAbsent(name, ListenerOptions::builder));
			return this;
		}

		/**
		 * The settings of the main listener.
		 * @return its builder
		 */
		public ListenerOptions.Builder main() {
			return this.main;
		}

		/**
		 * Changes settings of the main listener.
		 * @param settings is given its builder
		 * @return this builder
		 */
		public Builder main(Consumer<ListenerOptions.Builder> settings) {
			settings.accept(this.main);
			return this;
		}

		/**
		 * Sets the address of the main listener. Default: 127.0.0.1.
		 * @param host an address or a host name
		 * @return this builder
		 */
		public Builder host(String host) {
			this.main.host(host);
			return this;
		}

		/**
		 * Sets the port of the main listener. Default: 9501.
		 * @param port the port; 0: any free port
		 * @return this builder
		 */
		public Builder port(int port) {
			this.main.port(port);
			return this;
		}

		/**
		 * Checks all settings.
		 * @return the options
		 * @throws InvalidOptionException naming the setting and what is allowed
		 */
		public ServerOptions build() {
			check(this.workerNum >= 0 && this.workerNum <= CPUS * 1000, "worker-num", this.workerNum,
					"allowed are 1 to " + CPUS * 1000 + ", and 0 for the number of processors");
			check(this.reactorNum >= 0 && this.reactorNum <= CPUS * 4, "reactor-num", this.reactorNum,
					"allowed are 1 to " + CPUS * 4 + ", and 0 for the default");
			check(this.taskWorkerNum >= 0 && this.taskWorkerNum <= CPUS * 1000, "task-worker-num", this.taskWorkerNum,
					"allowed are 0 to " + CPUS * 1000);
			check(this.taskQueueCapacity >= 1, "task-queue-capacity", this.taskQueueCapacity, "must be at least 1");
			check(this.maxConnection >= 0 && this.maxConnection <= MOST_CONNECTIONS, "max-connection",
					this.maxConnection, "allowed are 1 to " + MOST_CONNECTIONS + ", and 0 for the default");
			check(this.maxConnectionPerIp >= 0, "max-connection-per-ip", this.maxConnectionPerIp,
					"must not be negative; 0 is no limit");
			check(!this.heartbeatCheckInterval.isNegative(), "heartbeat-check-interval", this.heartbeatCheckInterval,
					"must not be negative");
			check(!this.enableCoroutine || JAVA >= 21, "enable-coroutine", true,
					"virtual threads need Java 21 or newer, this is Java " + JAVA);
			check(this.maxCoroutine >= 1, "max-coroutine", this.maxCoroutine, "must be at least 1");
			check(!this.slowHandlerThreshold.isNegative(), "slow-handler-threshold", this.slowHandlerThreshold,
					"must not be negative; zero switches it off");
			check(!this.slowTaskThreshold.isNegative(), "slow-task-threshold", this.slowTaskThreshold,
					"must not be negative; zero switches it off");
			check(!this.maxWaitTime.isNegative(), "max-wait-time", this.maxWaitTime, "must not be negative");
			check(this.startSessionId >= 0 && this.startSessionId <= Long.MAX_VALUE / 2, "start-session-id",
					this.startSessionId, "allowed are 0 to " + Long.MAX_VALUE / 2);
			check(this.outputBufferSize >= 1, "output-buffer-size", this.outputBufferSize, "must be at least 1 byte");
			check(this.maxQueuedBytes >= 0, "max-queued-bytes", this.maxQueuedBytes,
					"must be at least 1 byte, or 0 for the default");
			check(this.sendTimeout.isZero() || this.sendTimeout.compareTo(Duration.ofMillis(1)) >= 0, "send-timeout",
					this.sendTimeout, "must be at least 1 ms, or 0 for no limit");
			check(this.socketSendTimeout.compareTo(Duration.ofMillis(1)) >= 0, "socket-send-timeout",
					this.socketSendTimeout, "must be at least 1 ms");
			if (Boolean.TRUE.equals(this.sendYield) && !canYield()) {
				logger.warn("send-yield has no effect in dispatch mode {}: it needs one of 2, 4 and 8",
						this.dispatchMode.number());
			}
			ServerOptions options = new ServerOptions(this);
			Set<String> names = new HashSet<>();
			for (ListenerOptions listener : options.listeners) {
				check(names.add(listener.name()), "listeners.name", listener.name(),
						"another listener has this name already");
			}
			return options;
		}

		private static void check(boolean valid, String option, Object value, String reason) {
			if (!valid) {
				throw new InvalidOptionException("", option, value, reason);
			}
		}

	}

}
