package io.swoole.server.callback;

import java.util.function.IntConsumer;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.swoole.server.HandlerError;
import io.swoole.server.Internal;
import io.swoole.server.Packet;
import io.swoole.server.PipeMessage;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.server.UnreadablePacketException;
import io.swoole.server.WorkerError;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.TaskCallback;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the callbacks of the application. Whatever a callback throws ends here: it is
 * logged with connection, worker and task, counted and reported, and the caller goes on.
 */
@Internal
public final class Callbacks {

	private static final Logger logger = LoggerFactory.getLogger(Callbacks.class);

	private final LimitedLog unreadable = new LimitedLog(logger);

	private final SwooleServer server;

	private final ServerHandler handler;

	private final ServerCounters counters;

	private final boolean acceptsPipeMessages;

	private final boolean hasWorkerExit;

	private @Nullable IntConsumer handled;

	/**
	 * Creates the callbacks of a server.
	 * @param server the server
	 * @param handler the application
	 * @param counters counts failures
	 */
	public Callbacks(SwooleServer server, ServerHandler handler, ServerCounters counters) {
		this.server = server;
		this.handler = handler;
		this.acceptsPipeMessages = handler.handles("onPipeMessage");
		this.hasWorkerExit = handler.handles("onWorkerExit");
		this.counters = counters;
	}

	/**
	 * Sets who counts packets, to limit them.
	 * @param handled is told of each packet that has been handled, with the worker and in
	 * it
	 */
	public void onHandled(IntConsumer handled) {
		this.handled = handled;
	}

	private void handled(WorkerContext context) {
		if (this.handled != null && !context.isAbandoned()) {
			this.handled.accept(context.workerId());
		}
	}

