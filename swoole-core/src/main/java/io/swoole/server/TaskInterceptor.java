package io.swoole.server;

import io.swoole.task.TaskOptions;
import org.jspecify.annotations.Nullable;

/**
 * Takes part in the life of every task: when it is posted, and around the callbacks that
 * execute it and handle what comes of it. Carries context from one thread to the other,
 * or decides that a task is dispatched later or never. <pre class="code">
 * class TenantInterceptor implements TaskInterceptor {
 *
 *     public Object onSubmit(Submission task) {
 *         return Tenant.current();
 *     }
 *
 *     public void around(Callback callback, long taskId, Object tenant, Runnable body) {
 *         Tenant.with(tenant, body);
 *     }
 *
 * }
 * </pre> Interceptors must be quick and must not block. Those that were registered first
 * are the outermost. Without any, tasks pay nothing for the possibility; an interceptor
 * that has nothing to do for most tasks says so in {@link #isNeededAround} and costs them
 * next to nothing.
 *
 * @see ServerOptions.Builder#taskInterceptor(TaskInterceptor)
 */
public interface TaskInterceptor {

	/**
	 * A task is posted: it will be accepted and has an id and a place in the queue, but
	 * nobody executes it yet. Called in the thread that posts it. Whatever this throws,
	 * the caller of {@code task()} gets, and the task is not posted.
	 * @param task the task
	 * @return what {@link #around} is to be given, if anything
	 */
	default @Nullable Object onSubmit(Submission task) {
		return null;
	}

	/**
	 * Runs a callback of a task. Called in the thread of the callback: a task worker for
	 * {@link Callback#TASK}, for the others the event worker that dispatched the task.
	 * Must run the callback, once and in this thread, and nothing else can be done about
	 * it: what it throws has been logged, counted and reported before it returns.
	 * @param callback which callback
	 * @param taskId the task
	 * @param submitted what {@link #onSubmit} has returned for this task
	 * @param body runs the callback
	 */
	default void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
		body.run();
	}

	/**
	 * Whether {@link #around} has anything to do for a callback. Asked right before it,
	 * in its thread, inside the interceptors further out. One that has remembered
	 * nothing, and finds nothing in the thread that the callback must not see, says
	 * {@code false}: then {@link #around} is not called, nothing is allocated for it, and
	 * {@link #cleanUp} is called instead when the callback has run. One that overrides
	 * neither of the two need not say so: it may not be asked.
	 * @param callback which callback
	 * @param submitted what {@link #onSubmit} has returned for this task
	 * @return {@code false} to leave out {@link #around}; by default {@code true}
	 */
	default boolean isNeededAround(Callback callback, @Nullable Object submitted) {
		return true;
	}

	/**
	 * A callback has run for which this interceptor was not needed. Takes away what it
	 * may have left behind in its thread. Called in that thread, whatever the callback
	 * has thrown.
	 * @param callback which callback
	 * @see #isNeededAround
	 */
	default void cleanUp(Callback callback) {
	}

	/**
	 * Whether this interceptor dispatches tasks with the option
	 * {@link TaskOptions#afterCommit()} when a transaction commits. Without such an
	 * interceptor that option is refused.
	 * @return {@code true} if so
	 */
	default boolean supportsAfterCommit() {
		return false;
	}

	/**
	 * The callbacks that belong to a task.
	 */
	enum Callback {

		/** An attempt to execute the task. */
		TASK,

		/** A result: {@code @OnFinish}, or the callback given to {@code task()}. */
		FINISH,

		/** A report of progress: {@code @OnProgress}. */
		PROGRESS,

		/** The task has failed for good: {@code @OnTaskFailed}. */
		FAILED

	}

	/**
	 * A task that is being posted. Valid during {@link #onSubmit}.
	 */
	interface Submission {

		/**
		 * The id that {@code task()} is going to return.
		 * @return the id
		 */
		long taskId();

		/**
		 * The payload.
		 * @return the payload
		 */
		Object data();

		/**
		 * The options of the task.
		 * @return the options
		 */
		TaskOptions options();

		/**
		 * Whether somebody waits for the result, with a thread or a future: such a task
		 * should not be deferred, as what it is deferred for may never come.
		 * @return {@code false} for all forms of {@code task()}
		 */
		boolean isAwaited();

		/**
		 * Lets the task wait until somebody says that it be dispatched, or dropped. It is
		 * open meanwhile: it has an id and a place, can be cancelled, expires with its
		 * deadline and is reported when the server stops. Its delay begins when it is
		 * dispatched, and only then its key counts.
		 * @return decides about the task
		 * @throws IllegalStateException if {@link #onSubmit} has returned
		 */
		Deferred defer();

	}

	/**
	 * Decides about a task that waits. If several interceptors have deferred a task all
	 * must dispatch it, and one can drop it. May be used from any thread; only the first
	 * call has an effect.
	 */
	interface Deferred {

		/**
		 * Dispatches the task.
		 */
		void dispatch();

		/**
		 * Drops the task: it ends as if it was cancelled.
		 */
		void drop();

	}

}
