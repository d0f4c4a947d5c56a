package io.swoole.spring.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

import io.swoole.server.DispatchMode;
import io.swoole.server.ServerMode;
import io.swoole.server.TransportType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DataSizeUnit;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.unit.DataSize;
import org.springframework.util.unit.DataUnit;

/**
 * The properties of the server, with Swoole's names; those of a listener are of the main
 * one.
 */
@ConfigurationProperties("swoole.server")
public class SwooleServerProperties extends TaskProperties {

	/**
	 * Local port to listen on. Zero means any free port.
	 */
	private int port = 9501;

	/**
	 * Further listeners, each with a name, a port and the properties of a listener. What
	 * a listener does not set it takes over from the main one: framing and TLS together,
	 * if nothing of them is set, everything else one by one.
	 */
	private List<AdditionalListenerProperties> listeners = new ArrayList<>();

	/**
	 * How event loops and workers relate.
	 */
	private ServerMode mode = ServerMode.BASE;

	/**
	 * Interface to the operating system.
	 */
	private TransportType transport = TransportType.AUTO;

	/**
	 * Number of event workers. By default the number of processors.
	 */
	private @Nullable Integer workerNum;

	/**
	 * Number of event loops in mode 'process'. By default the number of processors, at
	 * most 8.
	 */
	private @Nullable Integer reactorNum;

	/**
	 * Number of task workers. Zero means that there are no tasks.
	 */
	private int taskWorkerNum = 0;

	/**
	 * Number of tasks that may be accepted and not finished yet. With virtual threads it
	 * may be more for a while, by one for each handler that runs already.
	 */
	private int taskQueueCapacity = 65536;

	/**
	 * Whether tasks that are posted in a transaction, and that nobody waits for, are
	 * dispatched when it commits and dropped when it is rolled back.
	 */
	private boolean taskAfterCommit = false;

	/**
	 * How a packet finds its worker, by name or by Swoole's number.
	 */
	private DispatchMode dispatchMode = DispatchMode.FIXED;

	/**
	 * Whether there are connect, close and buffer events in dispatch modes that cannot
	 * keep them in order with packets.
	 */
	private boolean enableUnsafeEvent = false;

	/**
	 * Whether packets that wait for a worker are dropped when their client has gone, in
	 * dispatch modes without close events.
	 */
	private boolean discardTimeoutRequest = false;

	/**
	 * Whether callbacks run on virtual threads, which needs Java 21. By default the value
	 * of 'spring.threads.virtual.enabled' on Java 21 or newer.
	 */
	private @Nullable Boolean enableCoroutine;

	/**
	 * Number of virtual threads a worker may run when a packet needs one more. Beyond
	 * that its connection is closed.
	 */
	private int maxCoroutine = 100_000;

	/**
	 * How long a callback may hold an event worker or an event loop until that is logged
	 * with its stack trace. If a duration suffix is not specified, seconds are used. Zero
	 * means never.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration slowHandlerThreshold = Duration.ofSeconds(2);

	/**
	 * How long a task may take until that is logged with its stack trace. If a duration
	 * suffix is not specified, seconds are used. Zero means never.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration slowTaskThreshold = Duration.ZERO;

	/**
	 * Number of connections that may be open at the same time. By default the smaller of
	 * 100000 and the number of files the operating system lets the process open.
	 */
	private @Nullable Integer maxConnection;

	/**
	 * Number of connections that may be open from one address at the same time. Zero
	 * means no limit.
	 */
	private int maxConnectionPerIp = 0;

	/**
	 * How often silent clients are looked for, at most half the heartbeat-idle-time. If a
	 * duration suffix is not specified, seconds are used. Zero means that it is derived
	 * from heartbeat-idle-time, and never happens without that.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration heartbeatCheckInterval = Duration.ZERO;

	/**
	 * Number before the fd of the first connection.
	 */
	private long startSessionId = 0;

	/**
	 * Whether nothing is read from a new connection until it is confirmed.
	 */
	private boolean enableDelayReceive = false;

