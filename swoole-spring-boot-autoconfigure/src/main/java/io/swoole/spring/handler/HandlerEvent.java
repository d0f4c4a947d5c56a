package io.swoole.spring.handler;

import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.netty.buffer.ByteBuf;
import io.swoole.server.CloseHandler;
import io.swoole.server.ConnectHandler;
import io.swoole.server.FinishHandler;
import io.swoole.server.Packet;
import io.swoole.server.PacketHandler;
import io.swoole.server.PipeMessage;
import io.swoole.server.PipeMessageHandler;
import io.swoole.server.ReceiveHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.server.WorkerError;
import io.swoole.spring.annotation.OnAfterReload;
import io.swoole.spring.annotation.OnBeforeReload;
import io.swoole.spring.annotation.OnBeforeShutdown;
import io.swoole.spring.annotation.OnBufferEmpty;
import io.swoole.spring.annotation.OnBufferFull;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnPacket;
import io.swoole.spring.annotation.OnPipeMessage;
import io.swoole.spring.annotation.OnProgress;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnShutdown;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.spring.annotation.OnWorkerError;
import io.swoole.spring.annotation.OnWorkerExit;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * The table of events: which annotation marks their handlers, which functional interface
 * a bean may have instead, what their callback offers, and what becomes of the value a
 * handler returns.
 */
enum HandlerEvent {

	START(OnStart.class, null, CallbackSignature.of(), ReturnRule.IGNORED),

	BEFORE_SHUTDOWN(OnBeforeShutdown.class, null, CallbackSignature.of(), ReturnRule.IGNORED),

	SHUTDOWN(OnShutdown.class, null, CallbackSignature.of(), ReturnRule.IGNORED),

	WORKER_START(OnWorkerStart.class, null, CallbackSignature.of(int.class).number("workerId", 1), ReturnRule.IGNORED),

	WORKER_EXIT(OnWorkerExit.class, null, CallbackSignature.of(int.class).number("workerId", 1), ReturnRule.IGNORED),

	WORKER_STOP(OnWorkerStop.class, null, CallbackSignature.of(int.class).number("workerId", 1), ReturnRule.IGNORED),

	WORKER_ERROR(OnWorkerError.class, null,
			CallbackSignature.of(WorkerError.class)
				.value(1, WorkerError.class)
				.numberOfInt("workerId", 1, WorkerError.class, WorkerError::workerId)
				.numberOfInt("exitCode", 1, WorkerError.class, WorkerError::exitCode)
				.numberOfInt("signal", 1, WorkerError.class, WorkerError::signal),
			ReturnRule.IGNORED),

	BEFORE_RELOAD(OnBeforeReload.class, null, CallbackSignature.of(), ReturnRule.IGNORED),

	AFTER_RELOAD(OnAfterReload.class, null, CallbackSignature.of(), ReturnRule.IGNORED),

