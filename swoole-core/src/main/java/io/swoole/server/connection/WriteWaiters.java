package io.swoole.server.connection;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Those who wait for the bytes up to some position to be written; on the event loop only.
 */
final class WriteWaiters {

	private final ArrayDeque<Waiter> all = new ArrayDeque<>();

	/**
	 * Adds one that waits.
	 * @param position how many bytes must have been written, no fewer than for those
	 * before
	 * @param action is given whether they have been
	 */
	void add(long position, Consumer<Boolean> action) {
		this.all.add(new Waiter(position, action));
	}

	/** So many bytes have been written. */
	void written(long position) {
		for (Waiter first = this.all.peek(); first != null && first.position <= position; first = this.all.peek()) {
			this.all.remove();
			first.action.accept(true);
		}
	}

	/** Nothing more will be written. */
	void close() {
		for (Waiter first = this.all.poll(); first != null; first = this.all.poll()) {
			first.action.accept(false);
		}
	}

	private record Waiter(long position, Consumer<Boolean> action) {

	}

}
