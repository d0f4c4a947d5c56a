package io.swoole.server.worker;

import io.swoole.server.Internal;

/**
 * What a callback is about, when somebody waits for the end of that callback.
 */
@Internal
@FunctionalInterface
public interface InHand {

	/**
	 * The thread of the callback has been given up: it counts as ended. Called once, in
	 * another thread, before the next thread of its worker begins; whether the callback
	 * has just returned, or returns afterwards, does not matter.
	 */
	void givenUp();

}
