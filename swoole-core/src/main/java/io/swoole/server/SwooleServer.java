package io.swoole.server;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.netty.buffer.ByteBuf;
import io.swoole.task.DeadLetters;
import io.swoole.task.TaskCallback;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A TCP server with event workers, which run the callbacks of connections, and task
 * workers, which run slow work handed over with {@link #task(Object)}.
 * <p>
 * Unless a method says otherwise it may be called from any thread: from callbacks, from
 * task workers and from threads the server does not know, such as a web controller.
 * Operations on a connection that may be gone return {@code false} and leave the reason
 * in {@link #getLastError()}; misuse throws an unchecked exception at once.
 *
 * @see SwooleServers#create(ServerOptions, ServerHandler)
 */
public interface SwooleServer {

	/**
	 * Hands {@code data} to the next free task worker and returns at once; the result
	 * comes back to {@link ServerHandler#onFinish} in the event worker that called. A
	 * call from a thread that is no event worker is given one, in turn. The payload is
	 * passed by reference: do not change it afterwards. Swoole: {@code Server->task()}.
	 * @param data the payload
	 * @return the id of the task, from 0 upward
	 * @throws TaskRejectedException if {@code task-queue-capacity} tasks are open, the
	 * server is stopping, or no task handler takes the payload
	 * @throws IllegalStateException if the server has no task workers or the caller is a
	 * task worker
	 */
	long task(Object data);

	/**
	 * Hands {@code data} to one particular task worker. The task waits for that worker
	 * even when others are idle. Swoole: {@code Server->task($data, $dst)}.
	 * @param data the payload
	 * @param taskWorker the index of the task worker, 0 to {@code task-worker-num} − 1;
	 * negative: any
	 * @return the id of the task
	 * @throws IllegalArgumentException if there is no such task worker
	 * @throws TaskRejectedException as for {@link #task(Object)}
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	long task(Object data, int taskWorker);

	/**
	 * Posts a task whose first result goes to a callback instead of
	 * {@link ServerHandler#onFinish}. The callback is called once, in the event worker
	 * that dispatched the task, or never if the task has no result. Swoole:
	 * {@code Server->task($data, -1, $callback)}.
	 * @param <R> the type of the result
	 * @param data the payload
	 * @param callback takes the result; {@code null}: {@link ServerHandler#onFinish} does
	 * @return the id of the task
	 * @throws TaskRejectedException as for {@link #task(Object)}
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	<R> long task(Object data, @Nullable TaskCallback<R> callback);

	/**
	 * Posts a task to one particular task worker, with a callback for its first result.
	 * Swoole: {@code Server->task($data, $dst, $callback)}.
	 * @param <R> the type of the result
	 * @param data the payload
	 * @param taskWorker the index of the task worker, negative: any
	 * @param callback takes the result; {@code null}: {@link ServerHandler#onFinish} does
	 * @return the id of the task
	 * @throws IllegalArgumentException if there is no such task worker
	 * @throws TaskRejectedException as for {@link #task(Object)}
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	<R> long task(Object data, int taskWorker, @Nullable TaskCallback<R> callback);

	/**
	 * Posts a task with options: delay, timeout, retries, priority, key, deadline. Not in
	 * Swoole.
	 * @param data the payload
	 * @param options how the task is executed
	 * @return the id of the task, or of the one of the same key that waits or runs
	 * @throws IllegalArgumentException if there is no such task worker
	 * @throws TaskRejectedException as for {@link #task(Object)}
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	long task(Object data, TaskOptions options);

	/**
	 * Posts a task and returns at once. The future completes with the first result, in
	 * the thread that delivers it, or exceptionally: with {@link TaskFailedException}
	 * when the task fails or is cancelled, with {@link TaskTimeoutException} when it has
	 * no result within {@code task-result-timeout} after its handler has returned, with
	 * {@link TaskRejectedException} when the server stops before. Let what takes its time
	 * run elsewhere, with the {@code Async} methods of the future.
	 * {@link ServerHandler#onFinish} is not called. Not in Swoole.
	 * @param <R> the type of the result
	 * @param data the payload
	 * @return the future
	 * @throws TaskRejectedException as for {@link #task(Object)}, and if
	 * {@code task-queue-capacity} futures of tasks that have failed wait already for one
	 * whose dependents block
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	<R extends @Nullable Object> CompletableFuture<R> taskAsync(Object data);

	/**
	 * Posts a task and waits up to half a second for its first result. Swoole:
	 * {@code Server->taskwait($data)}.
	 * @param <R> the type of the result
	 * @param data the payload
	 * @return the result; {@code null} if that was the result
	 * @throws TaskTimeoutException if there is no result in time
	 * @throws TaskFailedException if the task fails or is cancelled
	 * @throws TaskRejectedException as for {@link #task(Object)}, and if the server stops
	 * meanwhile
	 * @throws IllegalStateException as for {@link #task(Object)}
	 * @see #taskWait(Object, Duration, int)
	 */
	<R extends @Nullable Object> R taskWait(Object data);

	/**
	 * Posts a task and waits for its first result. Swoole:
	 * {@code Server->taskwait($data, $timeout)}.
	 * @param <R> the type of the result
	 * @param data the payload
	 * @param timeout how long; zero or negative: until the server stops
	 * @return the result; {@code null} if that was the result
	 * @throws TaskTimeoutException as for {@link #taskWait(Object)}
	 * @throws TaskFailedException as for {@link #taskWait(Object)}
	 * @throws TaskRejectedException as for {@link #taskWait(Object)}
	 * @throws IllegalStateException as for {@link #task(Object)}
	 * @see #taskWait(Object, Duration, int)
	 */
	<R extends @Nullable Object> R taskWait(Object data, Duration timeout);

	/**
	 * Posts a task to one particular task worker and waits for its first result. May be
	 * used in every thread that is no task worker. It blocks the calling thread: an event
	 * worker that waits does nothing else, unless its callbacks run on virtual threads.
	 * What it has sent before is written first. A later result is dropped. Swoole:
	 * {@code Server->taskwait($data, $timeout, $dst)}.
	 * @param <R> the type of the result
	 * @param data the payload
	 * @param timeout how long; zero or negative: until the server stops
	 * @param taskWorker the index of the task worker, negative: any
	 * @return the result; {@code null} if that was the result
	 * @throws TaskTimeoutException as for {@link #taskWait(Object)}
	 * @throws TaskFailedException as for {@link #taskWait(Object)}
	 * @throws TaskRejectedException as for {@link #taskWait(Object)}
	 * @throws IllegalArgumentException if there is no such task worker
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	<R extends @Nullable Object> R taskWait(Object data, Duration timeout, int taskWorker);

	/**
	 * Posts several tasks, all or none, and waits for their first results. Swoole:
	 * {@code Server->taskWaitMulti()}.
	 * @param <R> the type of the results
	 * @param data the payloads, 1023 at most
	 * @param timeout how long to wait for all; zero or negative: until the server stops
	 * @return the results by the index of their payload; those of tasks that failed, were
	 * cancelled or are late are missing
	 * @throws TaskRejectedException as for {@link #task(Object)}, and if the server stops
	 * meanwhile
	 * @throws IllegalArgumentException if there are 1024 payloads or more
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	<R extends @Nullable Object> SortedMap<Integer, R> taskWaitMulti(List<?> data, Duration timeout);

	/**
	 * Posts several tasks, all or none, and returns at once. Swoole:
	 * {@code Server->taskCo()}.
	 * @param <R> the type of the results
	 * @param data the payloads, 1023 at most
	 * @param timeout how long to wait for all; zero or negative: until the server stops
	 * @return completes with the first results in the order of the payloads, empty where
	 * the task has failed, was cancelled, is late or has the result {@code null}; when
	 * the server stops, exceptionally with {@link TaskRejectedException}
	 * @throws TaskRejectedException as for {@link #taskAsync(Object)}
	 * @throws IllegalArgumentException if there are 1024 payloads or more
	 * @throws IllegalStateException as for {@link #task(Object)}
	 */
	<R> CompletableFuture<List<Optional<R>>> taskCo(List<?> data, Duration timeout);

	/**
	 * Cancels a task. One that waits is removed; the thread of one that runs is
	 * interrupted, {@link io.swoole.task.Task#isCancelled()} turns {@code true} there and
	 * later results are refused. Whoever waits for the task gets
	 * {@link io.swoole.task.TaskCancelledException} at once. Not in Swoole.
	 * @param taskId the task
	 * @return {@code false} if there is no such task, or it has ended
	 */
	boolean cancelTask(long taskId);

	/**
	 * The tasks that have failed for good. Not in Swoole.
	 * @return the dead letters
	 */
	DeadLetters getDeadLetters();

	/**
	 * Delivers a result of the task the calling task worker is running; the event worker
	 * that dispatched the task receives it in {@link ServerHandler#onFinish}. May be
	 * called any number of times, each call is one more result, in order. Swoole:
	 * {@code Server->finish()}.
	 * @param result the result; {@code null} is a result too
	 * @return {@code false}, with a warning in the log, outside a task or when the task
	 * can no longer deliver
	 */
	boolean finish(@Nullable Object result);

	/**
	 * Queues bytes for a connection; one call is never interleaved with another, and the
	 * calls of one thread keep their order. {@code true} means accepted, not delivered.
	 * The array is copied. Swoole: {@code Server->send()}.
	 * @param fd the connection
	 * @param data the bytes, at least one
	 * @return {@code false} if nothing was queued, see {@link #getLastError()}
	 */
	boolean send(long fd, byte[] data);

	/**
	 * Queues text, encoded as UTF-8, for a connection.
	 * @param fd the connection
	 * @param data the text, at least one character
	 * @return {@code false} if nothing was queued, see {@link #getLastError()}
	 * @see #send(long, byte[])
	 */
	boolean send(long fd, CharSequence data);

	/**
	 * Queues the readable bytes of a buffer for a connection. The server takes ownership
	 * and releases the buffer, also when it returns {@code false}.
	 * @param fd the connection
	 * @param data the bytes, at least one
	 * @return {@code false} if nothing was queued, see {@link #getLastError()}
	 * @see #send(long, byte[])
	 */
	boolean send(long fd, ByteBuf data);

	/**
	 * Sends a datagram from the last listener of the family of the address: UDP over
	 * IPv4, UDP over IPv6, or unix datagrams. {@code true} means that the datagram has
	 * been queued; whether it arrives nobody knows. May be called from any thread.
	 * Swoole: {@code Server->sendto()}.
	 * @param to a resolved {@link java.net.InetSocketAddress}, a
	 * {@link java.net.UnixDomainSocketAddress} or the address of a {@link Packet}
	 * @param data the bytes, at least one; 65 507 at most for UDP
	 * @return {@code false} if nothing was queued, {@link #getLastError()} says why
	 * @throws IllegalArgumentException if no listener has that family, or the address is
	 * not one of these
	 */
	boolean sendTo(SocketAddress to, byte[] data);

	/**
	 * Sends a datagram from one of several listeners. To answer a packet, give its
	 * address and its server port: the answer leaves from the socket the packet came to.
	 * @param to as {@link #sendTo(SocketAddress, byte[])}
	 * @param data the bytes, at least one; 65 507 at most for UDP
	 * @param serverPort the port of the listener to send from, 0 for a unix socket
	 * @return {@code false} if nothing was queued, {@link #getLastError()} says why
	 * @throws IllegalArgumentException if no listener of that family has that port, or
	 * the address is not one of these
	 */
	boolean sendTo(SocketAddress to, byte[] data, int serverPort);

	/**
	 * Sends bytes and waits until they, and what was queued before them, have been given
	 * to the operating system, at most {@code socket-send-timeout} (60 s). Where as much
	 * as {@code socket-buffer-size} waits already, it waits for room first. Bytes that
	 * were queued when the time ran out may still be sent. Swoole:
	 * {@code Server->sendwait()}.
	 * @param fd the connection
	 * @param data the bytes, at least one
	 * @return {@code false} if they were not written in time, see {@link #getLastError()}
	 * @throws IllegalStateException if called on an event loop, which must not wait: in
	 * mode {@code base} without virtual threads every callback of an event worker is
	 */
	boolean sendWait(long fd, byte[] data);

	/**
	 * Queues a whole file for a connection, in order with other sends.
	 * @param fd the connection
	 * @param file the file
	 * @return {@code false} if nothing was queued, see {@link #getLastError()}
	 * @see #sendFile(long, Path, long, long)
	 */
	boolean sendFile(long fd, Path file);

	/**
	 * Queues a part of a file for a connection, in order with other sends. The file is
	 * opened by the calling thread and read while it is sent, by the operating system
	 * itself where the connection is not encrypted: it must not be shortened meanwhile.
	 * Its bytes count as queued, but since they take no memory they leave
	 * {@code socket-buffer-size} to sends behind it. Swoole: {@code Server->sendfile()}.
	 * @param fd the connection
	 * @param file the file
	 * @param offset where to begin, in bytes
	 * @param length how many bytes; 0: up to the end
	 * @return {@code false} if nothing was queued, see {@link #getLastError()}:
	 * {@link SwooleError#SYSTEM_CALL_FAIL} where there is no such file or it ends before
	 * the offset, {@link SwooleError#IS_NOT_REGULAR_FILE},
	 * {@link SwooleError#NAME_TOO_LONG}, {@link SwooleError#INVALID_PARAMS} where it ends
	 * before offset plus length, {@link SwooleError#OUTPUT_BUFFER_OVERFLOW}, or what the
	 * connection says
	 * @throws IllegalArgumentException if offset or length are negative
	 */
	boolean sendFile(long fd, Path file, long offset, long length);

	/**
	 * Closes a connection after the output queued for it has been written. Its
	 * {@link ServerHandler#onClose} is called with reactor id −1: before this method
	 * returns when called in a callback of that connection, before the next event of the
	 * worker that owns the connection when called in that worker, otherwise as soon as
	 * that worker comes to it. Swoole: {@code Server->close()}.
	 * @param fd the connection
	 * @return {@code true} if the request was accepted
	 */
	boolean close(long fd);

	/**
	 * Closes a connection.
	 * @param fd the connection
	 * @param reset {@code true} to discard output that is still queued and close at once,
	 * even if an orderly close has been requested before
	 * @return {@code true} if the request was accepted
	 * @see #close(long)
	 */
	boolean close(long fd, boolean reset);

	/**
	 * Whether the connection is live: established and not being closed. Swoole:
	 * {@code Server->exists()}.
	 * @param fd the connection
	 * @return {@code true} if data can be sent to it; if not, {@link #getLastError()}
	 * says why
	 */
	boolean exists(long fd);

	/**
	 * Stops reading from a connection. Packets handed to its worker already are still
	 * handled, and sending goes on. The end of the client's side is noticed after
	 * {@link #resume}. Swoole: {@code Server->pause()}.
	 * @param fd the connection
	 * @return {@code true} if it is paused now, or was
	 */
	boolean pause(long fd);

	/**
	 * Goes on reading from a connection. Swoole: {@code Server->resume()}.
	 * @param fd the connection
	 * @return {@code true} if it is read now, or was
	 */
	boolean resume(long fd);

	/**
	 * Begins to read from a connection that was accepted with
	 * {@code enable-delay-receive}. The same as {@link #resume}. Swoole:
	 * {@code Server->confirm()}.
	 * @param fd the connection
	 * @return {@code true} if it is read now, or was
	 */
	boolean confirm(long fd);

	/**
	 * Sets whether the heartbeat leaves a connection alone, however long it is silent.
	 * Swoole: {@code Server->protect()}.
	 * @param fd the connection
	 * @param on {@code true} to protect it
	 * @return {@code false} if there is no such connection
	 */
	boolean protect(long fd, boolean on);

	/**
	 * Binds a connection to a user, once. Swoole: {@code Server->bind()}.
	 * @param fd the connection
	 * @param uid the user
	 * @return {@code false} if the connection is bound already, or there is none
	 * @throws IllegalArgumentException if the uid is not greater than 0
	 */
	boolean bind(long fd, long uid);

	/**
	 * The facts of a connection, until its {@link ServerHandler#onClose} has returned.
	 * Swoole: {@code Server->getClientInfo()}.
	 * @param fd the connection
	 * @return a snapshot, or empty if there is no such connection
	 */
	Optional<ClientInfo> getClientInfo(long fd);

	/**
	 * Lists connections page by page, without those that are being closed. Swoole:
	 * {@code Server->getClientList()}.
	 * @param afterFd the last connection of the page before, which need not exist any
	 * more; 0 for the first page
	 * @param size how many at most, 1 to 100
	 * @return their fds, ascending; empty at the end
	 * @throws IllegalArgumentException if the size is not allowed
	 */
	List<Long> getClientList(long afterFd, int size);

	/**
	 * All connections in the order of their fds, without those that are being closed. May
	 * be gone through, any number of times, while others come and go: it shows what was
	 * there at the beginning and has not ended, and may or may not show what came later.
	 * Swoole: {@code $server->connections}.
	 * @return the connections
	 */
	Iterable<Connection> getConnections();

	/**
	 * How many connections there are, with those that are being closed. Swoole:
	 * {@code count($server->connections)}.
	 * @return the number
	 */
	int getConnectionCount();

	/**
	 * Makes a connection a member of a group. A group exists while it has members, and a
	 * connection may be in any number of groups; it leaves all of them when it ends,
	 * right after its {@link ServerHandler#onClose}. Joining twice is joining once. Not
	 * in Swoole.
	 * @param fd the connection
	 * @param group the name of the group
	 * @return {@code false} if there is no such connection, see {@link #getLastError()}
	 */
	boolean join(long fd, String group);

	/**
	 * Makes a connection no member of a group any more, if it was one. Not in Swoole.
	 * @param fd the connection
	 * @param group the name of the group
	 * @return {@code false} if there is no such connection, see {@link #getLastError()}
	 */
	boolean leave(long fd, String group);

	/**
	 * The members of a group, without those that are being closed. Not in Swoole.
	 * @param group the name of the group
	 * @return a snapshot of their fds, empty if there is no such group
	 */
	Set<Long> getGroup(String group);

	/**
	 * Queues bytes for all connections of all listeners. They are copied once for all of
	 * them, and every event loop is woken once. Connections whose output is full are left
	 * out, nothing is waited for. The order of {@link #send(long, byte[])} holds between
	 * the two. Not in Swoole.
	 * @param data the bytes, at least one
	 * @return how many connections have accepted them
	 */
	int broadcast(byte[] data);

	/**
	 * Queues bytes for the connections of a group. One that leaves the group and joins it
	 * again meanwhile may get them twice. Not in Swoole.
	 * @param group the name of the group
	 * @param data the bytes, at least one
	 * @return how many connections have accepted them
	 * @see #broadcast(byte[])
	 */
	int broadcast(String group, byte[] data);

	/**
	 * Queues bytes for all connections that have been bound to a user. Not in Swoole.
	 * @param uid the user id
	 * @param data the bytes, at least one
	 * @return how many connections have accepted them
	 * @see #bind(long, long)
	 * @see #broadcast(byte[])
	 */
	int sendToUser(long uid, byte[] data);

	/**
	 * Finds the connections whose client has been silent for longer than
	 * {@code heartbeat-idle-time}, but for those that are protected. Swoole:
	 * {@code Server->heartbeat()}.
	 * @param close {@code true} to close them as {@link #close(long)} does, {@code false}
	 * only to list them
	 * @return their fds, ascending; none when no heartbeat is configured
	 */
	List<Long> heartbeat(boolean close);

	/**
	 * The id of the worker the calling thread is: event workers 0 to {@code worker-num} −
	 * 1, then the task workers, then the {@linkplain UserProcess processes}. Swoole:
	 * {@code $server->worker_id}.
	 * @return the id, −1 in every other thread
	 */
	int getWorkerId();

	/**
	 * Whether the calling thread is a task worker of this server. Swoole:
	 * {@code $server->taskworker}.
	 * @return {@code true} in a task worker
	 */
	boolean isTaskWorker();

	/**
	 * Sends a message to a worker, whose {@link ServerHandler#onPipeMessage} receives it;
	 * from any thread. The message is passed by reference: do not change it afterwards. A
	 * task worker handles it between tasks, after those posted before it; at once while
	 * it can begin none, because one goes on that has returned a {@code CompletionStage}
	 * or all its virtual threads are taken. Swoole: {@code Server->sendMessage()}.
	 * @param message the message
	 * @param workerId the worker, an event worker or a task worker
	 * @return {@code false} if the server stops, or 65536 messages wait for that worker
	 * already
	 * @throws IllegalArgumentException if there is no such worker, or it is the calling
	 * one
	 * @throws IllegalStateException if there is no handler for messages or the server
	 * does not run
	 */
	boolean sendMessage(Object message, int workerId);

	/**
	 * Runs something again and again in the calling worker, serially with its callbacks;
	 * called in any other thread, in worker 0. A task worker comes to it between tasks.
	 * The time from run to run is fixed; runs that are missed because the worker is busy
	 * are not made up for. The timer ends when its worker stops or restarts. Swoole:
	 * {@code Timer::tick()}.
	 * @param period the time between two runs, at least one millisecond
	 * @param timer what to run; what it throws is logged and the timer goes on
	 * @return the id of the timer, positive
	 * @throws IllegalArgumentException if the time is too short
	 * @throws IllegalStateException if the worker is stopping or the server does not run
	 * @throws java.util.concurrent.RejectedExecutionException if another thread makes the
	 * timer, and the worker has too much to come to, see {@link #defer}
	 */
	long tick(Duration period, Runnable timer);

	/**
	 * Runs something once, later, in the calling worker; like {@link #tick}. Swoole:
	 * {@code Timer::after()}.
	 * @param delay the time until then, at least one millisecond
	 * @param timer what to run
	 * @return the id of the timer, positive
	 * @throws IllegalArgumentException if the time is too short
	 * @throws IllegalStateException if the worker is stopping or the server does not run
	 * @throws java.util.concurrent.RejectedExecutionException if another thread makes the
	 * timer, and the worker has too much to come to, see {@link #defer}
	 */
	long after(Duration delay, Runnable timer);

	/**
	 * Ends a timer; from any thread, and inside its own callback. Swoole:
	 * {@code Timer::clear()}.
	 * @param timerId the id of the timer
	 * @return {@code false} if there is no such timer, or not any more
	 */
	boolean clearTimer(long timerId);

	/**
	 * Runs something in the calling worker after what already waits there; called in any
	 * thread that is no worker, in worker 0. What waits for one worker is bounded: timers
	 * and work of other threads, and code of its {@linkplain #getWorkerExecutor
	 * executors}, are refused when 65536 of them wait already, and what its own callbacks
	 * leave with it when 1048576 do. Swoole: {@code Event::defer()}.
	 * @param work what to run
	 * @throws IllegalStateException if the server does not run
	 * @throws java.util.concurrent.RejectedExecutionException if too much waits for the
	 * worker already
	 */
	void defer(Runnable work);

	/**
	 * Makes an executor that goes on where the current callback runs: in the same worker,
	 * after what already waits there, and about the same connection. With virtual threads
	 * the code runs one after another with the callbacks of that connection; a task
	 * worker comes to it between tasks; called in any thread that is no worker, worker 0
	 * runs the code. For what comes back from elsewhere:
	 * {@code future.thenAcceptAsync(connection::send, server.getWorkerExecutor("receive"))}.
	 * <p>
	 * The executor may be used from any thread, as often as wanted. What the code throws
	 * is logged with worker and connection, counted and reported like the failure of a
	 * callback. The code runs even if the connection has ended meanwhile. Once the server
	 * has stopped, and while too much waits for the worker, see {@link #defer}, the
	 * executor throws a {@link java.util.concurrent.RejectedExecutionException}; code it
	 * has taken just before a stop may be dropped. Not in Swoole.
	 * @param event what failures of the code are reported as, see
	 * {@link HandlerError#event()}
	 * @return the executor
	 * @throws IllegalStateException if the server does not run
	 */
	Executor getWorkerExecutor(String event);

	/**
	 * What a worker does now. Swoole: {@code Server->getWorkerStatus()}.
	 * @param workerId the worker, an event worker or a task worker; −1: the calling
	 * worker
	 * @return the status, empty if there is no such worker
	 */
	Optional<WorkerStatus> getWorkerStatus(int workerId);

	/**
	 * Restarts one worker in an orderly way and returns at once: the callback in progress
	 * ends, then {@link ServerHandler#onWorkerStop} and
	 * {@link ServerHandler#onWorkerStart} run one after another. Its connections, queued
	 * packets, tasks and results stay. A callback that does not end within
	 * {@code max-wait-time} is dealt with as in {@link #reload()}. Swoole:
	 * {@code Server->stop()}.
	 * @param workerId the worker, an event worker or a task worker; −1: the calling
	 * worker
	 * @return {@code false} if the worker is being restarted already or the server stops
	 * @throws IllegalArgumentException if there is no such worker
	 * @throws IllegalStateException if the server does not run
	 */
	boolean stopWorker(int workerId);

	/**
	 * Restarts all event workers and task workers as {@link #stopWorker} does, all at
	 * once, or one after another with {@code reload-async} switched off, and returns at
	 * once. {@link ServerHandler#onBeforeReload} runs before,
	 * {@link ServerHandler#onAfterReload} when all have started anew.
	 * <p>
	 * The thread of a task worker, and in mode {@code process} of an event worker, whose
	 * callback does not end within {@code max-wait-time} is given up: it is interrupted,
	 * {@link ServerHandler#onWorkerError} is called, and a new thread goes on as the same
	 * worker. In mode {@code base} a callback that holds an event worker for longer is
	 * interrupted once, and the worker restarts when it returns. Swoole:
	 * {@code Server->reload()}.
	 * @return {@code false} if a reload is under way already or the server stops
	 * @throws IllegalStateException if the server does not run
	 */
	boolean reload();

	/**
	 * Restarts workers.
	 * @param onlyTaskWorkers {@code true} to restart task workers only
	 * @return {@code false} if a reload is under way already, the server stops, or there
	 * are no task workers to reload
	 * @throws IllegalStateException if the server does not run
	 * @see #reload()
	 */
	boolean reload(boolean onlyTaskWorkers);

	/**
	 * Counters of the server. They are read one after another while the server works, so
	 * they need not add up to the last digit. Swoole: {@code Server->stats()}.
	 * @return a snapshot
	 */
	ServerStats stats();

	/**
	 * Why the last operation of the calling thread on a connection returned
	 * {@code false}. Swoole: {@code Server->getLastError()}.
	 * @return the reason, {@link SwooleError#NONE} after a success
	 */
	SwooleError getLastError();

	/**
	 * What the server listens on, the main listener first, with the bound ports. Swoole:
	 * {@code $server->ports}.
	 * @return the listeners, empty before the start
	 */
	List<Listener> getListeners();

	/**
	 * The address the main listener is bound to. Swoole: {@code $server->host} and
	 * {@code $server->port}.
	 * @return the address with the real port
	 * @throws IllegalStateException if the server does not listen
	 */
	InetSocketAddress getAddress();

	/**
	 * Whether the server has been started and has not begun to stop. Not in Swoole.
	 * @return {@code true} while it serves
	 */
	boolean isRunning();

	/**
	 * Binds all listeners, starts task workers and workers, calls
	 * {@link ServerHandler#onStart} in the calling thread and begins to accept. Returns
	 * when connections are accepted; on failure nothing stays bound. While it runs, the
	 * server keeps the JVM alive. Swoole: {@code Server->start()}, which returns when the
	 * server has stopped.
	 * @throws IllegalStateException if the server runs or has been stopped
	 * @throws PortInUseException if an address is taken
	 * @throws ServerException if the server cannot be started for another reason
	 */
	void start();

	/**
	 * Starts a server that has been stopped once more: a new run with new workers and
	 * fresh counters. Only the fds go on, so that an answer to a client of an earlier run
	 * reaches nobody else. Does what {@link #start()} does when it has never run. Not in
	 * Swoole.
	 * @throws IllegalStateException if the server runs or is still stopping
	 * @throws ServerException as {@link #start()}
	 */
	void restart();

	/**
	 * Begins to stop the server in an orderly way and returns at once: no new connections
	 * and tasks; running and queued work may finish within {@code max-wait-time}, results
	 * are delivered, output is flushed, then connections are closed. May be called from
	 * any callback; does nothing when the server does not run. Swoole:
	 * {@code Server->shutdown()}.
	 * @see #awaitTermination(Duration)
	 */
	void shutdown();

	/**
	 * Waits until the server has stopped and its threads are gone. Must not be called in
	 * a worker of the server. Not in Swoole.
	 * @param timeout how long to wait
	 * @return {@code true} if the server is stopped, {@code false} if the time ran out
	 * @throws InterruptedException if the caller is interrupted
	 * @throws IllegalStateException if called in a worker of this server
	 */
	boolean awaitTermination(Duration timeout) throws InterruptedException;

}