	PIPE_MESSAGE(OnPipeMessage.class, PipeMessageHandler.class,
			CallbackSignature.of(PipeMessage.class)
				.value(1, PipeMessage.class)
				.numberOfInt("srcWorkerId", 1, PipeMessage.class, PipeMessage::sourceWorkerId)
				.numberOfInt("workerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
				.object("message", 1, PipeMessage.class, PipeMessage::data),
			ReturnRule.IGNORED),

	CONNECT(OnConnect.class, ConnectHandler.class, CallbackSignature.ofConnection(int.class).number("reactorId", 2),
			ReturnRule.IGNORED),

	RECEIVE(OnReceive.class, ReceiveHandler.class, CallbackSignature.ofConnection(ByteBuf.class).packet(2),
			ReturnRule.REPLY),

	BUFFER_FULL(OnBufferFull.class, null, CallbackSignature.ofConnection(), ReturnRule.IGNORED),

	BUFFER_EMPTY(OnBufferEmpty.class, null, CallbackSignature.ofConnection(), ReturnRule.IGNORED),

	CLOSE(OnClose.class, CloseHandler.class, CallbackSignature.ofConnection(int.class).number("reactorId", 2),
			ReturnRule.IGNORED),

	PACKET(OnPacket.class, PacketHandler.class,
			CallbackSignature.of(Packet.class)
				.value(1, Packet.class)
				.numberOfInt("workerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
				.numberOfInt("serverPort", 1, Packet.class, Packet::serverPort)
				.datagram(1),
			ReturnRule.REPLY),

	TASK(OnTask.class, TaskHandler.class,
			CallbackSignature.of(Task.class)
				.value(1, Task.class)
				.numberOfLong("taskId", 1, Task.class, Task::id)
				.numberOfInt("srcWorkerId", 1, Task.class, Task::sourceWorkerId)
				.numberOfInt("workerId", 1, Task.class, Task::taskWorkerId)
				.object("payload", 1, Task.class, Task::data),
			ReturnRule.RESULT),

	FINISH(OnFinish.class, FinishHandler.class,
			CallbackSignature.of(TaskResult.class)
				.value(1, TaskResult.class)
				.numberOfLong("taskId", 1, TaskResult.class, TaskResult::taskId)
				.numberOfInt("srcWorkerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
				.numberOfInt("workerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
				.object("result", 1, TaskResult.class, TaskResult::data),
			ReturnRule.IGNORED),

	TASK_FAILED(OnTaskFailed.class, null,
			CallbackSignature.of(Task.class, Throwable.class)
				.value(1, Task.class)
				.numberOfLong("taskId", 1, Task.class, Task::id)
				.numberOfInt("attempts", 1, Task.class, Task::attempt)
				.numberOfInt("srcWorkerId", 1, Task.class, Task::sourceWorkerId)
				.numberOfInt("workerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
				.exception(2),
			ReturnRule.IGNORED),

	PROGRESS(OnProgress.class, null,
			CallbackSignature.of(long.class, Object.class)
				.number("taskId", 1)
				.numberOfInt("srcWorkerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
				.numberOfInt("workerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
				.object("state", 2, Object.class, (state) -> state),
			ReturnRule.IGNORED);

	private static final List<HandlerEvent> ALL = List.of(values());

	/** The annotations of all events. */
	static final Set<Class<? extends Annotation>> ANNOTATIONS = ALL.stream()
		.map(HandlerEvent::annotation)
		.collect(Collectors.toUnmodifiableSet());

	private final Class<? extends Annotation> annotation;

	private final @Nullable Class<?> functionalInterface;

	private final CallbackSignature signature;

	private final ReturnRule returnRule;

	HandlerEvent(Class<? extends Annotation> annotation, @Nullable Class<?> functionalInterface,
			CallbackSignature signature, ReturnRule returnRule) {
		this.annotation = annotation;
		this.functionalInterface = functionalInterface;
		this.signature = signature;
		this.returnRule = returnRule;
	}

	/**
	 * The event of an annotation.
	 * @param annotation the type of the annotation
	 * @return the event, {@code null} if the annotation marks no handlers
	 */
	static @Nullable HandlerEvent of(Class<?> annotation) {
		return ALL.stream().filter((event) -> event.annotation == annotation).findFirst().orElse(null);
	}

	Class<? extends Annotation> annotation() {
		return this.annotation;
	}

	@Nullable Class<?> functionalInterface() {
		return this.functionalInterface;
	}

	CallbackSignature signature() {
		return this.signature;
	}

	ReturnRule returnRule() {
		return this.returnRule;
	}

	/**
	 * Whether listeners may have handlers of their own.
	 * @return {@code true} if so
	 */
	boolean isPerListener() {
		return ReflectionUtils.findMethod(this.annotation, "port") != null;
	}

	/**
	 * Whether there may be several handlers, told apart by the type of their payload.
	 * @return {@code true} if so
	 */
	boolean isRoutedByPayload() {
		return this.signature.payload() instanceof ObjectPayload;
	}

	/**
	 * Whether a type is one that handlers of some event get by its type.
	 * @param type the type
	 * @return {@code true} if so
	 */
	static boolean isValueOfAny(Class<?> type) {
		return ALL.stream().anyMatch((event) -> event.signature.value(type) != null);
	}

	/**
	 * The name of the event in logs and reports.
	 * @return such as {@code receive}
	 */
	String callback() {
		return StringUtils.uncapitalize(this.annotation.getSimpleName().substring("On".length()));
	}

	/**
	 * The annotation as users write it.
	 * @return such as {@code @OnReceive}
	 */
	@Override
	public String toString() {
		return "@" + this.annotation.getSimpleName();
	}

}
