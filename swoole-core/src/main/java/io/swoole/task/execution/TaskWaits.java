package io.swoole.task.execution;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

import io.swoole.server.Internal;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskTimeoutException;
import io.swoole.task.queue.Nanos;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.result.AsyncReply;
import io.swoole.task.result.BatchReply;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.result.WaitReply;
import io.swoole.task.timer.Timer;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;

/**
 * Posts tasks and waits for their results, with a thread or with a future. Waits end when
 * the result is there, the time is over, the task has failed or the server stops.
 */
@Internal
public final class TaskWaits {

	/** The highest number of tasks in a batch. */
	static final int MAX_BATCH = 1023;

	private final Object server;

	private final TaskSubmission submission;

	private final ResultRouter results;

	private final Timers timers;

	private final FailureThread failures;

	TaskWaits(Object server, TaskSubmission submission, ResultRouter results, Timers timers, FailureThread failures) {
		this.server = server;
		this.submission = submission;
		this.results = results;
		this.timers = timers;
		this.failures = failures;
	}

	/**
	 * Posts a task.
	 * @param data its payload
	 * @return completes with its first result
	 */
	public CompletableFuture<@Nullable Object> async(Object data) {
		checkFutures("taskAsync()");
		AsyncReply reply = new AsyncReply(this.failures);
		this.submission.submit(data, TaskOptions.none(), -1, reply);
		return reply.future();
	}

	/**
	 * Posts a task and waits for its first result.
	 * @param data its payload
	 * @param timeout how long, zero or negative for no limit
	 * @param taskWorker the index of the task worker, negative for any
	 * @return the result
	 */
	public @Nullable Object await(Object data, Duration timeout, int taskWorker) {
		checkWait("taskWait()");
		WaitReply reply = new WaitReply();
		TaskEnvelope task = this.submission.submit(data, TaskOptions.none(), taskWorker, reply);
		try {
			prepare();
			return reply.await(limit(timeout));
		}
		catch (TimeoutException ex) {
			this.results.givenUp(task);
			throw new TaskTimeoutException("Task " + task.id() + " has no result within " + timeout.toMillis() + " ms");
		}
		catch (InterruptedException ex) {
			this.results.givenUp(task);
			throw interrupted("task " + task.id(), ex);
		}
	}

	/**
	 * Posts tasks and waits for their first results.
	 * @param data their payloads
	 * @param timeout how long, zero or negative for no limit
	 * @return the results by index, without those that are missing
	 */
	public SortedMap<Integer, @Nullable Object> awaitAll(List<?> data, Duration timeout) {
		checkWait("taskWaitMulti()");
		checkBatch(data);
		if (data.isEmpty()) {
			return new TreeMap<>();
		}
		BatchReply batch = new BatchReply(data.size(), Runnable::run); // nothing depends
																		// on it
		List<TaskEnvelope> tasks = this.submission.submit(data, batch::entry);
		try {
			prepare();
			return batch.await(limit(timeout));
		}
		catch (InterruptedException ex) {
			throw interrupted(tasks.size() + " tasks", ex);
		}
		finally {
			tasks.forEach(this.results::givenUp);
		}
	}

	/**
	 * Posts tasks.
	 * @param data their payloads
	 * @param timeout how long to wait for results, zero or negative for no limit
	 * @return completes with the first results, in the order of the payloads
	 */
	public CompletableFuture<List<Optional<Object>>> asyncAll(List<?> data, Duration timeout) {
		this.submission.check("taskCo()");
		checkBatch(data);
		if (data.isEmpty()) {
			return CompletableFuture.completedFuture(List.of());
		}
		checkFutures("taskCo()");
		BatchReply batch = new BatchReply(data.size(), this.failures);
		List<TaskEnvelope> tasks = this.submission.submit(data, batch::entry);
		CompletableFuture<List<Optional<Object>>> future = batch.future();
		long limit = limit(timeout);
		if (limit > 0) {
			Timer timer = new Timer() {
				@Override
				protected void fire() {
					batch.giveUp();
					tasks.forEach(TaskWaits.this.results::givenUp);
				}
			};
			this.timers.schedule(timer, limit);
			future.whenComplete((list, failure) -> this.timers.cancel(timer));
		}
		// the application may give it up by itself
		future.whenComplete((list, failure) -> {
			batch.close();
			tasks.forEach(this.results::givenUp);
		});
		return future;
	}

	/** A worker is about to wait: it must not keep for itself what it has sent. */
	private void prepare() {
		WorkerContext context = WorkerContext.current(this.server);
		if (context != null && context.worker() != null) {
			context.worker().beforeWait();
		}
	}

	private void checkWait(String method) {
		if (WorkerContext.isTaskWorker(this.server)) {
			throw new IllegalStateException(method + " cannot be used in a task worker: post from @OnFinish");
		}
		this.submission.check(method);
	}

	/** No more futures while nobody can tell those there are that they have failed. */
	private void checkFutures(String method) {
		if (this.failures.isFull()) {
			this.submission.check(method);
			throw new TaskRejectedException(method + " is refused: " + this.failures.waiting()
					+ " futures of tasks that have failed wait for one whose dependents block. Let what takes time run"
					+ " elsewhere, for example with whenCompleteAsync()");
		}
	}

	private static void checkBatch(List<?> data) {
		if (data.size() > MAX_BATCH) {
			throw new IllegalArgumentException(
					"A batch has " + MAX_BATCH + " tasks at most, not " + data.size() + ": post it in parts");
		}
	}

	private static long limit(Duration timeout) {
		return (timeout.isZero() || timeout.isNegative()) ? 0 : Nanos.of(timeout);
	}

	private RuntimeException interrupted(String what, InterruptedException ex) {
		Thread.currentThread().interrupt();
		return this.submission.isStopping() ? new TaskRejectedException("The server stops, " + what + " has no result")
				: new TaskTimeoutException("The wait for the result of " + what + " was interrupted", ex);
	}

}