	/**
	 * Size of the largest data that one call may send; files may be larger. If a unit
	 * suffix is not specified, bytes are used.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize outputBufferSize = DataSize.ofBytes(0xffff_ffffL);

	/**
	 * Number of bytes of a connection that may wait for their worker until the connection
	 * is not read. If a unit suffix is not specified, bytes are used. Zero means 128
	 * packets or 1MB.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize maxQueuedBytes = DataSize.ofBytes(0);

	/**
	 * Whether a send from a virtual thread waits for room in the output of the connection
	 * instead of being refused. By default the value of enable-coroutine.
	 */
	private @Nullable Boolean sendYield;

	/**
	 * How long a send from a virtual thread waits for room. If a duration suffix is not
	 * specified, seconds are used. Zero means as long as the connection lives.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration sendTimeout = Duration.ZERO;

	/**
	 * How long a blocking send may take, and how long the client of a connection that is
	 * being closed may take nothing of what was sent to it. If a duration suffix is not
	 * specified, seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration socketSendTimeout = Duration.ofSeconds(60);

	/**
	 * Whether several processes may listen on the same port.
	 */
	private boolean enableReusePort = false;

	/**
	 * How long running and queued work may take when the server stops, and how long a
	 * worker may take to come back for a restart. If a duration suffix is not specified,
	 * seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration maxWaitTime = Duration.ofSeconds(3);

	/**
	 * Number of packets after which an event worker begins anew. Zero means never.
	 */
	private int maxRequest = 0;

	/**
	 * Number of packets more it may be, by chance, so that not all event workers begin
	 * anew together. By default half of max-request if that is more than 10.
	 */
	private @Nullable Integer maxRequestGrace;

	/**
	 * Whether a reload restarts all workers at once instead of one after another.
	 */
	private boolean reloadAsync = true;

	/**
	 * Number of threads of workers that may be given up at the same time because a
	 * callback does not end. Beyond that such callbacks are only interrupted.
	 */
	private int taskMaxAbandonedThreads = 16;

	public List<AdditionalListenerProperties> getListeners() {
		return this.listeners;
	}

	public void setListeners(List<AdditionalListenerProperties> listeners) {
		this.listeners = listeners;
	}

	public int getPort() {
		return this.port;
	}

	public void setPort(int port) {
		this.port = port;
	}

	public ServerMode getMode() {
		return this.mode;
	}

	public void setMode(ServerMode mode) {
		this.mode = mode;
	}

	public TransportType getTransport() {
		return this.transport;
	}

	public void setTransport(TransportType transport) {
		this.transport = transport;
	}

	public @Nullable Integer getWorkerNum() {
		return this.workerNum;
	}

	public void setWorkerNum(@Nullable Integer workerNum) {
		this.workerNum = workerNum;
	}

	public @Nullable Integer getReactorNum() {
		return this.reactorNum;
	}

	public void setReactorNum(@Nullable Integer reactorNum) {
		this.reactorNum = reactorNum;
	}

	public int getTaskWorkerNum() {
		return this.taskWorkerNum;
	}

	public void setTaskWorkerNum(int taskWorkerNum) {
		this.taskWorkerNum = taskWorkerNum;
	}

	public int getTaskQueueCapacity() {
		return this.taskQueueCapacity;
	}

	public void setTaskQueueCapacity(int taskQueueCapacity) {
		this.taskQueueCapacity = taskQueueCapacity;
	}

	public boolean isTaskAfterCommit() {
		return this.taskAfterCommit;
	}

	public void setTaskAfterCommit(boolean taskAfterCommit) {
		this.taskAfterCommit = taskAfterCommit;
	}

	public DispatchMode getDispatchMode() {
		return this.dispatchMode;
	}

	public void setDispatchMode(DispatchMode dispatchMode) {
		this.dispatchMode = dispatchMode;
	}

	public boolean isEnableUnsafeEvent() {
		return this.enableUnsafeEvent;
	}

	public void setEnableUnsafeEvent(boolean enableUnsafeEvent) {
		this.enableUnsafeEvent = enableUnsafeEvent;
	}

	public boolean isDiscardTimeoutRequest() {
		return this.discardTimeoutRequest;
	}

	public void setDiscardTimeoutRequest(boolean discardTimeoutRequest) {
		this.discardTimeoutRequest = discardTimeoutRequest;
	}

	public @Nullable Boolean getEnableCoroutine() {
		return this.enableCoroutine;
	}

