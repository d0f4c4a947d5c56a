package io.swoole.server.transport;

import java.util.function.BooleanSupplier;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import io.swoole.server.worker.Courtesy;

/**
 * Lets other threads run once, and looks again, before an event loop waits in the kernel
 * while task workers are about to bring it results: it need not be woken up for them, and
 * finds several at a time.
 */
final class YieldingSelectStrategy implements SelectStrategy {

	private final BooleanSupplier expecting;

	private final Courtesy courtesy = new Courtesy();

	YieldingSelectStrategy(BooleanSupplier expecting) {
		this.expecting = expecting;
	}

	@Override
	public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
		if (hasTasks) {
			return selectNow.get();
		}
		boolean again = this.expecting.getAsBoolean() && this.courtesy.letOthersRun();
		int ready = again ? selectNow.get() : 0;
		return (ready > 0) ? ready : SelectStrategy.SELECT;
	}

}
