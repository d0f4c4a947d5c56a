package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.HandlerError;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.Packet;
import io.swoole.server.PipeMessage;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.WorkerError;
import io.swoole.spring.context.WorkerBeanScope;
import io.swoole.task.Task;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the callbacks of the server on to the annotated handlers. Infrastructure;
 * applications replace it by a {@link ServerHandler} bean of their own.
 */
public final class AnnotatedServerHandler implements ServerHandler {

	private static final Logger logger = LoggerFactory.getLogger(AnnotatedServerHandler.class);

	private final Set<Class<?>> droppedResults = ConcurrentHashMap.newKeySet();

	// Set once, before the server starts its threads
	private @Nullable HandlerRegistry handlers;

	private @Nullable HandlerErrorHandler errorHandler;

	private @Nullable WorkerBeanScope workerScope;

	void initialize(HandlerRegistry handlers, @Nullable HandlerErrorHandler errorHandler,
			@Nullable WorkerBeanScope workerScope) {
		this.handlers = handlers;
		this.errorHandler = errorHandler;
		this.workerScope = workerScope;
	}

	@Override
	public ServerHandler forListener(String listener) {
		HandlerRegistry all = handlers();
		HandlerRegistry own = all.forListener(listener);
		if (own == all) {
			return this;
		}
		AnnotatedServerHandler handler = new AnnotatedServerHandler();
		handler.initialize(own, this.errorHandler, this.workerScope);
		return handler;
	}

	@Override
	public boolean handles(String callback) {
		for (HandlerEvent event : HandlerEvent.values()) {
			if (event.annotation().getSimpleName().equalsIgnoreCase(callback) && handlers().has(event)) {
				return true;
			}
		}
		return false;
	}

	@Override
	public void onStart(SwooleServer server) throws Exception {
		call(HandlerEvent.START, server);
	}

	@Override
	public void onBeforeShutdown(SwooleServer server) throws Exception {
		call(HandlerEvent.BEFORE_SHUTDOWN, server);
	}

	@Override
	public void onShutdown(SwooleServer server) throws Exception {
		call(HandlerEvent.SHUTDOWN, server);
	}

	@Override
	public void onWorkerStart(SwooleServer server, int workerId) throws Exception {
		if (this.workerScope != null) {
			this.workerScope.startWorker(workerId, () -> call(HandlerEvent.WORKER_START, server, workerId));
		}
		else {
			call(HandlerEvent.WORKER_START, server, workerId);
		}
	}

	@Override
	public void onWorkerExit(SwooleServer server, int workerId) throws Exception {
		call(HandlerEvent.WORKER_EXIT, server, workerId);
	}

	@Override
	public void onWorkerStop(SwooleServer server, int workerId) throws Exception {
		if (this.workerScope != null) {
			this.workerScope.stopWorker(workerId, () -> call(HandlerEvent.WORKER_STOP, server, workerId));
		}
		else {
			call(HandlerEvent.WORKER_STOP, server, workerId);
		}
	}

	@Override
	public void onWorkerError(SwooleServer server, WorkerError error) throws Exception {
		MethodHandle handle = handlers().handle(HandlerEvent.WORKER_ERROR);
		if (handle != null) {
			try {
				Object ignored = (Object) handle.invokeExact(server, error);
			}
			catch (Throwable ex) {
				throw asIs(ex);
			}
		}
	}

	@Override
	public void onBeforeReload(SwooleServer server) throws Exception {
		call(HandlerEvent.BEFORE_RELOAD, server);
	}

	@Override
	public void onAfterReload(SwooleServer server) throws Exception {
		call(HandlerEvent.AFTER_RELOAD, server);
	}

	@Override
	public void onPipeMessage(SwooleServer server, PipeMessage message) throws Exception {
		MethodHandle handle = handlers().router(HandlerEvent.PIPE_MESSAGE).find(message.data());
		if (handle == null) {
			throw new IllegalArgumentException("No @OnPipeMessage method takes a message of type "
					+ message.data().getClass().getName() + ": it is dropped");
		}
		try {
			Object ignored = (Object) handle.invokeExact(server, message);
		}
		catch (Throwable ex) {
			throw asIs(ex);
		}
	}

	@Override
	public void onConnect(SwooleServer server, Connection connection, int reactorId) throws Exception {
		call(HandlerEvent.CONNECT, server, connection, reactorId);
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) throws Exception {
		MethodHandle handle = handlers().handle(HandlerEvent.RECEIVE);
		if (handle == null) {
			throw new IllegalStateException("No bean has an @OnReceive method, the packet is dropped");
		}
		int references = packet.refCnt();
		try {
			Object reply = (Object) handle.invokeExact(server, connection, packet);
			if (reply == null) {
				return;
			}
			if (isGivenUp(server)) {
				// others have been answered meanwhile, who have come later
				logger.warn("The reply to fd {} is dropped: the handler has outlasted the reload of its worker",
						connection.fd());
				Reply.drop(reply, packet, references);
				return;
			}
			Reply.send(server, connection, reply, packet, references);
		}
		catch (Throwable ex) {
			throw asIs(ex);
		}
	}

