package io.swoole.server.connection;

import io.swoole.server.Internal;

/**
 * What the connections of a server share.
 *
 * @param registry finds them
 * @param counters counts them
 * @param lastError remembers why an operation was refused
 * @param closing brings requests to close to the right worker
 */
@Internal
public record ConnectionScope(ConnectionRegistry registry, ServerCounters counters, LastError lastError,
		Closing closing) {

	/**
	 * Brings a request to close a connection to the worker that owns it.
	 */
	@Internal
	@FunctionalInterface
	public interface Closing {

		/**
		 * The server has been asked to close a connection; called once per connection,
		 * from any thread.
		 * @param connection the connection
		 * @param reset whether to discard its output
		 */
		void closeRequested(NettyConnection connection, boolean reset);

	}

}
