package io.swoole.server;

/**
 * Handles messages between workers.
 *
 * @see ServerHandler#onPipeMessage
 */
@FunctionalInterface
public interface PipeMessageHandler {

	/**
	 * Handles a message, in the worker it was sent to.
	 * @param server the server
	 * @param message the message
	 * @throws Exception any failure; it is logged and counted
	 */
	void onPipeMessage(SwooleServer server, PipeMessage message) throws Exception;

}
