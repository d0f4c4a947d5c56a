package io.swoole.testing;

import java.util.HashSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.HandlerError;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.Packet;
import io.swoole.server.PacketHandler;
import io.swoole.server.PipeMessage;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.WorkerError;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * A handler made of lambdas, that remembers the errors it is told.
 */
public final class TestHandler implements ServerHandler {

	/** Every failure the server has reported. */
	public final List<HandlerError> errors = new CopyOnWriteArrayList<>();

	private final Set<String> handled = new HashSet<>();

	private final Map<String, ServerHandler> listeners = new HashMap<>();

	private Receive receive = (server, connection, packet) -> {
	};

	private Edge connect = (server, connection, reactorId) -> {
	};

	private PacketHandler packet = (server, datagram) -> {
	};

	private Edge close = (server, connection, reactorId) -> {
	};

	private Level bufferFull = (server, connection) -> {
	};

	private Level bufferEmpty = (server, connection) -> {
	};

	private Work task = (server, work) -> null;

	private Finish finish = (server, result) -> {
	};

	private Function<Class<?>, @Nullable TaskType> taskType = (payload) -> TaskType.of(payload.getSimpleName());

	private TaskFailed taskFailed = (server, task, cause) -> {
	};

	private Progress progress = (server, taskId, state) -> {
	};

	private HandlerErrorHandler error = (server, error) -> {
	};

	private Life start = (server) -> {
	};

	private Life beforeShutdown = (server) -> {
	};

	private Life shutdown = (server) -> {
	};

	private WorkerLife workerStart = (server, workerId) -> {
	};

	private WorkerLife workerStop = (server, workerId) -> {
	};

	private WorkerLife workerExit = (server, workerId) -> {
	};

	private Failure workerError = (server, error) -> {
	};

	private Life beforeReload = (server) -> {
	};

	private Message pipeMessage = (server, message) -> {
	};

	private Life afterReload = (server) -> {
	};

	/** A handler that sends every packet back. */
	public static TestHandler echo() {
		return new TestHandler().receive((server, connection, packet) -> connection.send(packet.retain()));
	}

	public TestHandler receive(Receive receive) {
		this.receive = receive;
		return this;
	}

	public TestHandler connect(Edge connect) {
		this.handled.add("onConnect");
		this.connect = connect;
		return this;
	}

	public TestHandler packet(PacketHandler packet) {
		this.packet = packet;
		return this;
	}

	public TestHandler close(Edge close) {
		this.handled.add("onClose");
		this.close = close;
		return this;
	}

	public TestHandler bufferFull(Level bufferFull) {
		this.bufferFull = bufferFull;
		return this;
	}

	public TestHandler bufferEmpty(Level bufferEmpty) {
		this.bufferEmpty = bufferEmpty;
		return this;
	}

	public TestHandler task(Work task) {
		this.task = task;
		return this;
	}

	public TestHandler finish(Finish finish) {
		this.finish = finish;
		return this;
	}

	public TestHandler taskType(Function<Class<?>, @Nullable TaskType> taskType) {
		this.taskType = taskType;
		return this;
	}

	public TestHandler taskFailed(TaskFailed taskFailed) {
		this.taskFailed = taskFailed;
		return this;
	}

	public TestHandler error(HandlerErrorHandler error) {
		this.error = error;
		return this;
	}

	public TestHandler progress(Progress progress) {
		this.progress = progress;
		return this;
	}

	public TestHandler start(Life start) {
		this.start = start;
		return this;
	}

	public TestHandler beforeShutdown(Life beforeShutdown) {
		this.beforeShutdown = beforeShutdown;
		return this;
	}

	public TestHandler shutdown(Life shutdown) {
		this.shutdown = shutdown;
		return this;
	}

	public TestHandler workerStart(WorkerLife workerStart) {
		this.workerStart = workerStart;
		return this;
	}

	public TestHandler workerStop(WorkerLife workerStop) {
		this.workerStop = workerStop;
		return this;
	}

	public TestHandler workerExit(WorkerLife workerExit) {
		this.handled.add("onWorkerExit");
		this.workerExit = workerExit;
		return this;
	}

	public TestHandler workerError(Failure workerError) {
		this.workerError = workerError;
		return this;
	}

	public TestHandler pipeMessage(Message pipeMessage) {
		this.handled.add("onPipeMessage");
		this.pipeMessage = pipeMessage;
		return this;
	}

	public TestHandler beforeReload(Life beforeReload) {
		this.beforeReload = beforeReload;
		return this;
	}

	public TestHandler afterReload(Life afterReload) {
		this.afterReload = afterReload;
		return this;
	}

	@Override
	public boolean handles(String callback) {
		return this.handled.contains(callback);
	}

