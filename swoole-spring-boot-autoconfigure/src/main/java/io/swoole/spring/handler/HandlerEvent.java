package io.swoole.spring.handler;

import java.lang.annotation.Annotation;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

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
				.number("workerId", 1, WorkerError.class, "workerId")
				.number("exitCode", 1, WorkerError.class, "exitCode")
				.number("signal", 1, WorkerError.class, "signal"),
			ReturnRule.IGNORED),

	BEFORE_RELOAD(OnBeforeReload.class, null, CallbackSignature.of(), ReturnRule.IGNORED),

	AFTER_RELOAD(OnAfterReload.class, null, CallbackSignature.of(), ReturnRule.IGNORED),

	PIPE_MESSAGE(OnPipeMessage.class, PipeMessageHandler.class,
			CallbackSignature.of(PipeMessage.class)
				.value(1, PipeMessage.class)
				.number("srcWorkerId", 1, PipeMessage.class, "sourceWorkerId")
				.number("workerId", 0, SwooleServer.class, "getWorkerId")
				.object("message", 1, PipeMessage.class, "data"),
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
				.number("workerId", 0, SwooleServer.class, "getWorkerId")
				.number("serverPort", 1, Packet.class, "serverPort")
				.datagram(1),
			ReturnRule.REPLY),

	TASK(OnTask.class, TaskHandler.class,
			CallbackSignature.of(Task.class)
				.value(1, Task.class)
				.number("taskId", 1, Task.class, "id")
				.number("srcWorkerId", 1, Task.class, "sourceWorkerId")
				.number("workerId", 1, Task.class, "taskWorkerId")
				.object("payload", 1, Task.class, "data"),
			ReturnRule.RESULT),

	FINISH(OnFinish.class, FinishHandler.class,
			CallbackSignature.of(TaskResult.class)
				.value(1, TaskResult.class)
				.number("taskId", 1, TaskResult.class, "taskId")
				.number("srcWorkerId", 0, SwooleServer.class, "getWorkerId")
				.number("workerId", 0, SwooleServer.class, "getWorkerId")
				.object("result", 1, TaskResult.class, "data"),
			ReturnRule.IGNORED),

	TASK_FAILED(OnTaskFailed.class, null,
			CallbackSignature.of(Task.class, Throwable.class)
				.value(1, Task.class)
				.number("taskId", 1, Task.class, "id")
				.number("attempts", 1, Task.class, "attempt")
				.number("srcWorkerId", 1, Task.class, "sourceWorkerId")
				.number("workerId", 0, SwooleServer.class, "getWorkerId")
				.exception(2),
			ReturnRule.IGNORED),

	PROGRESS(OnProgress.class, null,
			CallbackSignature.of(long.class, Object.class)
				.number("taskId", 1)
				.number("srcWorkerId", 0, SwooleServer.class, "getWorkerId")
				.number("workerId", 0, SwooleServer.class, "getWorkerId")
				.object("state", 2, Object.class),
			ReturnRule.IGNORED);

	private static final Map<Class<? extends Annotation>, HandlerEvent> BY_ANNOTATION = byAnnotation();

	/** The annotations of all events. */
	static final Set<Class<? extends Annotation>> ANNOTATIONS = BY_ANNOTATION.keySet();

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

	private static Map<Class<? extends Annotation>, HandlerEvent> byAnnotation() {
		Map<Class<? extends Annotation>, HandlerEvent> events = new HashMap<>();
		for (HandlerEvent event : values()) {
			events.put(event.annotation, event);
		}
		return Map.copyOf(events);
	}

	/**
	 * The event of an annotation.
	 * @param annotation the type of the annotation
	 * @return the event, {@code null} if the annotation marks no handlers
	 */
	static @Nullable HandlerEvent of(Class<?> annotation) {
		return BY_ANNOTATION.get(annotation);
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
		for (HandlerEvent event : BY_ANNOTATION.values()) {
			if (event.signature.hasValue(type)) {
				return true;
			}
		}
		return false;
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
