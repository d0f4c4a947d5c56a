package io.swoole.task.execution;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import io.swoole.server.TaskInterceptor.Callback;
import io.swoole.server.callback.TaskCallbacks;
import io.swoole.server.callback.TaskFailure;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.Task;
import io.swoole.task.interception.TaskInterceptors;
import io.swoole.task.queue.Nanos;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.queue.TaskState;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.Timer;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes tasks. For an attempt that is to end by itself nothing is created.
 */
final class TaskExecutor {

	private static final Logger logger = LoggerFactory.getLogger(TaskExecutor.class);

	private final TaskQueue queue;

	private final ResultRouter results;

	private final TaskCallbacks callbacks;

	private final @Nullable TaskInterceptors interceptors;

	private final Timers timers;

	private final TaskFailures failures;

	private final ForcedEnds ends;

	TaskExecutor(TaskQueue queue, ResultRouter results, TaskCallbacks callbacks,
			@Nullable TaskInterceptors interceptors, Timers timers, TaskFailures failures, ForcedEnds ends) {
		this.queue = queue;
		this.results = results;
		this.callbacks = callbacks;
		this.interceptors = interceptors;
		this.timers = timers;
		this.failures = failures;
		this.ends = ends;
	}

	/** Ends by force what this executes. */
	ForcedEnds ends() {
		return this.ends;
	}

	/**
	 * Executes a task a worker has claimed, in a thread of that worker.
	 * @param task the task
	 * @param context the context of the calling thread
	 * @param slot is told when the attempt is over
	 */
	void execute(TaskEnvelope task, WorkerContext context, Slot slot) {
		long timeout = timeout(task);
		if (timeout == 0 && task.attempts() == 1 && task instanceof PostedTask posted) {
			executeFirst(posted, context, slot);
		}
		else {
			executeInOwn(task, timeout, context, slot);
		}
	}

	/** A task that is to end by itself: nothing is created for its attempt. */
	private void executeFirst(PostedTask task, WorkerContext context, Slot slot) {
		try {
			slot.begin(task, context);
			task.begin(context.workerId(), slot);
			// a task cancelled after it was claimed is not begun
			Object outcome = (task.state() == TaskState.RUNNING) ? call(context, task, task) : null;
			if (outcome instanceof CompletionStage<?> stage) {
				goOn(this.ends.detached(task, slot), stage, context);
			}
			else {
				finish(task, task, outcome, context);
				ended(task, slot, outcome);
			}
		}
		catch (Throwable ex) {
			ended(task, slot, new TaskFailure(ex)); // its worker must not wait for it
			throw ex;
		}
		finally {
			// an interrupt meant for this task must not reach the next one
			Thread.interrupted();
		}
	}

	private void executeInOwn(TaskEnvelope task, long timeout, WorkerContext context, Slot slot) {
		RunningTask attempt = this.ends.attempt(task, context.workerId(), slot);
		try {
			slot.begin(attempt, context);
			if (timeout > 0) {
				this.ends.watch(attempt, timeout);
			}
			task.execution(attempt); // from here on it can be cancelled
			Object outcome = (task.state() == TaskState.RUNNING) ? call(context, task, attempt) : null;
			if (outcome instanceof CompletionStage<?> stage) {
				goOn(attempt, stage, context);
			}
			else {
				finish(task, attempt, outcome, context);
				over(attempt, outcome);
			}
		}
		catch (Throwable ex) {
			over(attempt, new TaskFailure(ex));
			throw ex;
		}
		finally {
			Thread.interrupted();
		}
	}

	private @Nullable Object call(WorkerContext context, TaskEnvelope task, Task attempt) {
		TaskInterceptors interceptors = this.interceptors;
		if (interceptors == null) {
			return this.callbacks.task(context, attempt, task.terms().type());
		}
		if (!interceptors.areNeededAround(Callback.TASK, task)) {
			try {
				return this.callbacks.task(context, attempt, task.terms().type());
			}
			finally {
				interceptors.cleanUp(Callback.TASK, task);
			}
		}
		@Nullable Object[] outcome = new Object[1];
		interceptors.around(Callback.TASK, task,
				() -> outcome[0] = this.callbacks.task(context, attempt, task.terms().type()));
		return outcome[0];
	}

	/** Delivers what the handler has returned; in its thread. */
	private static void finish(TaskEnvelope task, Task attempt, @Nullable Object outcome, WorkerContext context) {
		if (outcome == null || outcome instanceof TaskFailure) {
			return;
		}
		if (task.reply() == null) {
			attempt.finish(outcome);
			return;
		}
		// what depends on a future runs here, and may hold the worker like the handler
		context.busy(true);
		try {
			attempt.finish(outcome);
		}
		finally {
			context.busy(false);
		}
	}

	private void goOn(RunningTask attempt, CompletionStage<?> stage, WorkerContext context) {
		attempt.goOn(stage);
		// if the stage is complete, all that comes of it happens here
		context.busy(true);
		try {
			stage.whenComplete((result, failure) -> completed(attempt, result, failure));
		}
		finally {
			attempt.letGo();
			context.busy(false);
		}
	}

	private void completed(RunningTask attempt, @Nullable Object result, @Nullable Throwable thrown) {
		Throwable failure = (thrown instanceof CompletionException && thrown.getCause() != null) ? thrown.getCause()
				: thrown;
		try {
			if (failure != null) {
				this.callbacks.taskThrew(attempt.handle(), failure);
				over(attempt, new TaskFailure(failure));
			}
			else {
				if (result != null) {
					attempt.handle().finish(result);
				}
				over(attempt, result);
			}
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure around {}; the task worker goes on", attempt, ex);
			over(attempt, new TaskFailure((failure != null) ? failure : ex));
		}
	}

	/** The first attempt has ended by itself, unless somebody has begun to end it. */
	private void ended(PostedTask task, Slot slot, @Nullable Object outcome) {
		if (!task.execution(slot, null)) {
			RunningTask attempt = RunningTask.of(task);
			if (attempt != null) {
				over(attempt, outcome);
			}
			return; // otherwise it was given up; what it does no longer matters
		}
		try {
			if (outcome instanceof TaskFailure failure) {
				task.closeFirst();
				this.failures.failed(task, task, failure.cause());
			}
			else {
				this.results.returned(task);
				this.queue.executed(task);
			}
		}
		finally {
			slot.end(task, false);
		}
	}

	private void over(RunningTask attempt, @Nullable Object outcome) {
		if (!attempt.end()) {
			return; // it was given up; what it does no longer matters
		}
		try {
			Timer timer = attempt.timer();
			if (timer != null) {
				this.timers.cancel(timer);
			}
			TaskEnvelope task = attempt.envelope();
			Throwable failure = (outcome instanceof TaskFailure thrown) ? thrown.cause() : null;
			Throwable cause = (attempt.cause() != null) ? attempt.cause() : failure;
			if (cause == null) {
				this.results.returned(task);
				this.queue.executed(task);
			}
			else {
				attempt.close();
				this.failures.failed(task, attempt.handle(), cause);
			}
		}
		finally {
			attempt.slot().end(attempt.handle(), attempt.isDetached());
		}
	}

	private static long timeout(TaskEnvelope task) {
		Duration own = task.options().getTimeout();
		return (own != null) ? Nanos.of(own) : task.terms().timeout();
	}

}