	/** The callbacks of one listener; it does not matter which others are set here. */
	public TestHandler listener(String name, ServerHandler handler) {
		this.listeners.put(name, handler);
		return this;
	}

	@Override
	public ServerHandler forListener(String listener) {
		return this.listeners.getOrDefault(listener, this);
	}

	@Override
	public void onStart(SwooleServer server) throws Exception {
		this.start.accept(server);
	}

	@Override
	public void onBeforeShutdown(SwooleServer server) throws Exception {
		this.beforeShutdown.accept(server);
	}

	@Override
	public void onShutdown(SwooleServer server) throws Exception {
		this.shutdown.accept(server);
	}

	@Override
	public void onWorkerStart(SwooleServer server, int workerId) throws Exception {
		this.workerStart.accept(server, workerId);
	}

	@Override
	public void onWorkerStop(SwooleServer server, int workerId) throws Exception {
		this.workerStop.accept(server, workerId);
	}

	@Override
	public void onWorkerExit(SwooleServer server, int workerId) throws Exception {
		this.workerExit.accept(server, workerId);
	}

	@Override
	public void onPipeMessage(SwooleServer server, PipeMessage message) throws Exception {
		this.pipeMessage.accept(server, message);
	}

	@Override
	public void onWorkerError(SwooleServer server, WorkerError error) throws Exception {
		this.workerError.accept(server, error);
	}

	@Override
	public void onBeforeReload(SwooleServer server) throws Exception {
		this.beforeReload.accept(server);
	}

	@Override
	public void onAfterReload(SwooleServer server) throws Exception {
		this.afterReload.accept(server);
	}

	@Override
	public void onConnect(SwooleServer server, Connection connection, int reactorId) throws Exception {
		this.connect.accept(server, connection, reactorId);
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) throws Exception {
		this.receive.accept(server, connection, packet);
	}

	@Override
	public void onPacket(SwooleServer server, Packet datagram) throws Exception {
		this.packet.onPacket(server, datagram);
	}

	@Override
	public void onClose(SwooleServer server, Connection connection, int reactorId) throws Exception {
		this.close.accept(server, connection, reactorId);
	}

	@Override
	public void onBufferFull(SwooleServer server, Connection connection) throws Exception {
		this.bufferFull.accept(server, connection);
	}

	@Override
	public void onBufferEmpty(SwooleServer server, Connection connection) throws Exception {
		this.bufferEmpty.accept(server, connection);
	}

	@Override
	public @Nullable TaskType taskType(Class<?> payload) {
		return this.taskType.apply(payload);
	}

	@Override
	public void onTaskFailed(SwooleServer server, Task task, Throwable cause) throws Exception {
		this.taskFailed.accept(server, task, cause);
	}

	@Override
	public void onProgress(SwooleServer server, long taskId, Object state) throws Exception {
		this.progress.accept(server, taskId, state);
	}

	@Override
	public @Nullable Object onTask(SwooleServer server, Task task) throws Exception {
		return this.task.apply(server, task);
	}

	@Override
	public void onFinish(SwooleServer server, TaskResult result) throws Exception {
		this.finish.accept(server, result);
	}

	@Override
	public void onError(SwooleServer server, HandlerError error) {
		this.errors.add(error);
		this.error.handle(server, error);
	}

	/** A packet. */
	public interface Receive {

		void accept(SwooleServer server, Connection connection, ByteBuf packet) throws Exception;

	}

	/** The begin or end of a connection. */
	public interface Edge {

		void accept(SwooleServer server, Connection connection, int reactorId) throws Exception;

	}

	/** The output of a connection has become full or empty. */
	public interface Level {

		void accept(SwooleServer server, Connection connection) throws Exception;

	}

	/** A task. */
	public interface Work {

		@Nullable Object apply(SwooleServer server, Task task) throws Exception;

	}

	/** A result. */
	public interface Finish {

		void accept(SwooleServer server, TaskResult result) throws Exception;

	}

	/** A task that has failed. */
	public interface TaskFailed {

		void accept(SwooleServer server, Task task, Throwable cause) throws Exception;

	}

	/** What a task tells meanwhile. */
	public interface Progress {

		void accept(SwooleServer server, long taskId, Object state) throws Exception;

	}

	/** The begin or end of the server. */
	public interface Life {

		void accept(SwooleServer server) throws Exception;

	}

	/** The begin or end of a worker. */
	public interface WorkerLife {

		void accept(SwooleServer server, int workerId) throws Exception;

	}

	/** A message between workers. */
	public interface Message {

		void accept(SwooleServer server, PipeMessage message) throws Exception;

	}

	/** A worker whose thread has been lost. */
	public interface Failure {

		void accept(SwooleServer server, WorkerError error) throws Exception;

	}

}
