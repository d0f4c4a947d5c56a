package io.swoole.server.worker;

import io.netty.util.concurrent.FastThreadLocalThread;
import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a server. Carries the context of the worker it is, which is quicker to
 * reach than a thread local.
 */
@Internal
public final class SwooleThread extends FastThreadLocalThread {

	@Nullable WorkerContext context;

	/**
	 * Creates a daemon thread.
	 * @param code what it runs
	 * @param name its name
	 */
	public SwooleThread(Runnable code, String name) {
		super(code, name);
		setDaemon(true);
	}

}
