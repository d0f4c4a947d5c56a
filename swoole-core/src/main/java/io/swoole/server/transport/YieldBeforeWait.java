package io.swoole.server.transport;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;

/**
 * Lets other threads run once, and looks again, before an event loop waits in the kernel.
 * <p>
 * On a busy machine there is more to do by then: many clients are served in one round in
 * place of one in each, and a task worker that brings a result meanwhile need not wake
 * the loop up. On an idle machine it costs two cheap system calls before each wait.
 */
final class YieldBeforeWait implements SelectStrategy {

	@Override
	public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
		if (!hasTasks) {
			Thread.yield();
		}
		int ready = selectNow.get();
		return (hasTasks || ready > 0) ? ready : SelectStrategy.SELECT;
	}

}
