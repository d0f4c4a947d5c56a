package io.swoole.spring.autoconfigure;

import java.util.stream.Stream;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;

import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.util.unit.DataSize;

/**
 * Turns properties into the options of the server.
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
		PropertyMapper map = PropertyMapper.get();
		builder.port(properties.getPort());
		map.from(properties.getMode()).to(builder::mode);
		map.from(properties.getTransport()).to(builder::transport);
		map.from(properties.getWorkerNum()).to(builder::workerNum);
		map.from(properties.getReactorNum()).to(builder::reactorNum);
		builder.taskWorkerNum(properties.getTaskWorkerNum());
		builder.taskQueueCapacity(properties.getTaskQueueCapacity());
		map.from(properties.getDispatchMode()).to(builder::dispatchMode);
		builder.enableUnsafeEvent(properties.isEnableUnsafeEvent());
		builder.discardTimeoutRequest(properties.isDiscardTimeoutRequest());
		map.from(properties.getEnableCoroutine()).to(builder::enableCoroutine);
		builder.maxCoroutine(properties.getMaxCoroutine());
		map.from(properties.getSlowHandlerThreshold()).to(builder::slowHandlerThreshold);
		map.from(properties.getSlowTaskThreshold()).to(builder::slowTaskThreshold);
		map.from(properties.getMaxConnection()).to(builder::maxConnection);
		builder.maxConnectionPerIp(properties.getMaxConnectionPerIp());
		map.from(properties.getHeartbeatCheckInterval()).to(builder::heartbeatCheckInterval);
		builder.startSessionId(properties.getStartSessionId());
		builder.enableDelayReceive(properties.isEnableDelayReceive());
		map.from(properties.getOutputBufferSize()).as(DataSize::toBytes).to(builder::outputBufferSize);
		map.from(properties.getMaxQueuedBytes()).as(DataSize::toBytes).to(builder::maxQueuedBytes);
		map.from(properties.getSendYield()).to(builder::sendYield);
		map.from(properties.getSendTimeout()).to(builder::sendTimeout);
		map.from(properties.getSocketSendTimeout()).to(builder::socketSendTimeout);
		builder.enableReusePort(properties.isEnableReusePort());
		map.from(properties.getMaxWaitTime()).to(builder::maxWaitTime);
		applyTasks(properties, builder);
		builder.maxRequest(properties.getMaxRequest());
		map.from(properties.getMaxRequestGrace()).to(builder::maxRequestGrace);
		builder.reloadAsync(properties.isReloadAsync());
		builder.taskMaxAbandonedThreads(properties.getTaskMaxAbandonedThreads());
		apply("main", properties, builder.main());
	}

	private static void applyTasks(TaskProperties properties, ServerOptions.Builder builder) {
		PropertyMapper map = PropertyMapper.get();
		builder.taskIpcMode(properties.getTaskIpcMode());
		builder.messageQueueKey(properties.getMessageQueueKey());
		builder.taskMaxRequest(properties.getTaskMaxRequest());
		map.from(properties.getTaskMaxRequestGrace()).to(builder::taskMaxRequestGrace);
		builder.taskEnableCoroutine(properties.isTaskEnableCoroutine());
		builder.taskMaxCoroutine(properties.getTaskMaxCoroutine());
		map.from(properties.getTaskTimeout()).to(builder::taskTimeout);
		builder.taskRetries(properties.getTaskRetries());
		map.from(properties.getTaskBackoff()).to(builder::taskBackoff);
		map.from(properties.getTaskMaxBackoff()).to(builder::taskMaxBackoff);
		map.from(properties.getTaskRetryOn()).to(builder::taskRetryOn);
		map.from(properties.getTaskNoRetryOn()).to(builder::taskNoRetryOn);
		builder.taskDeadLetterCapacity(properties.getTaskDeadLetterCapacity());
		map.from(properties.getTaskResultTimeout()).to(builder::taskResultTimeout);
		builder.taskResultCapacity(properties.getTaskResultCapacity());
	}

	/**
	 * Applies the properties of a listener.
	 * @param listener its name
	 * @param properties the properties
	 * @param builder the options of the listener
	 */
	static void apply(String listener, ListenerProperties properties, ListenerOptions.Builder builder) {
		PropertyMapper map = PropertyMapper.get();
		map.from(properties.getType()).to(builder::type);
		map.from(properties.getHost()).to(builder::host);
		map.from(properties.getUnixSocketPermissions()).to(builder::unixSocketPermissions);
		map.from(properties.getSslHandshakeTimeout()).to(builder::sslHandshakeTimeout);
		builder.backlog(properties.getBacklog());
		builder.openTcpNodelay(properties.isOpenTcpNodelay());
		builder.openTcpKeepalive(properties.isOpenTcpKeepalive());
		map.from(properties.getTcpKeepidle()).to(builder::tcpKeepidle);
		map.from(properties.getTcpKeepinterval()).to(builder::tcpKeepinterval);
		builder.tcpKeepcount(properties.getTcpKeepcount());
		map.from(properties.getTcpDeferAccept()).to(builder::tcpDeferAccept);
		builder.tcpFastopen(properties.isTcpFastopen());
		map.from(properties.getTcpUserTimeout()).to(builder::tcpUserTimeout);
		map.from(properties.getKernelSocketRecvBufferSize())
			.as((size) -> bytes(listener, "kernel-socket-recv-buffer-size", size))
			.to(builder::kernelSocketRecvBufferSize);
		map.from(properties.getKernelSocketSendBufferSize())
			.as((size) -> bytes(listener, "kernel-socket-send-buffer-size", size))
			.to(builder::kernelSocketSendBufferSize);
		map.from(properties.getHeartbeatIdleTime()).to(builder::heartbeatIdleTime);
		map.from(properties.getMaxIdleTime()).to(builder::maxIdleTime);
		map.from(properties.getPacketTimeout()).to(builder::packetTimeout);
		builder.proxyProtocol(properties.isProxyProtocol());
		map.from(properties.getAllowFrom()).to(builder::allowFrom);
		map.from(properties.getDenyFrom()).to(builder::denyFrom);
		map.from(properties.getSocketBufferSize()).as(DataSize::toBytes).to(builder::socketBufferSize);
		map.from(properties.getBufferHighWatermark()).as(DataSize::toBytes).to(builder::bufferHighWatermark);
		map.from(properties.getBufferLowWatermark()).as(DataSize::toBytes).to(builder::bufferLowWatermark);
		builder.halfClose(properties.isHalfClose());
		map.from(properties.getHalfCloseTimeout()).to(builder::halfCloseTimeout);
		builder.openEofCheck(properties.isOpenEofCheck());
		builder.openEofSplit(properties.isOpenEofSplit());
		map.from(properties.getPackageEof()).to(builder::packageEof);
		builder.openLengthCheck(properties.isOpenLengthCheck());
		map.from(properties.getPackageLengthType()).to(builder::packageLengthType);
		builder.packageLengthOffset(properties.getPackageLengthOffset());
		builder.packageBodyOffset(properties.getPackageBodyOffset());
		builder.openMqttProtocol(properties.isOpenMqttProtocol());
		builder.packageStrip(properties.isPackageStrip());
		map.from(properties.getPackageMaxLength())
			.as((size) -> bytes(listener, "package-max-length", size))
			.to(builder::packageMaxLength);
	}

	private static int bytes(String listener, String option, DataSize size) {
		if (size.toBytes() > Integer.MAX_VALUE) {
			throw new InvalidOptionException(listener, option, size, "must be at most " + Integer.MAX_VALUE + " bytes");
		}
		return (int) size.toBytes();
	}

}
