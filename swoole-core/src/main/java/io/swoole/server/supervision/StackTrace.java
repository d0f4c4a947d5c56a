package io.swoole.server.supervision;

import io.swoole.server.Internal;

/**
 * Where a thread is, in a form the log can print.
 */
@Internal
public final class StackTrace extends Throwable {

	private static final long serialVersionUID = 1L;

	private StackTrace(Thread thread) {
		super(thread.getName() + " is here", null, false, true);
		setStackTrace(thread.getStackTrace());
	}

	/**
	 * Where a thread is now.
	 * @param thread the thread
	 * @return its stack
	 */
	public static StackTrace of(Thread thread) {
		return new StackTrace(thread);
	}

}
