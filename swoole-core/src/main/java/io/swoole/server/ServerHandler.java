package io.swoole.server;

import java.util.Arrays;

import io.netty.buffer.ByteBuf;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of a server, the only way the engine calls out to an application.
 * <p>
 * An exception or error thrown by a callback is logged with connection, worker and task,
 * counted and passed to {@link #onError}; the worker, the connection and other tasks go
 * on.
 * <p>
 * All callbacks of one worker run one after another, in the order of their events. With
 * virtual threads ({@code enable-coroutine}) that holds for the callbacks of one
 * connection, those of the tasks it has posted included; those of different connections
 * run at the same time. What belongs to no connection, such as timers and messages, runs
 * one after another in its worker.
 */
public interface ServerHandler {

	/**
	 * Whether this handler does anything in one of its callbacks; called at start, to
	 * warn of a callback that the settings leave out, and to know whether messages
	 * between workers ({@code onPipeMessage}) and workers that are kept by timers
	 * ({@code onWorkerExit}) are of interest.
	 * @param callback the name of the method, such as {@code onConnect}
	 * @return by default whether the class overrides the method
	 */
	default boolean handles(String callback) {
		return Arrays.stream(getClass().getMethods())
			.anyMatch(
					(method) -> method.getName().equals(callback) && method.getDeclaringClass() != ServerHandler.class);
	}

	/**
	 * The listeners are bound and all workers have started; no connection has been
	 * accepted yet. Called in the thread that starts the server. An exception fails the
	 * start.
	 * @param server the server
	 * @throws Exception to fail the start
	 */
	default void onStart(SwooleServer server) throws Exception {
	}

	/**
	 * The server begins to stop; connections and workers still work. Called in the
	 * lifecycle thread.
	 * @param server the server
	 * @throws Exception any failure; it is logged
	 */
	default void onBeforeShutdown(SwooleServer server) throws Exception {
	}

	/**
	 * The server has stopped; the last callback of all. Called in the lifecycle thread.
	 * @param server the server
	 * @throws Exception any failure; it is logged
	 */
	default void onShutdown(SwooleServer server) throws Exception {
	}

	/**
	 * An event worker or a task worker has started, with the server or anew; its first
	 * callback. Called in that worker. An exception fails the start of the server; when
	 * the worker has started anew the exception is logged and the worker goes on.
	 * @param server the server
	 * @param workerId the worker; task workers follow the event workers
	 * @throws Exception to fail the start
	 */
	default void onWorkerStart(SwooleServer server, int workerId) throws Exception {
	}

	/**
	 * A worker stops; its last callback. Called in that worker.
	 * @param server the server
	 * @param workerId the worker
	 * @throws Exception any failure; it is logged
	 */
	default void onWorkerStop(SwooleServer server, int workerId) throws Exception {
	}

	/**
	 * A worker has been told to stop, or to begin anew, and something keeps it: timers
	 * or, with virtual threads, callbacks in progress. It stops as soon as they are gone,
	 * after {@code max-wait-time} at the latest; until then it works as ever. Called once
	 * per stop, in that worker.
	 * @param server the server
	 * @param workerId the worker
	 * @throws Exception any failure; it is logged
	 */
	default void onWorkerExit(SwooleServer server, int workerId) throws Exception {
	}

	/**
	 * The thread of a worker has been lost: it was given up because a callback did not
	 * end in time, or it died. A new one has taken its place. Called, too, when a
	 * {@link UserProcess} has thrown, which is run again a little later. Called in the
	 * supervisor thread. Swoole: {@code onWorkerError}.
	 * @param server the server
	 * @param error what has happened
	 * @throws Exception any failure; it is logged
	 */
	default void onWorkerError(SwooleServer server, WorkerError error) throws Exception {
	}

	/**
	 * A reload begins. Called in the supervisor thread.
	 * @param server the server
	 * @throws Exception any failure; it is logged
	 * @see SwooleServer#reload()
	 */
	default void onBeforeReload(SwooleServer server) throws Exception {
	}

	/**
	 * A reload is complete: all workers have started anew. Called in the supervisor
	 * thread.
	 * @param server the server
	 * @throws Exception any failure; it is logged
	 * @see SwooleServer#reload()
	 */
	default void onAfterReload(SwooleServer server) throws Exception {
	}

	/**
	 * A client has connected. Called in the worker of the connection, before anything
	 * else for it.
	 * @param server the server
	 * @param connection the connection
	 * @param reactorId the event loop that serves it
	 * @throws Exception any failure; it is logged
	 */
	default void onConnect(SwooleServer server, Connection connection, int reactorId) throws Exception {
	}

	/**
	 * A packet has arrived. Called in the worker of the connection.
	 * @param server the server
	 * @param connection the connection
	 * @param packet the packet, valid during the call and owned by the server; use
	 * {@link ByteBuf#retain()} to keep it. A handler that releases what it has not
	 * retained has failed: that is logged, and harms no other packet
	 * @throws Exception any failure; it is logged
	 */
	void onReceive(SwooleServer server, Connection connection, ByteBuf packet) throws Exception;

	/**
	 * So much waits to be written to a connection that {@code buffer-high-watermark} has
	 * been reached. Called once until {@link #onBufferEmpty}, in the worker of the
	 * connection. Swoole: {@code BufferFull}.
	 * @param server the server
	 * @param connection the connection
	 * @throws Exception any failure; it is logged
	 */
	default void onBufferFull(SwooleServer server, Connection connection) throws Exception {
	}

	/**
	 * What waits to be written to a connection has fallen to
	 * {@code buffer-low-watermark}, after {@link #onBufferFull}. Called in the worker of
	 * the connection. Swoole: {@code BufferEmpty}.
	 * @param server the server
	 * @param connection the connection
	 * @throws Exception any failure; it is logged
	 */
	default void onBufferEmpty(SwooleServer server, Connection connection) throws Exception {
	}

	/**
	 * A connection has ended; called exactly once for every {@link #onConnect}, in the
	 * worker of the connection. Data can no longer be sent to it.
	 * @param server the server
	 * @param connection the connection
	 * @param reactorId the event loop that noticed it, −1 when the server closed it
	 * @throws Exception any failure; it is logged
	 */
	default void onClose(SwooleServer server, Connection connection, int reactorId) throws Exception {
	}

	/**
	 * A datagram has arrived. Called in the worker chosen for its sender. Datagrams have
	 * no connection: there is no {@link #onConnect} and no {@link #onClose} for them.
	 * @param server the server
	 * @param packet the datagram
	 * @throws Exception any failure; it is logged
	 */
	default void onPacket(SwooleServer server, Packet packet) throws Exception {
	}

	/**
	 * The callbacks for the connections and datagrams of one listener. Asked once for
	 * every listener when the server starts; of the returned handler only
	 * {@link #onConnect}, {@link #onReceive}, {@link #onClose}, {@link #onBufferFull},
	 * {@link #onBufferEmpty} and {@link #onPacket} are called.
	 * @param listener the name of the listener
	 * @return the handler, this one unless the listener has callbacks of its own
	 */
	default ServerHandler forListener(String listener) {
		return this;
	}

	/**
	 * What kind of task the payloads of a class are: what executes them, and with which
	 * timeout, retries and limit of concurrency. {@link SwooleServer#task} refuses
	 * payloads without a type. Called in the thread that posts the first task with such a
	 * payload; the answer is remembered as long as the server runs. Classes for which the
	 * same object is returned share its limit of concurrency.
	 * @param payload the class of a payload
	 * @return its type, {@code null} if nobody takes such payloads; by default
	 * {@link #onTask} takes all
	 */
	default @Nullable TaskType taskType(Class<?> payload) {
		return TaskType.of(payload.getName());
	}

	/**
	 * Executes a task whose type has no handler of its own. Called in a task worker. A
	 * returned {@link java.util.concurrent.CompletionStage} is awaited without blocking:
	 * what it completes with counts as returned, and the task counts as running until
	 * then.
	 * @param server the server
	 * @param task the task
	 * @return a result as if given to {@link Task#finish}, or {@code null} for none
	 * @throws Exception any failure; it is logged, and the task is tried again or has
	 * failed
	 */
	default @Nullable Object onTask(SwooleServer server, Task task) throws Exception {
		return null;
	}

	/**
	 * A task has delivered a result. Called in the event worker that dispatched the task.
	 * @param server the server
	 * @param result the result
	 * @throws Exception any failure; it is logged
	 */
	default void onFinish(SwooleServer server, TaskResult result) throws Exception {
	}

	/**
	 * A task has told how far it has come. Called in the event worker that dispatched the
	 * task.
	 * @param server the server
	 * @param taskId the task
	 * @param state what the task gave to {@link Task#progress}
	 * @throws Exception any failure; it is logged
	 */
	default void onProgress(SwooleServer server, long taskId, Object state) throws Exception {
	}

	/**
	 * A task has failed for good: there will be no further attempt. Called in the event
	 * worker that dispatched the task, whether somebody waits for it or not.
	 * @param server the server
	 * @param task the last attempt; {@link Task#attempt()} is their number
	 * @param cause what it has thrown; a {@link io.swoole.task.TaskTimeoutException} if
	 * its timeout has passed, a {@link io.swoole.task.TaskExpiredException} if it was not
	 * started by its deadline
	 * @throws Exception any failure; it is logged
	 */
	default void onTaskFailed(SwooleServer server, Task task, Throwable cause) throws Exception {
	}

	/**
	 * Another worker, or a thread that is none, has sent a message. Called in the worker
	 * it was sent to: in a task worker between tasks.
	 * @param server the server
	 * @param message the message
	 * @throws Exception any failure; it is logged
	 */
	default void onPipeMessage(SwooleServer server, PipeMessage message) throws Exception {
	}

	/**
	 * A callback has thrown. Called in the thread of that callback after the failure has
	 * been logged and counted; must not throw.
	 * @param server the server
	 * @param error what failed
	 */
	default void onError(SwooleServer server, HandlerError error) {
	}

}
