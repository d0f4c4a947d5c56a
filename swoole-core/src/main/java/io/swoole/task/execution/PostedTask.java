package io.swoole.task.execution;

import java.time.Instant;

import io.swoole.server.worker.Lane;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.task.Task;
import io.swoole.task.TaskOptions;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskReply;
import io.swoole.task.queue.TaskTerms;
import io.swoole.task.result.ResultRouter;
import org.jspecify.annotations.Nullable;

/**
 * A task as it was posted, which is also what the application gets of its first attempt:
 * most tasks have one attempt, nobody ends it by force, and nothing else need be created
 * for it. A {@link RunningTask} exists for all other attempts, and for the first one from
 * the moment on when somebody wants more of it than to end by itself.
 */
final class PostedTask extends TaskEnvelope implements Task {

	private static final int NOWHERE = -1;

	private final ResultRouter results;

	private int taskWorkerId = NOWHERE;

	private @Nullable Thread thread;

	PostedTask(long id, Object data, TaskTerms terms, TaskOptions options, @Nullable TaskReply reply, int sourceWorker,
			Lane lane, @Nullable TaskOrigin origin, int target, ResultRouter results) {
		super(id, data, terms, options, reply, sourceWorker, lane, origin, target);
		this.results = results;
	}

	/**
	 * Its first attempt begins; in its thread.
	 * @param taskWorkerId who executes it
	 * @param slot what of that it occupies
	 */
	void begin(int taskWorkerId, Slot slot) {
		this.taskWorkerId = taskWorkerId;
		this.thread = Thread.currentThread();
		execution(slot);
	}

	/** The thread of its first attempt; for who has seen its execution. */
	@Nullable Thread thread() {
		return this.thread;
	}

	@Override
	public int sourceWorkerId() {
		return sourceWorker();
	}

	@Override
	public int taskWorkerId() {
		return this.taskWorkerId;
	}

	@Override
	public Instant dispatchTime() {
		return Instant.ofEpochMilli(dispatchMillis());
	}

	@Override
	public int attempt() {
		return 1;
	}

	@Override
	public boolean finish(@Nullable Object result) {
		return !isFirstClosed() && this.results.deliver(this, this.taskWorkerId, result);
	}

	@Override
	public boolean progress(Object state) {
		return !isFirstClosed() && this.results.progress(this, state);
	}

	@Override
	public boolean isCancelled() {
		return isFirstClosed();
	}

	@Override
	public String toString() {
		return "Task[id=" + id() + ", attempt=1]";
	}

}
