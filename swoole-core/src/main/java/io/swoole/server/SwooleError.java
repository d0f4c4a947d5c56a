package io.swoole.server;

/**
 * Why an operation was refused, or why the log says what it says, with Swoole's numbers
 * ({@code SWOOLE_ERROR_*}) and names. Those that say <em>unused</em> stand for situations
 * that do not arise in one JVM, or that are told otherwise; they exist so that numbers
 * known from Swoole have a name.
 *
 * @see SwooleServer#getLastError()
 */
public enum SwooleError {

	/** No error: the last operation has succeeded. */
	NONE(0),

	/** The connection ended while the send waited for room in its output. */
	ECONNRESET(104),

	/** A file cannot be sent: it does not exist, or ends before the offset. */
	SYSTEM_CALL_FAIL(502),

	/** Unused: what a callback throws does not end its worker. */
	PHP_FATAL_ERROR(503),

	/** The path of a file or a unix socket is too long for the operating system. */
	NAME_TOO_LONG(504),

	/** An argument is out of range. */
	INVALID_PARAMS(505),

	/** Unused: every operation works in every mode. */
	OPERATION_NOT_SUPPORT(507),

	/** The operation was done before and cannot be done twice. */
	WRONG_OPERATION(509),

	/** There was no data to send. */
	NO_PAYLOAD(550),

	/** Unused: {@link #SESSION_CLOSED}. */
	SESSION_CLOSED_BY_SERVER(1001),

	/** Unused: {@link #SESSION_CLOSED}. */
	SESSION_CLOSED_BY_CLIENT(1002),

	/** The close callback of the connection is running. */
	SESSION_CLOSING(1003),

	/** The connection has been closed, by the server or by the client. */
	SESSION_CLOSED(1004),

	/** There is no connection with this fd. */
	SESSION_NOT_EXIST(1005),

	/** Unused: {@link #SESSION_NOT_EXIST}. */
	SESSION_INVALID_ID(1006),

	/** Unused: {@link ServerStats#discardCount()} counts such packets. */
	SESSION_DISCARD_TIMEOUT_DATA(1007),

	/** As much as {@code socket-buffer-size} allows waits to be written already. */
	OUTPUT_BUFFER_OVERFLOW(1009),

	/** Unused: the log says why a certificate was refused. */
	SSL_VERIFY_FAILED(1014),

	/** Unused: the log says what the client has done. */
	SSL_BAD_CLIENT(1015),

	/** A packet exceeds {@code package-max-length}; in the log only. */
	PACKAGE_LENGTH_TOO_LARGE(1201),

	/** A packet has no valid length; in the log only. */
	PACKAGE_LENGTH_NOT_FOUND(1202),

	/** The data exceed {@code output-buffer-size}. */
	DATA_LENGTH_TOO_LARGE(1203),

	/** A packet is malformed; in the log only. */
	PACKAGE_MALFORMED_DATA(1204),

	/** Unused: the payload of a task may have any size. */
	TASK_PACKAGE_TOO_BIG(2001),

	/** Unused: {@link io.swoole.task.TaskRejectedException} is thrown. */
	TASK_DISPATCH_FAIL(2002),

	/** Unused: {@link ServerStats#droppedResultCount()} counts late results. */
	TASK_TIMEOUT(2003),

	/** A blocking send ran out of time in a platform thread. */
	SOCKET_POLL_TIMEOUT(6002),

	/** As many connections are open as {@code max-connection} allows; in the log only. */
	TOO_MANY_SOCKET(9002),

	/** Unused: {@link InvalidOptionException} is thrown. */
	INVALID_LISTEN_PORT(9004),

	/** All event workers are busy in dispatch mode 3; in the log only. */
	NO_IDLE_WORKER(9007),

	/** Unused: any thread can send. */
	SEND_IN_MASTER(9009),

	/** A file cannot be sent because it is no regular file. */
	IS_NOT_REGULAR_FILE(9013),

	/**
	 * Unused: results and messages are never lost for lack of time. (Swoole's spelling.)
	 */
	SEND_TO_WOKER_TIMEOUT(9014),

	/** A callback can never be called in this dispatch mode; in the log only. */
	INVALID_CALLBACK(9015),

	/** Unused: the log names a worker that does not end in time, and what it does. */
	WORKER_EXIT_TIMEOUT(9101),

	/**
	 * A wait for room to send, or a blocking send, ran out of time in a virtual thread.
	 */
	CO_TIMEDOUT(10018);

	private final int code;

	SwooleError(int code) {
		this.code = code;
	}

	/**
	 * Swoole's number of this error.
	 * @return the code
	 */
	public int code() {
		return this.code;
	}

}
