package io.swoole.server.connection;

import io.swoole.server.Internal;

/**
 * Brings what happens to a connection inside the engine to the worker that owns it. All
 * methods may be called from any thread.
 */
@Internal
public interface ConnectionEvents {

	/**
	 * The server has been asked to close a connection; called once per connection.
	 * @param connection the connection
	 */
	void closeRequested(NettyConnection connection);

	/**
	 * The client has ended its side before, and now nothing is left to wait for.
	 * @param connection the connection
	 */
	void tasksAnswered(NettyConnection connection);

	/**
	 * The output of a connection has reached the high watermark. Full and empty take
	 * turns, beginning with full.
	 * @param connection the connection
	 */
	void bufferFull(NettyConnection connection);

	/**
	 * The output of a connection has fallen to the low watermark.
	 * @param connection the connection
	 */
	void bufferEmpty(NettyConnection connection);

}
