package io.swoole.server.connection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.swoole.server.ListenerOptions;

/**
 * Remembers what the output of a connection that need not exist has told.
 */
final class BufferEvents implements ConnectionEvents {

	final List<String> list = new ArrayList<>();

	@SuppressWarnings("NullAway") // no connection is needed to count
	PendingOutput pending(ListenerOptions options) {
		return new PendingOutput(null, this, options, Duration.ofSeconds(60));
	}

	@Override
	public void closeRequested(NettyConnection connection) {
	}

	@Override
	public void tasksAnswered(NettyConnection connection) {
	}

	@Override
	public void bufferFull(NettyConnection connection) {
		this.list.add("full");
	}

	@Override
	public void bufferEmpty(NettyConnection connection) {
		this.list.add("empty");
	}

}
