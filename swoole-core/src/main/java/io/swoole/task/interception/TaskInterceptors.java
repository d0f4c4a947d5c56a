package io.swoole.task.interception;

import java.util.List;

import io.swoole.server.Internal;
import io.swoole.server.TaskInterceptor;
import io.swoole.server.TaskInterceptor.Callback;
import io.swoole.server.TaskInterceptor.Submission;
import io.swoole.task.queue.TaskEnvelope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interceptors of a server, one around the other. Whatever they do, a callback runs
 * exactly once.
 */
@Internal
public final class TaskInterceptors {

	private static final Logger logger = LoggerFactory.getLogger(TaskInterceptors.class);

	private final TaskInterceptor[] all;

	private final boolean supportsAfterCommit;

	private TaskInterceptors(List<TaskInterceptor> all) {
		this.all = all.toArray(TaskInterceptor[]::new);
		this.supportsAfterCommit = all.stream().anyMatch(TaskInterceptor::supportsAfterCommit);
	}

	/**
	 * Puts interceptors together.
	 * @param all the interceptors, the outermost first
	 * @return them all, {@code null} if there is none
	 */
	public static @Nullable TaskInterceptors of(List<TaskInterceptor> all) {
		return all.isEmpty() ? null : new TaskInterceptors(all);
	}

	/**
	 * Whether one of them dispatches tasks when a transaction commits.
	 * @return {@code true} if so
	 */
	public boolean supportsAfterCommit() {
		return this.supportsAfterCommit;
	}

	/**
	 * A task is posted.
	 * @param task the task
	 * @return what the interceptors want to be given around its callbacks
	 */
	public @Nullable Object submit(Submission task) {
		if (this.all.length == 1) {
			return this.all[0].onSubmit(task);
		}
		@Nullable Object[] submitted = new Object[this.all.length];
		for (int i = 0; i < this.all.length; i++) {
			submitted[i] = this.all[i].onSubmit(task);
		}
		return submitted;
	}

	/**
	 * Runs a callback of a task.
	 * @param callback which callback
	 * @param task the task
	 * @param body runs it, and does not throw
	 */
	public void around(Callback callback, TaskEnvelope task, Runnable body) {
		around(0, callback, task, body);
	}

	private void around(int index, Callback callback, TaskEnvelope task, Runnable body) {
		if (index == this.all.length) {
			body.run();
			return;
		}
		TaskInterceptor interceptor = this.all[index];
		Object submitted = task.submitted();
		if (this.all.length > 1 && submitted instanceof Object[] each) {
			submitted = each[index];
		}
		Once inner = new Once(() -> around(index + 1, callback, task, body));
		try {
			interceptor.around(callback, task.id(), submitted, inner);
			if (!inner.isDone()) {
				logger.error("{} has not run callback {} of task {}: it is run nevertheless", interceptor, callback,
						task.id());
			}
		}
		catch (Throwable ex) {
			logger.error("{} failed around callback {} of task {}", interceptor, callback, task.id(), ex);
		}
		inner.run();
	}

	/**
	 * Something that is run only the first time.
	 */
	private static final class Once implements Runnable {

		private final Runnable body;

		private boolean done;

		Once(Runnable body) {
			this.body = body;
		}

		boolean isDone() {
			return this.done;
		}

		@Override
		public void run() {
			if (!this.done) {
				this.done = true;
				this.body.run();
			}
		}

	}

}