	/**
	 * Runs the callback of a new connection, in its worker, once per connection.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void connect(WorkerContext context, NettyConnection connection) {
		if (!connection.life().takeConnect()) {
			return;
		}
		begin(context, connection);
		try {
			connection.handler().onConnect(this.server, connection, connection.reactor().id());
		}
		catch (Throwable ex) {
			failed("connect", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the callback of a packet, in the worker, and releases the packet. The packet
	 * of a connection that is being closed is dropped.
	 * @param context the worker
	 * @param connection the connection
	 * @param packet the packet
	 */
	public void receive(WorkerContext context, NettyConnection connection, ByteBuf packet) {
		if (!connection.isOpen()) {
			this.counters.discarded.increment();
			packet.release();
			return;
		}
		begin(context, connection);
		packet.retain();
		try {
			connection.handler().onReceive(this.server, connection, packet);
		}
		catch (UnreadablePacketException ex) {
			unreadable("receive", connection.fd(), context.workerId(), connection, ex);
			connection.close();
		}
		catch (Throwable ex) {
			failed("receive", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			release(context, connection, packet);
			this.counters.worker(context.workerId()).requests.increment();
			end(context);
			handled(context);
		}
	}

	/**
	 * Releases a packet that has been retained for the time of its handler: a handler
	 * that releases what it has not retained would otherwise free a buffer which the
	 * event loop fills with the bytes of another connection at once.
	 */
	private void release(WorkerContext context, NettyConnection connection, ByteBuf packet) {
		try {
			packet.release(2);
		}
		catch (IllegalReferenceCountException ex) {
			failed("receive", connection.fd(), context.workerId(), -1, ex);
			int left = packet.refCnt();
			if (left > 0) {
				packet.release(left);
			}
		}
	}

	/**
	 * Runs the callback of a datagram; in the worker.
	 * @param context the worker
	 * @param handler the callbacks of the listener that received it
	 * @param packet the datagram
	 */
	public void packet(WorkerContext context, ServerHandler handler, Packet packet) {
		begin(context, null);
		try {
			handler.onPacket(this.server, packet);
		}
		catch (UnreadablePacketException ex) {
			unreadable("packet", -1, context.workerId(), packet.address(), ex);
		}
		catch (Throwable ex) {
			failed("packet", -1, context.workerId(), -1, ex);
		}
		finally {
			this.counters.worker(context.workerId()).requests.increment();
			end(context);
			handled(context);
		}
	}

	/**
	 * Runs the close callback, in the worker, once per connection; then lets the
	 * connection go, whatever the callback does.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void close(WorkerContext context, NettyConnection connection) {
		boolean nested = context.isBusy();
		var outer = context.connection();
		var outerWorker = context.worker();
		if (connection.life().isConnectDue()) {
			// the close event has overtaken the connect event
			connect(context.in(connection.worker()), connection);
		}
		if (!connection.life().beginClose()) {
			return;
		}
		int reactorId = connection.life().isClosedByServer() ? -1 : connection.reactor().id();
		begin(context.in(connection.worker()), connection);
		try {
			connection.handler().onClose(this.server, connection, reactorId);
		}
		catch (Throwable ex) {
			failed("close", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			connection.life().endClose();
			if (outerWorker != null) {
				context.in(outerWorker);
			}
			context.connection(outer);
			context.busy(nested);
		}
	}

	/**
	 * Runs the callback of output that has reached the high watermark, in the worker.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void bufferFull(WorkerContext context, NettyConnection connection) {
		if (!connection.isOpen()) {
			return;
		}
		begin(context, connection);
		try {
			connection.handler().onBufferFull(this.server, connection);
		}
		catch (Throwable ex) {
			failed("bufferFull", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the callback of output that has fallen to the low watermark, in the worker.
	 * @param context the worker
	 * @param connection the connection
	 */
	public void bufferEmpty(WorkerContext context, NettyConnection connection) {
		if (!connection.isOpen()) {
			return;
		}
		begin(context, connection);
		try {
			connection.handler().onBufferEmpty(this.server, connection);
		}
		catch (Throwable ex) {
			failed("bufferEmpty", connection.fd(), context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the callback of a result, in the event worker that dispatched the task.
	 * @param context the worker
	 * @param result the result
	 */
	public void finish(WorkerContext context, TaskResult result) {
		context.resultOf(result.taskId());
		begin(context, null);
		try {
			this.handler.onFinish(this.server, result);
		}
		catch (Throwable ex) {
			failed("finish", -1, context.workerId(), result.taskId(), ex);
		}
		finally {
			end(context);
			context.resultOf(-1);
		}
	}

	/**
	 * Runs the callback of one task, in the event worker that dispatched it.
	 * @param context the worker
	 * @param callback the callback
	 * @param taskId the task
	 * @param result its first result
	 */
	public void taskCallback(WorkerContext context, TaskCallback<Object> callback, long taskId,
			@Nullable Object result) {
		begin(context, null);
		try {
			callback.onFinish(this.server, taskId, result);
		}
		catch (Throwable ex) {
			failed("finish", -1, context.workerId(), taskId, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the callback of a task that tells how far it has come, in the event worker
	 * that dispatched it.
	 * @param context the worker
	 * @param taskId the task
	 * @param state what it tells
	 */
	public void progress(WorkerContext context, long taskId, Object state) {
		begin(context, null);
		try {
			this.handler.onProgress(this.server, taskId, state);
		}
		catch (Throwable ex) {
			failed("progress", -1, context.workerId(), taskId, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the callback of a task that has failed for good, in the event worker that
	 * dispatched it.
	 * @param context the worker
	 * @param task the task
	 * @param cause what it has thrown
	 */
	public void taskFailed(WorkerContext context, Task task, Throwable cause) {
		begin(context, null);
		try {
			this.handler.onTaskFailed(this.server, task, cause);
		}
		catch (Throwable ex) {
			failed("taskFailed", -1, context.workerId(), task.id(), ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Executes a task, in a task worker.
	 * @param context the worker
	 * @param task the task
	 * @param type its type
	 * @return what the handler returns, or a {@link TaskFailure}
	 */
	public @Nullable Object task(WorkerContext context, Task task, TaskType type) {
		context.task(task);
		context.busy(true);
		try {
			TaskHandler<Object, Object> own = type.getHandler();
			return (own != null) ? own.onTask(this.server, task, task.data()) : this.handler.onTask(this.server, task);
		}
		catch (Throwable ex) {
			taskThrew(task, ex);
			return new TaskFailure(ex);
		}
		finally {
			context.task(null);
			end(context);
		}
	}

	/**
	 * An attempt to execute a task has failed. What is thrown by one that was interrupted
	 * says nothing more.
	 * @param task the task
	 * @param cause what it has thrown
	 */
	public void taskThrew(Task task, Throwable cause) {
		if (task.isCancelled()) {
			logger.debug("{} has ended after it was interrupted", task, cause);
		}
		else {
			failed("task", -1, task.taskWorkerId(), task.id(), cause);
		}
	}

	/**
	 * What kind of task payloads of a class are; in the thread that posts one.
	 * @param payload the class
	 * @return the type, {@code null} if nobody takes them
	 */
	public @Nullable TaskType taskType(Class<?> payload) {
		return this.handler.taskType(payload);
	}

	/**
	 * Runs the first callback of a worker.
	 * @param context the worker
	 * @throws Exception what the application throws: the start fails
	 */
	public void workerStart(WorkerContext context) throws Exception {
		context.busy(true);
		try {
			this.handler.onWorkerStart(this.server, context.workerId());
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the first callback of a worker once more, after a restart. A failure does not
	 * stop the worker.
	 * @param context the worker
	 */
	public void workerStartAgain(WorkerContext context) {
		context.busy(true);
		try {
			this.handler.onWorkerStart(this.server, context.workerId());
		}
		catch (Throwable ex) {
			failed("workerStart", -1, context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs a piece of code the application has left with a worker.
	 * @param event what it is
	 * @param context the worker
	 * @param code the code
	 */
	public void run(String event, WorkerContext context, Runnable code) {
		run(event, context, null, code);
	}

	/**
	 * Runs a piece of code the application has left with a worker, about a connection.
	 * @param event what it is
	 * @param context the worker
	 * @param connection the connection, if any; it may have ended
	 * @param code the code
	 */
	public void run(String event, WorkerContext context, @Nullable NettyConnection connection, Runnable code) {
		begin(context, connection);
		try {
			code.run();
		}
		catch (Throwable ex) {
			failed(event, (connection != null) ? connection.fd() : -1, context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Whether the application takes messages between workers.
	 * @return {@code true} if so
	 */
	public boolean acceptsPipeMessages() {
		return this.acceptsPipeMessages;
	}

	/**
	 * Runs the callback of a message, in the worker it was sent to.
	 * @param context the worker
	 * @param message the message
	 */
	public void pipeMessage(WorkerContext context, PipeMessage message) {
		begin(context, null);
		try {
			this.handler.onPipeMessage(this.server, message);
		}
		catch (Throwable ex) {
			failed("pipeMessage", -1, context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Whether the application wants to be told of workers that have work left.
	 * @return {@code true} if so
	 */
	public boolean hasWorkerExit() {
		return this.hasWorkerExit;
	}

	/**
	 * Runs the callback of a worker that has been told to stop and has work left.
	 * @param context the worker
	 */
	public void workerExit(WorkerContext context) {
		context.busy(true);
		try {
			this.handler.onWorkerExit(this.server, context.workerId());
		}
		catch (Throwable ex) {
			failed("workerExit", -1, context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the last callback of a worker.
	 * @param context the worker
	 */
	public void workerStop(WorkerContext context) {
		context.busy(true);
		try {
			this.handler.onWorkerStop(this.server, context.workerId());
		}
		catch (Throwable ex) {
			failed("workerStop", -1, context.workerId(), -1, ex);
		}
		finally {
			end(context);
		}
	}

	/**
	 * Runs the callback of the start of the server.
	 * @throws Exception what the application throws: the start fails
	 */
	public void start() throws Exception {
		this.handler.onStart(this.server);
	}

	/**
	 * Runs the first callback of the stop of the server.
	 */
	public void beforeShutdown() {
		supervise("beforeShutdown", () -> this.handler.onBeforeShutdown(this.server));
	}

	/**
	 * Runs the last callback of all.
	 */
	public void shutdown() {
		supervise("shutdown", () -> this.handler.onShutdown(this.server));
	}

	/**
	 * Reports what the function that measures packets has thrown; on the event loop.
	 * @param connection the connection
	 * @param cause the failure
	 */
	public void packageLengthFailed(NettyConnection connection, Throwable cause) {
		failed("packageLength", connection.fd(), connection.worker().id(), -1, cause);
	}

	/**
	 * Runs the callback of a worker whose thread has been lost; in the supervisor thread.
	 * @param error what has happened
	 */
	public void workerError(WorkerError error) {
		supervise("workerError", () -> this.handler.onWorkerError(this.server, error));
	}

	/**
	 * Runs the callback of a reload that begins; in the supervisor thread.
	 */
	public void beforeReload() {
		supervise("beforeReload", () -> this.handler.onBeforeReload(this.server));
	}

	/**
	 * Runs the callback of a reload that is complete; in the supervisor thread.
	 */
	public void afterReload() {
		supervise("afterReload", () -> this.handler.onAfterReload(this.server));
	}

	private void supervise(String event, Callback callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			failed(event, -1, -1, -1, ex);
		}
		finally {
			Thread.interrupted();
		}
	}

	private void begin(WorkerContext context, @Nullable NettyConnection connection) {
		context.connection(connection);
		context.busy(true);
	}

	private void end(WorkerContext context) {
		context.connection(null);
		context.busy(false);
	}

	/** Counts and reports a packet that is not what the application expects. */
	private void unreadable(String event, long fd, int workerId, Object client, UnreadablePacketException cause) {
		this.counters.unreadablePackets.increment();
		this.unreadable.warn("Unreadable packet of {}: {}", client, cause.getMessage());
		logger.debug("Unreadable packet of {}", client, cause);
		report(new HandlerError(event, fd, workerId, -1, cause));
	}

	/**
	 * Logs, counts and reports what a callback has thrown.
	 * @param event the callback
	 * @param fd the connection, −1 if none is involved
	 * @param workerId the worker, −1 outside workers
	 * @param taskId the task, −1 if none is involved
	 * @param cause what was thrown
	 */
	public void failed(String event, long fd, int workerId, long taskId, Throwable cause) {
		this.counters.handlerErrors.increment();
		logger.error("Handler of '{}' failed [fd={}, worker={}, task={}]", event, fd, workerId, taskId, cause);
		report(new HandlerError(event, fd, workerId, taskId, cause));
	}

	private void report(HandlerError error) {
		try {
			this.handler.onError(this.server, error);
		}
		catch (Throwable ex) {
			logger.error("Error handler failed for '{}' [fd={}, worker={}, task={}]", error.event(), error.fd(),
					error.workerId(), error.taskId(), ex);
		}
	}

	@FunctionalInterface
	private interface Callback {

		void run() throws Exception;

	}

}
