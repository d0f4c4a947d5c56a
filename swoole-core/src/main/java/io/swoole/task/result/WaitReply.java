package io.swoole.task.result;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.swoole.server.Internal;
import io.swoole.task.queue.TaskReply;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for the first result.
 */
@Internal
public final class WaitReply implements TaskReply {

	private final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();

	@Override
	public boolean result(@Nullable Object result) {
		return this.outcome.complete(result);
	}

	@Override
	public void failed(RuntimeException failure) {
		this.outcome.completeExceptionally(failure);
	}

	@Override
	public boolean isGivenUp() {
		return this.outcome.isCancelled();
	}

	@Override
	public boolean isLimited() {
		return false;
	}

	/**
	 * Waits for the result; in the thread that has posted the task.
	 * @param nanos how long; 0: no limit
	 * @return the result
	 * @throws TimeoutException if there is none in time; nobody waits any more
	 * @throws InterruptedException if the thread is interrupted; nobody waits any more
	 * @throws RuntimeException the failure of the task
	 */
	public @Nullable Object await(long nanos) throws TimeoutException, InterruptedException {
		try {
			return (nanos > 0) ? this.outcome.get(nanos, TimeUnit.NANOSECONDS) : this.outcome.get();
		}
		catch (ExecutionException ex) {
			throw Failures.inCaller(ex.getCause());
		}
		catch (TimeoutException | InterruptedException ex) {
			if (this.outcome.cancel(false)) {
				throw ex;
			}
			if (ex instanceof InterruptedException) {
				Thread.currentThread().interrupt(); // to be seen by the caller
			}
			return await(0); // the result has come in the last moment
		}
	}

}
