package io.swoole.task.result;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.swoole.server.Internal;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.queue.TaskReply;
import org.jspecify.annotations.Nullable;

/**
 * A future that completes with the first result, in the thread that delivers it: never
 * through the mailbox of an event worker, which may be the one that waits for the future.
 * Failures complete it in a thread of their own, as they may come from the timers.
 */
@Internal
public final class AsyncReply implements TaskReply {

	private final CompletableFuture<@Nullable Object> future = new CompletableFuture<>();

	private final Executor failures;

	/**
	 * Creates a reply.
	 * @param failures completes the future when there is no result
	 */
	public AsyncReply(Executor failures) {
		this.failures = failures;
	}

	/**
	 * The future.
	 * @return the future the application gets
	 */
	public CompletableFuture<@Nullable Object> future() {
		return this.future;
	}

	@Override
	public boolean result(@Nullable Object result) {
		if (this.future.isDone()) {
			return false;
		}
		return WorkerContext.outsideOfTask(() -> this.future.complete(result));
	}

	@Override
	public void failed(RuntimeException failure) {
		this.failures.execute(() -> this.future.completeExceptionally(failure));
	}

	@Override
	public boolean isGivenUp() {
		return this.future.isDone();
	}

	@Override
	public boolean isLimited() {
		return true;
	}

}
