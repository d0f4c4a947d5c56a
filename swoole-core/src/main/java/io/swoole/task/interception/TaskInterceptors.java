package io.swoole.task.interception;

import java.util.List;
import java.util.stream.IntStream;

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

	/** The positions of those that do something around callbacks. */
	private final int[] around;

	private final boolean supportsAfterCommit;

	private TaskInterceptors(List<TaskInterceptor> all) {
		this.all = all.toArray(TaskInterceptor[]::new);
		this.around = IntStream.range(0, this.all.length).filter((i) -> isAround(this.all[i].getClass())).toArray();
		this.supportsAfterCommit = all.stream().anyMatch(TaskInterceptor::supportsAfterCommit);
	}

	/**
	 * Whether a class overrides one of the methods that are called around callbacks. Each
	 * interceptor less that is asked makes asking the others cheaper, too: the JIT
	 * inlines calls to two classes, and none if there are three.
	 */
	private static boolean isAround(Class<? extends TaskInterceptor> type) {
		return overrides(type, "around", Callback.class, long.class, Object.class, Runnable.class)
				|| overrides(type, "cleanUp", Callback.class);
	}

	private static boolean overrides(Class<?> type, String method, Class<?>... parameters) {
		try {
			return type.getMethod(method, parameters).getDeclaringClass() != TaskInterceptor.class;
		}
		catch (NoSuchMethodException ex) {
			return true; // in a native image, which knows few methods by name
		}
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
		@Nullable Object @Nullable [] submitted = null;
		for (int i = 0; i < this.all.length; i++) {
			Object each = this.all[i].onSubmit(task);
			if (each != null) {
				submitted = (submitted != null) ? submitted : new Object[this.all.length];
				submitted[i] = each;
			}
		}
		return submitted;
	}

	/**
	 * Whether one of them is needed around a callback. If not, the callback may be called
	 * directly, and {@link #cleanUp} after it.
	 * @param callback which callback
	 * @param task the task
	 * @return {@code true} if {@link #around} must be used
	 */
	public boolean areNeededAround(Callback callback, TaskEnvelope task) {
		for (int index : this.around) {
			if (isNeededAround(index, callback, task)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A callback has been called directly.
	 * @param callback which callback
	 * @param task the task
	 */
	public void cleanUp(Callback callback, TaskEnvelope task) {
		for (int i = this.around.length - 1; i >= 0; i--) {
			cleanUp(this.around[i], callback, task);
		}
	}

	/**
	 * Runs a callback of a task.
	 * @param callback which callback
	 * @param task the task
	 * @param body runs it, and does not throw
	 */
	public void around(Callback callback, TaskEnvelope task, Runnable body) {
		new Chain(callback, task, body).run();
	}

	private boolean isNeededAround(int index, Callback callback, TaskEnvelope task) {
		try {
			return this.all[index].isNeededAround(callback, submitted(index, task));
		}
		catch (Throwable ex) {
			logger.error("{} does not know whether it is needed around callback {} of task {}", this.all[index],
					callback, task.id(), ex);
			return true;
		}
	}

	private void cleanUp(int index, Callback callback, TaskEnvelope task) {
		try {
			this.all[index].cleanUp(callback);
		}
		catch (Throwable ex) {
			logger.error("{} failed to clean up after callback {} of task {}", this.all[index], callback, task.id(),
					ex);
		}
	}

	private @Nullable Object submitted(int index, TaskEnvelope task) {
		Object submitted = task.submitted();
		return (this.all.length > 1 && submitted instanceof Object[] each) ? each[index] : submitted;
	}

	/**
	 * A callback with what is around it. Is what each interceptor gets to run: as each
	 * step runs all that follow before it returns, one number tells which is next.
	 */
	private final class Chain implements Runnable {

		private final Callback callback;

		private final TaskEnvelope task;

		private final Runnable body;

		/** The next interceptor; then the callback; then nothing. */
		private int next;

		Chain(Callback callback, TaskEnvelope task, Runnable body) {
			this.callback = callback;
			this.task = task;
			this.body = body;
		}

		@Override
		public void run() {
			int index = this.next;
			int length = TaskInterceptors.this.all.length;
			if (index > length) {
				return;
			}
			this.next = index + 1;
			if (index == length) {
				this.body.run();
			}
			else if (isNeededAround(index, this.callback, this.task)) {
				around(index);
			}
			else {
				try {
					run();
				}
				finally {
					cleanUp(index, this.callback, this.task);
				}
			}
		}

		private void around(int index) {
			TaskInterceptor interceptor = TaskInterceptors.this.all[index];
			try {
				interceptor.around(this.callback, this.task.id(), submitted(index, this.task), this);
				if (isNext(index + 1)) {
					logger.error("{} has not run callback {} of task {}: it is run nevertheless", interceptor,
							this.callback, this.task.id());
				}
			}
			catch (Throwable ex) {
				logger.error("{} failed around callback {} of task {}", interceptor, this.callback, this.task.id(), ex);
			}
			if (isNext(index + 1)) {
				run();
			}
		}

		private boolean isNext(int index) {
			return this.next == index;
		}

	}

}
