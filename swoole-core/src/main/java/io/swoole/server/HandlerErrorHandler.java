package io.swoole.server;

/**
 * Is told of every failure in a callback, after it has been logged and counted.
 */
@FunctionalInterface
public interface HandlerErrorHandler {

	/**
	 * Handles a failure. Called in the thread of the callback; what this method throws is
	 * logged and goes no further.
	 * @param server the server
	 * @param error what failed
	 */
	void handle(SwooleServer server, HandlerError error);

}
