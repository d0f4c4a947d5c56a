package io.swoole.spring.task;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.swoole.server.TaskInterceptor.Deferred;
import io.swoole.server.TaskInterceptor.Submission;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The tasks that wait for a transaction, in the order in which they were posted. A nested
 * transaction is a savepoint of the one around it: when it is rolled back, the tasks that
 * were posted since then are dropped.
 */
final class WaitingTasks implements TransactionSynchronization {

	private static final Logger logger = LoggerFactory.getLogger(AfterCommitTaskInterceptor.class);

	private final List<Waiting> tasks = new ArrayList<>();

	/** How many tasks were waiting when a savepoint was made. */
	private final Map<Object, Integer> savepoints = new IdentityHashMap<>();

	private WaitingTasks() {
	}

	/**
	 * Lets a task wait for the transaction of the calling thread.
	 * @param task the task
	 */
	static void add(Submission task) {
		ofTransaction().tasks.add(new Waiting(task.taskId(), task.defer()));
	}

	/**
	 * One for all tasks of a transaction: each of their own would have to remember every
	 * savepoint.
	 */
	private static WaitingTasks ofTransaction() {
		for (TransactionSynchronization synchronization : TransactionSynchronizationManager.getSynchronizations()) {
			if (synchronization instanceof WaitingTasks waiting) {
				return waiting;
			}
		}
		WaitingTasks waiting = new WaitingTasks();
		TransactionSynchronizationManager.registerSynchronization(waiting);
		return waiting;
	}

	@Override
	public void savepoint(Object savepoint) {
		this.savepoints.put(savepoint, this.tasks.size());
	}

	@Override
	public void savepointRollback(Object savepoint) {
		// one that is not known was made before the first of the tasks
		int before = Math.min(this.savepoints.getOrDefault(savepoint, 0), this.tasks.size());
		List<Waiting> since = this.tasks.subList(before, this.tasks.size());
		List<Waiting> dropped = List.copyOf(since);
		since.clear();
		forEach(dropped, Deferred::drop);
	}

	@Override
	public void afterCompletion(int status) {
		if (status == STATUS_COMMITTED) {
			forEach(this.tasks, Deferred::dispatch);
			return;
		}
		if (status == STATUS_UNKNOWN) {
			this.tasks.forEach((task) -> logger.warn(
					"Task {} is dropped: it is not known whether the transaction it waited for has committed",
					task.taskId()));
		}
		forEach(this.tasks, Deferred::drop);
	}

	/** What fails for one task does not keep the others waiting. */
	private static void forEach(List<Waiting> tasks, Consumer<Deferred> decision) {
		for (Waiting task : tasks) {
			try {
				decision.accept(task.deferred());
			}
			catch (Throwable ex) {
				logger.error("Task {} could not be told how its transaction has ended", task.taskId(), ex);
			}
		}
	}

	/**
	 * A task of the transaction.
	 *
	 * @param taskId its id
	 * @param deferred decides about it
	 */
	private record Waiting(long taskId, Deferred deferred) {

	}

}
