package io.swoole.task.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.swoole.server.Internal;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.queue.TaskReply;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits for the first results of several tasks, and takes those that have
 * come in time.
 */
@Internal
public final class BatchReply {

	private final int size;

	private final Executor failures;

	/** Completes when no more results can come, or the time is over. */
	private final CompletableFuture<Void> closed = new CompletableFuture<>();

	// guarded by this

	private final SortedMap<Integer, @Nullable Object> results = new TreeMap<>();

	private int missing;

	private boolean over;

	/**
	 * Creates a batch.
	 * @param size how many tasks it has
	 * @param failures completes the batch when its last task has no result
	 */
	public BatchReply(int size, Executor failures) {
		this.size = size;
		this.missing = size;
		this.failures = failures;
	}

	/**
	 * Waits for the results; in the thread that has posted the tasks.
	 * @param nanos how long; 0: no limit
	 * @return the results by index; those that are missing are missing
	 * @throws InterruptedException if the thread is interrupted; nobody waits any more
	 * @throws TaskRejectedException if the server stops
	 */
	public SortedMap<Integer, @Nullable Object> await(long nanos) throws InterruptedException {
		try {
			if (nanos > 0) {
				this.closed.get(nanos, TimeUnit.NANOSECONDS);
			}
			else {
				this.closed.get();
			}
		}
		catch (TimeoutException ex) {
			// what has come so far is the result
		}
		catch (ExecutionException ex) {
			throw Failures.inCaller(ex.getCause());
		}
		finally {
			close();
		}
		synchronized (this) {
			return new TreeMap<>(this.results);
		}
	}

	/**
	 * Completes when all results have come, or no more are waited for.
	 * @return one entry per task; empty where there is no result, or none but
	 * {@code null}
	 */
	public CompletableFuture<List<Optional<Object>>> future() {
		return this.closed.thenApply((nothing) -> list());
	}

	private synchronized List<Optional<Object>> list() {
		List<Optional<Object>> list = new ArrayList<>(this.size);
		for (int i = 0; i < this.size; i++) {
			list.add(Optional.ofNullable(this.results.get(i)));
		}
		return list;
	}

	/**
	 * Waits for no more results; not in a thread of the application.
	 */
	public void giveUp() {
		close();
		this.failures.execute(() -> this.closed.complete(null));
	}

	/**
	 * Takes no more results.
	 */
	public synchronized void close() {
		this.over = true;
	}

	/**
	 * Where the first result of one of the tasks goes.
	 * @param index the position of the task
	 * @return the reply
	 */
	public TaskReply entry(int index) {
		return new Entry(index);
	}

	private final class Entry implements TaskReply {

		private final int index;

		Entry(int index) {
			this.index = index;
		}

		@Override
		public boolean result(@Nullable Object result) {
			boolean last;
			synchronized (BatchReply.this) {
				if (BatchReply.this.over) {
					return false;
				}
				BatchReply.this.results.put(this.index, result);
				last = --BatchReply.this.missing == 0;
				BatchReply.this.over = last;
			}
			if (last) {
				WorkerContext.outsideOfTask(() -> BatchReply.this.closed.complete(null));
			}
			return true;
		}

		@Override
		public void failed(RuntimeException failure) {
			boolean stopped = failure instanceof TaskRejectedException;
			boolean last;
			synchronized (BatchReply.this) {
				last = !BatchReply.this.over && --BatchReply.this.missing == 0;
				BatchReply.this.over |= last || stopped;
			}
			if (stopped) {
				BatchReply.this.failures.execute(() -> BatchReply.this.closed.completeExceptionally(failure));
			}
			else if (last) {
				BatchReply.this.failures.execute(() -> BatchReply.this.closed.complete(null));
			}
		}

		@Override
		public boolean isGivenUp() {
			synchronized (BatchReply.this) {
				return BatchReply.this.over;
			}
		}

		@Override
		public boolean isLimited() {
			return false;
		}

	}

}
