package io.swoole.task;

import java.util.List;

/**
 * The tasks that have failed for good, in memory, at most
 * {@code task-dead-letter-capacity} of them: when there are more, the oldest is dropped
 * and counted. May be used from any thread but a task worker.
 *
 * @see io.swoole.server.SwooleServer#getDeadLetters()
 */
public interface DeadLetters {

	/**
	 * The dead letters, oldest first.
	 * @param limit how many at most
	 * @return a snapshot
	 * @throws IllegalArgumentException if the limit is negative
	 */
	List<DeadLetter> list(int limit);

	/**
	 * Posts the payload once more as a new task, with the options of the first except for
	 * delay, deadline and {@link TaskOptions#afterCommit()}, and removes the dead letter.
	 * @param taskId the task that failed
	 * @return {@code false} if there is no such dead letter
	 * @throws TaskRejectedException if the task is not accepted, or another task of its
	 * key waits or runs; the dead letter stays
	 * @throws IllegalStateException in a task worker; the dead letter stays
	 */
	boolean replay(long taskId);

	/**
	 * Posts all dead letters once more, oldest first, until one is not accepted; that one
	 * and those after it stay.
	 * @return how many were accepted
	 * @throws IllegalStateException in a task worker, if there are any; they stay
	 */
	int replayAll();

	/**
	 * Removes a dead letter.
	 * @param taskId the task that failed
	 * @return {@code false} if there is no such dead letter
	 */
	boolean discard(long taskId);

}
