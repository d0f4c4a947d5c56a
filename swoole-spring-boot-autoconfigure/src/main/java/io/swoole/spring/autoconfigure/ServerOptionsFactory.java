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
		map.from(properties::getPort).to(builder::port);
		map.from(properties::getMode).to(builder::mode);
		map.from(properties::getTransport).to(builder::transport);
		map.from(properties::getWorkerNum).to(builder::workerNum);
		map.from(properties::getReactorNum).to(builder::reactorNum);
		map.from(properties::getTaskWorkerNum).to(builder::taskWorkerNum);
		map.from(properties::getTaskQueueCapacity).to(builder::taskQueueCapacity);
		map.from(properties::getDispatchMode).to(builder::dispatchMode);
		map.from(properties::isEnableUnsafeEvent).to(builder::enableUnsafeEvent);
		map.from(properties::isDiscardTimeoutRequest).to(builder::discardTimeoutRequest);
		map.from(properties::getEnableCoroutine).to(builder::enableCoroutine);
		map.from(properties::getMaxCoroutine).to(builder::maxCoroutine);
		map.from(properties::getSlowHandlerThreshold).to(builder::slowHandlerThreshold);
		map.from(properties::getSlowTaskThreshold).to(builder::slowTaskThreshold);
		map.from(properties::getMaxConnection).to(builder::maxConnection);
		map.from(properties::getMaxConnectionPerIp).to(builder::maxConnectionPerIp);
		map.from(properties::getHeartbeatCheckInterval).to(builder::heartbeatCheckInterval);
		map.from(properties::getStartSessionId).to(builder::startSessionId);
		map.from(properties::isEnableDelayReceive).to(builder::enableDelayReceive);
		map.from(properties::getOutputBufferSize).as(DataSize::toBytes).to(builder::outputBufferSize);
		map.from(properties::getMaxQueuedBytes).as(DataSize::toBytes).to(builder::maxQueuedBytes);
		map.from(properties::getSendYield).to(builder::sendYield);
		map.from(properties::getSendTimeout).to(builder::sendTimeout);
		map.from(properties::getSocketSendTimeout).to(builder::socketSendTimeout);
		map.from(properties::isEnableReusePort).to(builder::enableReusePort);
		map.from(properties::getMaxWaitTime).to(builder::maxWaitTime);
		applyTasks(properties, builder);
		map.from(properties::getMaxRequest).to(builder::maxRequest);
		map.from(properties::getMaxRequestGrace).to(builder::maxRequestGrace);
		map.from(properties::isReloadAsync).to(builder::reloadAsync);
		map.from(properties::getTaskMaxAbandonedThreads).to(builder::taskMaxAbandonedThreads);
		apply("main", properties, builder.main());
	}

	private static void applyTasks(TaskProperties properties, ServerOptions.Builder builder) {
		PropertyMapper map = PropertyMapper.get();
		map.from(properties::getTaskIpcMode).to(builder::taskIpcMode);
		map.from(properties::getMessageQueueKey).to(builder::messageQueueKey);
		map.from(properties::getTaskMaxRequest).to(builder::taskMaxRequest);
		map.from(properties::getTaskMaxRequestGrace).to(builder::taskMaxRequestGrace);
		map.from(properties::isTaskEnableCoroutine).to(builder::taskEnableCoroutine);
		map.from(properties::getTaskMaxCoroutine).to(builder::taskMaxCoroutine);
		map.from(properties::getTaskTimeout).to(builder::taskTimeout);
		map.from(properties::getTaskRetries).to(builder::taskRetries);
		map.from(properties::getTaskBackoff).to(builder::taskBackoff);
		map.from(properties::getTaskMaxBackoff).to(builder::taskMaxBackoff);
		map.from(properties::getTaskRetryOn).to(builder::taskRetryOn);
		map.from(properties::getTaskNoRetryOn).to(builder::taskNoRetryOn);
		map.from(properties::getTaskDeadLetterCapacity).to(builder::taskDeadLetterCapacity);
		map.from(properties::getTaskResultTimeout).to(builder::taskResultTimeout);
		map.from(properties::getTaskResultCapacity).to(builder::taskResultCapacity);
	}

	/**
	 * Applies the properties of a listener.
	 * @param listener its name
	 * @param properties the properties
	 * @param builder the options of the listener
	 */
	static void apply(String listener, ListenerProperties properties, ListenerOptions.Builder builder) {
		PropertyMapper map = PropertyMapper.get();
		map.from(properties::getType).to(builder::type);
		map.from(properties::getHost).to(builder::host);
		map.from(properties::getUnixSocketPermissions).to(builder::unixSocketPermissions);
		map.from(properties::getSslHandshakeTimeout).to(builder::sslHandshakeTimeout);
		map.from(properties::getBacklog).to(builder::backlog);
		map.from(properties::isOpenTcpNodelay).to(builder::openTcpNodelay);
		map.from(properties::isOpenTcpKeepalive).to(builder::openTcpKeepalive);
		map.from(properties::getTcpKeepidle).to(builder::tcpKeepidle);
		map.from(properties::getTcpKeepinterval).to(builder::tcpKeepinterval);
		map.from(properties::getTcpKeepcount).to(builder::tcpKeepcount);
		map.from(properties::getTcpDeferAccept).to(builder::tcpDeferAccept);
		map.from(properties::isTcpFastopen).to(builder::tcpFastopen);
		map.from(properties::getTcpUserTimeout).to(builder::tcpUserTimeout);
		map.from(properties::getKernelSocketRecvBufferSize)
			.as((size) -> bytes(listener, "kernel-socket-recv-buffer-size", size))
			.to(builder::kernelSocketRecvBufferSize);
		map.from(properties::getKernelSocketSendBufferSize)
			.as((size) -> bytes(listener, "kernel-socket-send-buffer-size", size))
			.to(builder::kernelSocketSendBufferSize);
		map.from(properties::getHeartbeatIdleTime).to(builder::heartbeatIdleTime);
		map.from(properties::getMaxIdleTime).to(builder::maxIdleTime);
		map.from(properties::getPacketTimeout).to(builder::packetTimeout);
		map.from(properties::isProxyProtocol).to(builder::proxyProtocol);
		map.from(properties::getAllowFrom).to(builder::allowFrom);
		map.from(properties::getDenyFrom).to(builder::denyFrom);
		map.from(properties::getSocketBufferSize).as(DataSize::toBytes).to(builder::socketBufferSize);
		map.from(properties::getBufferHighWatermark).as(DataSize::toBytes).to(builder::bufferHighWatermark);
		map.from(properties::getBufferLowWatermark).as(DataSize::toBytes).to(builder::bufferLowWatermark);
		map.from(properties::isHalfClose).to(builder::halfClose);
		map.from(properties::getHalfCloseTimeout).to(builder::halfCloseTimeout);
		map.from(properties::isOpenEofCheck).to(builder::openEofCheck);
		map.from(properties::isOpenEofSplit).to(builder::openEofSplit);
		map.from(properties::getPackageEof).to(builder::packageEof);
		map.from(properties::isOpenLengthCheck).to(builder::openLengthCheck);
		map.from(properties::getPackageLengthType).to(builder::packageLengthType);
		map.from(properties::getPackageLengthOffset).to(builder::packageLengthOffset);
		map.from(properties::getPackageBodyOffset).to(builder::packageBodyOffset);
		map.from(properties::isOpenMqttProtocol).to(builder::openMqttProtocol);
		map.from(properties::isPackageStrip).to(builder::packageStrip);
		map.from(properties::getPackageMaxLength)
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
