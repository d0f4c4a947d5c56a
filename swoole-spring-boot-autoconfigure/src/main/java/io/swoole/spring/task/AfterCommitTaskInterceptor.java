package io.swoole.spring.task;

import io.swoole.server.TaskInterceptor;
import io.swoole.task.TaskOptions;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Dispatches tasks when the transaction in which they were posted commits, and drops them
 * when it is rolled back, be it to a savepoint only, as a nested transaction is. Outside
 * a transaction they are dispatched at once. Knows the transactions that are bound to the
 * calling thread, so not those of a {@code ReactiveTransactionManager}.
 * <p>
 * Auto-configured; a bean of this type takes its place. {@link #ORDER} tells interceptors
 * of the application where to stand.
 */
public final class AfterCommitTaskInterceptor implements TaskInterceptor, Ordered {

	/** Inside those that carry context. */
	public static final int ORDER = ContextSnapshotTaskInterceptor.ORDER + 1;

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
			WaitingTasks.add(task);
		}
		return null;
	}

	@Override
	public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
		return false;
	}

}
