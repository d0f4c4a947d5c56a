package io.swoole.server;

/**
 * What a worker does. Swoole: {@code SWOOLE_WORKER_BUSY} and its like.
 *
 * @see SwooleServer#getWorkerStatus(int)
 */
public enum WorkerStatus {

	/** A callback runs. */
	BUSY,

	/** No callback runs. */
	IDLE,

	/** The worker has been told to stop or to begin anew and has not done so yet. */
	EXITING

}
