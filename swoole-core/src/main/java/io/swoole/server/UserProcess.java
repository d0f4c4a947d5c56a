package io.swoole.server;

/**
 * A background process of the application that lives with the server: it has a thread of
 * its own, is run again whenever it ends, and is interrupted when the server stops. It
 * may use the server: {@link SwooleServer#send}, {@link SwooleServer#task},
 * {@link SwooleServer#sendMessage}, {@link SwooleServer#stats}. Its id, which
 * {@link SwooleServer#getWorkerId()} tells, follows those of the task workers. Swoole:
 * {@code Server->addProcess()}.
 *
 * @see ServerOptions.Builder#process(String, UserProcess)
 */
@FunctionalInterface
public interface UserProcess {

	/**
	 * Does its work. When it returns it is run again a little later; when it throws, that
	 * is logged and reported to {@link ServerHandler#onWorkerError} first. Reloads do not
	 * touch it.
	 * @param server the server
	 * @throws InterruptedException if the calling thread is interrupted: the server stops
	 */
	void run(SwooleServer server) throws InterruptedException;

}
