package io.swoole.spring.autoconfigure;

import java.util.stream.Stream;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;

import org.springframework.util.unit.DataSize;

/**
 * Turns properties into the options of the server. It calls setters directly: a method
 * reference for each would be a class for each, made while the application starts.
 */
final class ServerOptionsFactory {

	private ServerOptionsFactory() {
	}

	/**
	 * Makes the options.
	 * @param properties the properties
	 * @param customizers applied afterwards, in their order
	 * @return the options
	 * @throws InvalidOptionException if a setting is invalid
	 */
	static ServerOptions create(SwooleServerProperties properties, Stream<SwooleServerCustomizer> customizers) {
		ServerOptions.Builder builder = ServerOptions.builder();
		apply(properties, builder);
		customizers.forEach((customizer) -> customizer.customize(builder));
		return builder.build();
	}

	private static void apply(SwooleServerProperties properties, ServerOptions.Builder builder) {
		builder.port(properties.getPort());
		builder.mode(properties.getMode());
		builder.transport(properties.getTransport());
		if (properties.getWorkerNum() != null) {
			builder.workerNum(properties.getWorkerNum());
		}
		if (properties.getReactorNum() != null) {
			builder.reactorNum(properties.getReactorNum());
		}
		builder.taskWorkerNum(properties.getTaskWorkerNum());
		builder.taskQueueCapacity(properties.getTaskQueueCapacity());
		builder.dispatchMode(properties.getDispatchMode());
		builder.enableUnsafeEvent(properties.isEnableUnsafeEvent());
		builder.discardTimeoutRequest(properties.isDiscardTimeoutRequest());
		if (properties.getEnableCoroutine() != null) {
			builder.enableCoroutine(properties.getEnableCoroutine());
		}
		builder.maxCoroutine(properties.getMaxCoroutine());
		builder.slowHandlerThreshold(properties.getSlowHandlerThreshold());
		builder.slowTaskThreshold(properties.getSlowTaskThreshold());
		if (properties.getMaxConnection() != null) {
			builder.maxConnection(properties.getMaxConnection());
		}
		builder.maxConnectionPerIp(properties.getMaxConnectionPerIp());
		builder.heartbeatCheckInterval(properties.getHeartbeatCheckInterval());
		builder.startSessionId(properties.getStartSessionId());
		builder.enableDelayReceive(properties.isEnableDelayReceive());
		builder.outputBufferSize(properties.getOutputBufferSize().toBytes());
		builder.maxQueuedBytes(properties.getMaxQueuedBytes().toBytes());
		if (properties.getSendYield() != null) {
			builder.sendYield(properties.getSendYield());
		}
		builder.sendTimeout(properties.getSendTimeout());
		builder.socketSendTimeout(properties.getSocketSendTimeout());
		builder.enableReusePort(properties.isEnableReusePort());
		builder.maxWaitTime(properties.getMaxWaitTime());
		applyTasks(properties, builder);
		builder.maxRequest(properties.getMaxRequest());
		if (properties.getMaxRequestGrace() != null) {
			builder.maxRequestGrace(properties.getMaxRequestGrace());
		}
		builder.reloadAsync(properties.isReloadAsync());
		builder.taskMaxAbandonedThreads(properties.getTaskMaxAbandonedThreads());
		apply("main", properties, builder.main());
	}

	private static void applyTasks(TaskProperties properties, ServerOptions.Builder builder) {
		builder.taskIpcMode(properties.getTaskIpcMode());
		builder.messageQueueKey(properties.getMessageQueueKey());
		builder.taskMaxRequest(properties.getTaskMaxRequest());
		if (properties.getTaskMaxRequestGrace() != null) {
			builder.taskMaxRequestGrace(properties.getTaskMaxRequestGrace());
		}
		builder.taskEnableCoroutine(properties.isTaskEnableCoroutine());
		builder.taskMaxCoroutine(properties.getTaskMaxCoroutine());
		builder.taskTimeout(properties.getTaskTimeout());
		builder.taskRetries(properties.getTaskRetries());
		builder.taskBackoff(properties.getTaskBackoff());
		builder.taskMaxBackoff(properties.getTaskMaxBackoff());
		builder.taskRetryOn(properties.getTaskRetryOn());
		builder.taskNoRetryOn(properties.getTaskNoRetryOn());
		builder.taskDeadLetterCapacity(properties.getTaskDeadLetterCapacity());
		builder.taskResultTimeout(properties.getTaskResultTimeout());
		builder.taskResultCapacity(properties.getTaskResultCapacity());
	}