	@Override
	public void onPacket(SwooleServer server, Packet packet) throws Exception {
		MethodHandle handle = handlers().handle(HandlerEvent.PACKET);
		if (handle == null) {
			throw new IllegalStateException("No bean has an @OnPacket method, the datagram is dropped");
		}
		try {
			Object reply = (Object) handle.invokeExact(server, packet);
			if (reply != null && isGivenUp(server)) {
				logger.warn("The reply to {} is dropped: the handler has outlasted the reload of its worker",
						packet.address());
				DatagramReply.drop(reply);
			}
			else if (reply != null) {
				DatagramReply.send(server, packet, reply);
			}
		}
		catch (Throwable ex) {
			throw asIs(ex);
		}
	}

	@Override
	public void onBufferFull(SwooleServer server, Connection connection) throws Exception {
		call(HandlerEvent.BUFFER_FULL, server, connection);
	}

	@Override
	public void onBufferEmpty(SwooleServer server, Connection connection) throws Exception {
		call(HandlerEvent.BUFFER_EMPTY, server, connection);
	}

	@Override
	public void onClose(SwooleServer server, Connection connection, int reactorId) throws Exception {
		call(HandlerEvent.CLOSE, server, connection, reactorId);
	}

	@Override
	public @Nullable TaskType taskType(Class<?> payload) {
		try {
			return handlers().taskType(payload);
		}
		catch (AmbiguousPayloadException ex) {
			throw new TaskRejectedException(String.valueOf(ex.getMessage()));
		}
	}

	@Override
	public void onFinish(SwooleServer server, TaskResult result) throws Exception {
		MethodHandle handle = handlers().router(HandlerEvent.FINISH).find(result.data());
		if (handle == null) {
			warnOfDroppedResult(result);
			return;
		}
		try {
			Object ignored = (Object) handle.invokeExact(server, result);
		}
		catch (Throwable ex) {
			throw asIs(ex);
		}
	}

	@Override
	public void onTaskFailed(SwooleServer server, Task task, Throwable cause) throws Exception {
		MethodHandle handle = handlers().router(HandlerEvent.TASK_FAILED).find(cause);
		if (handle != null) {
			try {
				Object ignored = (Object) handle.invokeExact(server, task, cause);
			}
			catch (Throwable ex) {
				throw asIs(ex);
			}
		}
	}

	@Override
	public void onProgress(SwooleServer server, long taskId, Object state) throws Exception {
		MethodHandle handle = handlers().router(HandlerEvent.PROGRESS).find(state);
		if (handle != null) {
			try {
				Object ignored = (Object) handle.invokeExact(server, taskId, state);
			}
			catch (Throwable ex) {
				throw asIs(ex);
			}
		}
	}

	@Override
	public void onError(SwooleServer server, HandlerError error) {
		if (this.errorHandler != null) {
			this.errorHandler.handle(server, error);
		}
	}

	/** Whether the calling thread has been a worker and is none any more. */
	private static boolean isGivenUp(SwooleServer server) {
		return server.getWorkerId() < 0;
	}

	private HandlerRegistry handlers() {
		HandlerRegistry current = this.handlers;
		if (current == null) {
			throw new IllegalStateException("The handlers are not known before all singletons have been created: "
					+ "do not start the server earlier");
		}
		return current;
	}

	private void call(HandlerEvent event, SwooleServer server) throws Exception {
		MethodHandle handle = handlers().handle(event);
		if (handle != null) {
			try {
				Object ignored = (Object) handle.invokeExact(server);
			}
			catch (Throwable ex) {
				throw asIs(ex);
			}
		}
	}

	private void call(HandlerEvent event, SwooleServer server, int workerId) throws Exception {
		MethodHandle handle = handlers().handle(event);
		if (handle != null) {
			try {
				Object ignored = (Object) handle.invokeExact(server, workerId);
			}
			catch (Throwable ex) {
				throw asIs(ex);
			}
		}
	}

	private void call(HandlerEvent event, SwooleServer server, Connection connection) throws Exception {
		MethodHandle handle = handlers().handle(event);
		if (handle != null) {
			try {
				Object ignored = (Object) handle.invokeExact(server, connection);
			}
			catch (Throwable ex) {
				throw asIs(ex);
			}
		}
	}

	private void call(HandlerEvent event, SwooleServer server, Connection connection, int reactorId) throws Exception {
		MethodHandle handle = handlers().handle(event);
		if (handle != null) {
			try {
				Object ignored = (Object) handle.invokeExact(server, connection, reactorId);
			}
			catch (Throwable ex) {
				throw asIs(ex);
			}
		}
	}

	private void warnOfDroppedResult(TaskResult result) {
		Object data = result.data();
		Class<?> type = (data != null) ? data.getClass() : Void.class;
		if (this.droppedResults.add(type)) {
			logger.warn("Dropped the result of task {}: no @OnFinish method takes {}. Further such results are "
					+ "dropped without a warning", result.taskId(), (data != null) ? type.getName() : "null");
		}
	}

	/**
	 * Lets what a handler has thrown go on as it is, whatever its type.
	 */
	@SuppressWarnings("unchecked")
	static <X extends Throwable> RuntimeException asIs(Throwable ex) throws X {
		throw (X) ex;
	}

}
