package io.swoole.task.execution;

import io.swoole.server.Internal;

/**
 * Counters of the tasks at one moment.
 *
 * @param idleWorkers task workers that execute nothing
 * @param waiting tasks not started, those with a delay included
 * @param delayed tasks that wait for a certain time
 * @param open tasks not settled
 * @param accepted tasks accepted
 * @param retried attempts that failed and were followed by another
 * @param failed tasks that failed for good
 * @param droppedResults results nobody waited for
 * @param deadLetters dead letters now
 * @param droppedDeadLetters dead letters dropped because there were too many
 * @param paused connections that wait for room
 * @param pauses how many times connections have had to wait for room
 * @param rejected tasks refused because there was no room
 */
@Internal
public record TaskCounters(int idleWorkers, int waiting, int delayed, int open, long accepted, long retried,
		long failed, long droppedResults, int deadLetters, long droppedDeadLetters, int paused, long pauses,
		long rejected) {

}
