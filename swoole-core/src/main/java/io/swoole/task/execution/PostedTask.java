package io.swoole.task.execution;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.TaskInterceptor.Deferred;
import io.swoole.server.TaskInterceptor.Submission;
import io.swoole.task.TaskOptions;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.result.CallbackReply;
import io.swoole.task.result.ResultRouter;

/**
 * A task as interceptors see it when it is posted. Counts those who want it to wait.
 */
final class PostedTask implements Submission {

	private final TaskEnvelope task;

	private final TaskQueue queue;

	private final ResultRouter results;

	/** One for each that has deferred it, and one until it has been accepted. */
	private final AtomicInteger holds = new AtomicInteger(1);

	private volatile boolean held;

	private volatile boolean dropped;

	PostedTask(TaskEnvelope task, TaskQueue queue, ResultRouter results) {
		this.task = task;
		this.queue = queue;
		this.results = results;
	}

	/** Whether anybody wants it to wait. */
	boolean isDeferred() {
		return this.holds.get() > 1 || this.dropped;
	}

	/** Lets it wait. */
	void hold() {
		this.queue.hold(this.task);
		this.held = true;
		if (this.dropped) {
			this.results.cancel(this.task);
		}
		release();
	}

	private void release() {
		if (this.holds.decrementAndGet() == 0 && !this.queue.release(this.task)) {
			this.results.cancel(this.task);
		}
	}

	@Override
	public long taskId() {
		return this.task.id();
	}

	@Override
	public Object data() {
		return this.task.data();
	}

	@Override
	public TaskOptions options() {
		return this.task.options();
	}

	@Override
	public boolean isAwaited() {
		return this.task.reply() != null && !(this.task.reply() instanceof CallbackReply);
	}

	@Override
	public Deferred defer() {
		this.holds.incrementAndGet();
		return new Decision();
	}

	@Override
	public String toString() {
		return this.task.toString();
	}

	/**
	 * What one of those who have deferred the task decides.
	 */
	private final class Decision implements Deferred {

		private final AtomicBoolean made = new AtomicBoolean();

		@Override
		public void dispatch() {
			if (this.made.compareAndSet(false, true)) {
				release();
			}
		}

		@Override
		public void drop() {
			if (this.made.compareAndSet(false, true)) {
				PostedTask.this.dropped = true;
				if (PostedTask.this.held) {
					PostedTask.this.results.cancel(PostedTask.this.task);
				}
			}
		}

	}

}
