package io.swoole.server;

/**
 * Why an operation was refused, or why the log says what it says, with Swoole's numbers
 * ({@code SWOOLE_ERROR_*}) and names.
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

	/** A worker has died by a failure nobody caught; in the log only. */
	PHP_FATAL_ERROR(503),

	/** The path of a file or a unix socket is too long for the operating system. */
	NAME_TOO_LONG(504),

	/** An argument is out of range. */
	INVALID_PARAMS(505),

	/** The server cannot do this in its present mode. */
	OPERATION_NOT_SUPPORT(507),

	/** The server cannot do this at this point of its life. */
	WRONG_OPERATION(509),

	/** There was no data to send. */
	NO_PAYLOAD(550),

	/** The server has closed the connection; in the log only. */
	SESSION_CLOSED_BY_SERVER(1001),

	/** The client has closed the connection; in the log only. */
	SESSION_CLOSED_BY_CLIENT(1002),

	/** The close callback of the connection is running. */
	SESSION_CLOSING(1003),

	/** The connection has been closed, by the server or by the client. */
	SESSION_CLOSED(1004),

	/** There is no connection with this fd. */
	SESSION_NOT_EXIST(1005),

	/** No connection can have this fd. */
	SESSION_INVALID_ID(1006),

	/** A packet of a connection that is closed was dropped; in the log only. */
	SESSION_DISCARD_TIMEOUT_DATA(1007),

	/** As much as {@code socket-buffer-size} allows waits to be written already. */
	OUTPUT_BUFFER_OVERFLOW(1009),

	/** The certificate of a client was refused; in the log only. */
	SSL_VERIFY_FAILED(1014),

	/** A client does not speak TLS; in the log only. */
	SSL_BAD_CLIENT(1015),

	/** A packet exceeds {@code package-max-length}; in the log only. */
	PACKAGE_LENGTH_TOO_LARGE(1201),

	/** A packet has no valid length; in the log only. */
	PACKAGE_LENGTH_NOT_FOUND(1202),

	/** The data exceed {@code output-buffer-size}. */
	DATA_LENGTH_TOO_LARGE(1203),

	/** A packet is malformed; in the log only. */
	PACKAGE_MALFORMED_DATA(1204),

	/** A task has a payload that is too large. */
	TASK_PACKAGE_TOO_BIG(2001),

	/** A task or a batch of tasks could not be dispatched. */
	TASK_DISPATCH_FAIL(2002),

	/** The result of a task came too late; in the log only. */
	TASK_TIMEOUT(2003),

	/** A wait for a task ran out of time in a platform thread. */
	SOCKET_POLL_TIMEOUT(6002),

	/** There are as many connections as {@code max-connection} allows. */
	TOO_MANY_SOCKET(9002),

	/** The address of a listener is invalid. */
	INVALID_LISTEN_PORT(9004),

	/** All task workers are busy; in the log only. */
	NO_IDLE_WORKER(9007),

	/** The calling thread cannot send this; any thread can here. */
	SEND_IN_MASTER(9009),

	/** A file cannot be sent because it is no regular file. */
	IS_NOT_REGULAR_FILE(9013),

	/** A message could not be handed to a worker in time. (Swoole's spelling.) */
	SEND_TO_WOKER_TIMEOUT(9014),

	/** A callback is missing, or can never be called with these settings. */
	INVALID_CALLBACK(9015),

	/** A worker did not end in time; in the log only. */
	WORKER_EXIT_TIMEOUT(9101),

	/** A wait, for a task or for room to send, ran out of time in a virtual thread. */
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