	public void setEnableCoroutine(@Nullable Boolean enableCoroutine) {
		this.enableCoroutine = enableCoroutine;
	}

	public int getMaxCoroutine() {
		return this.maxCoroutine;
	}

	public void setMaxCoroutine(int maxCoroutine) {
		this.maxCoroutine = maxCoroutine;
	}

	public Duration getSlowHandlerThreshold() {
		return this.slowHandlerThreshold;
	}

	public void setSlowHandlerThreshold(Duration slowHandlerThreshold) {
		this.slowHandlerThreshold = slowHandlerThreshold;
	}

	public Duration getSlowTaskThreshold() {
		return this.slowTaskThreshold;
	}

	public void setSlowTaskThreshold(Duration slowTaskThreshold) {
		this.slowTaskThreshold = slowTaskThreshold;
	}

	public @Nullable Integer getMaxConnection() {
		return this.maxConnection;
	}

	public void setMaxConnection(@Nullable Integer maxConnection) {
		this.maxConnection = maxConnection;
	}

	public int getMaxConnectionPerIp() {
		return this.maxConnectionPerIp;
	}

	public void setMaxConnectionPerIp(int maxConnectionPerIp) {
		this.maxConnectionPerIp = maxConnectionPerIp;
	}

	public Duration getHeartbeatCheckInterval() {
		return this.heartbeatCheckInterval;
	}

	public void setHeartbeatCheckInterval(Duration heartbeatCheckInterval) {
		this.heartbeatCheckInterval = heartbeatCheckInterval;
	}

	public long getStartSessionId() {
		return this.startSessionId;
	}

	public void setStartSessionId(long startSessionId) {
		this.startSessionId = startSessionId;
	}

	public boolean isEnableDelayReceive() {
		return this.enableDelayReceive;
	}

	public void setEnableDelayReceive(boolean enableDelayReceive) {
		this.enableDelayReceive = enableDelayReceive;
	}

	public DataSize getOutputBufferSize() {
		return this.outputBufferSize;
	}

	public void setOutputBufferSize(DataSize outputBufferSize) {
		this.outputBufferSize = outputBufferSize;
	}

	public DataSize getMaxQueuedBytes() {
		return this.maxQueuedBytes;
	}

	public void setMaxQueuedBytes(DataSize maxQueuedBytes) {
		this.maxQueuedBytes = maxQueuedBytes;
	}

	public @Nullable Boolean getSendYield() {
		return this.sendYield;
	}

	public void setSendYield(@Nullable Boolean sendYield) {
		this.sendYield = sendYield;
	}

	public Duration getSendTimeout() {
		return this.sendTimeout;
	}

	public void setSendTimeout(Duration sendTimeout) {
		this.sendTimeout = sendTimeout;
	}

	public Duration getSocketSendTimeout() {
		return this.socketSendTimeout;
	}

	public void setSocketSendTimeout(Duration socketSendTimeout) {
		this.socketSendTimeout = socketSendTimeout;
	}

	public boolean isEnableReusePort() {
		return this.enableReusePort;
	}

	public void setEnableReusePort(boolean enableReusePort) {
		this.enableReusePort = enableReusePort;
	}

	public int getMaxRequest() {
		return this.maxRequest;
	}

	public void setMaxRequest(int maxRequest) {
		this.maxRequest = maxRequest;
	}

	public @Nullable Integer getMaxRequestGrace() {
		return this.maxRequestGrace;
	}

	public void setMaxRequestGrace(@Nullable Integer maxRequestGrace) {
		this.maxRequestGrace = maxRequestGrace;
	}

	public boolean isReloadAsync() {
		return this.reloadAsync;
	}

	public void setReloadAsync(boolean reloadAsync) {
		this.reloadAsync = reloadAsync;
	}

	public int getTaskMaxAbandonedThreads() {
		return this.taskMaxAbandonedThreads;
	}

	public void setTaskMaxAbandonedThreads(int taskMaxAbandonedThreads) {
		this.taskMaxAbandonedThreads = taskMaxAbandonedThreads;
	}

	public Duration getMaxWaitTime() {
		return this.maxWaitTime;
	}

	public void setMaxWaitTime(Duration maxWaitTime) {
		this.maxWaitTime = maxWaitTime;
	}

}