	/**
	 * Applies the properties of a listener.
	 * @param listener its name
	 * @param properties the properties
	 * @param builder the options of the listener
	 */
	static void apply(String listener, ListenerProperties properties, ListenerOptions.Builder builder) {
		builder.type(properties.getType());
		if (properties.getHost() != null) {
			builder.host(properties.getHost());
		}
		if (properties.getUnixSocketPermissions() != null) {
			builder.unixSocketPermissions(properties.getUnixSocketPermissions());
		}
		builder.sslHandshakeTimeout(properties.getSslHandshakeTimeout());
		builder.backlog(properties.getBacklog());
		builder.openTcpNodelay(properties.isOpenTcpNodelay());
		builder.openTcpKeepalive(properties.isOpenTcpKeepalive());
		builder.tcpKeepidle(properties.getTcpKeepidle());
		builder.tcpKeepinterval(properties.getTcpKeepinterval());
		builder.tcpKeepcount(properties.getTcpKeepcount());
		builder.tcpDeferAccept(properties.getTcpDeferAccept());
		builder.tcpFastopen(properties.isTcpFastopen());
		builder.tcpUserTimeout(properties.getTcpUserTimeout());
		builder.kernelSocketRecvBufferSize(
				bytes(listener, "kernel-socket-recv-buffer-size", properties.getKernelSocketRecvBufferSize()));
		builder.kernelSocketSendBufferSize(
				bytes(listener, "kernel-socket-send-buffer-size", properties.getKernelSocketSendBufferSize()));
		if (properties.getHeartbeatIdleTime() != null) {
			builder.heartbeatIdleTime(properties.getHeartbeatIdleTime());
		}
		builder.maxIdleTime(properties.getMaxIdleTime());
		builder.packetTimeout(properties.getPacketTimeout());
		builder.proxyProtocol(properties.isProxyProtocol());
		builder.allowFrom(properties.getAllowFrom());
		builder.denyFrom(properties.getDenyFrom());
		builder.socketBufferSize(properties.getSocketBufferSize().toBytes());
		if (properties.getBufferHighWatermark() != null) {
			builder.bufferHighWatermark(properties.getBufferHighWatermark().toBytes());
		}
		builder.bufferLowWatermark(properties.getBufferLowWatermark().toBytes());
		builder.halfClose(properties.isHalfClose());
		builder.halfCloseTimeout(properties.getHalfCloseTimeout());
		builder.openEofCheck(properties.isOpenEofCheck());
		builder.openEofSplit(properties.isOpenEofSplit());
		builder.packageEof(properties.getPackageEof());
		builder.openLengthCheck(properties.isOpenLengthCheck());
		builder.packageLengthType(properties.getPackageLengthType());
		builder.packageLengthOffset(properties.getPackageLengthOffset());
		builder.packageBodyOffset(properties.getPackageBodyOffset());
		builder.openMqttProtocol(properties.isOpenMqttProtocol());
		builder.packageStrip(properties.isPackageStrip());
		builder.packageMaxLength(bytes(listener, "package-max-length", properties.getPackageMaxLength()));
	}

	private static int bytes(String listener, String option, DataSize size) {
		if (size.toBytes() != (int) size.toBytes()) {
			throw new InvalidOptionException(listener, option, size,
					size.isNegative() ? "must not be negative" : "must be at most " + Integer.MAX_VALUE + " bytes");
		}
		return (int) size.toBytes();
	}

}
