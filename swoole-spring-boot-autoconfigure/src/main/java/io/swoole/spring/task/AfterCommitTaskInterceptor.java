package io.swoole.spring.task;

import io.swoole.server.TaskInterceptor;
import io.swoole.task.TaskOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Dispatches tasks when the transaction in which they were posted commits, and drops them
 * when it is rolled back. Outside a transaction they are dispatched at once. Knows the
 * transactions that are bound to the calling thread, so not those of a
 * {@code ReactiveTransactionManager}.
 */
public final class AfterCommitTaskInterceptor implements TaskInterceptor, Ordered {

	/** Inside those that carry context. */
	public static final int ORDER = ContextSnapshotTaskInterceptor.ORDER + 1;

	private static final Logger logger = LoggerFactory.getLogger(AfterCommitTaskInterceptor.class);

	private final boolean always;

	/**
	 * Creates an interceptor.
	 * @param always whether all tasks wait for the commit that nobody waits for, or only
	 * those with the option {@link TaskOptions#afterCommit()}
	 */
	public AfterCommitTaskInterceptor(boolean always) {
		this.always = always;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public boolean supportsAfterCommit() {
		return true;
	}

	@Override
	public @Nullable Object onSubmit(Submission task) {
		boolean wanted = task.options().isAfterCommit() || (this.always && !task.isAwaited());
		if (wanted && TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.isActualTransactionActive()) {
			TransactionSynchronizationManager.registerSynchronization(new Dispatch(task));
		}
		return null;
	}

	@Override
	public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
		return false;
	}

	/**
	 * The task's part in the transaction.
	 */
	private static final class Dispatch implements TransactionSynchronization {

		private final long taskId;

		private final Deferred task;

		Dispatch(Submission task) {
			this.taskId = task.taskId();
			this.task = task.defer();
		}

		@Override
		public void afterCompletion(int status) {
			if (status == STATUS_COMMITTED) {
				this.task.dispatch();
				return;
			}
			if (status == STATUS_UNKNOWN) {
				logger.warn("Task {} is dropped: it is not known whether the transaction it waited for has committed",
						this.taskId);
			}
			this.task.drop();
		}

	}

}
