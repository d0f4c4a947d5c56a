package io.swoole.server;

import java.time.Instant;

/**
 * Counters of a server at one moment. Swoole: {@code Server->stats()}, without
 * {@code min_fd}, {@code max_fd} and {@code pipe_packet_msg_id}, which mean nothing here.
 * Further components may follow: do not call the constructor or deconstruct it.
 *
 * @param startTime when the server was started
 * @param connectionNum connections now; always {@code acceptCount} − {@code closeCount}
 * @param acceptCount connections accepted
 * @param closeCount connections that have ended
 * @param abortCount connections refused or broken off before they were established
 * @param workerNum event workers
 * @param taskWorkerNum task workers
 * @param userWorkerNum background processes of the application
 * @param idleWorkerNum event workers that run no callback now
 * @param taskIdleWorkerNum task workers that run no task now
 * @param taskingNum tasks queued and not yet started
 * @param taskCount tasks accepted
 * @param dispatchCount packets handed to workers
 * @param requestCount packets whose handler has returned
 * @param responseCount sends accepted
 * @param totalRecvBytes bytes received
 * @param totalSendBytes bytes handed to sockets
 * @param sessionRound the last session id given out
 * @param coroutineNum virtual threads that run callbacks now
 * @param openTaskNum tasks accepted and not yet settled in the dispatching worker
 * @param packetDropCount datagrams dropped because their worker did not keep up
 * @param handlerErrorCount callbacks that have thrown
 * @param discardCount packets dropped unhandled: the dispatch strategy discarded them, or
 * their connection was closed before their turn
 * @param coroutineRefusalCount connections closed because {@code max-coroutine} allowed
 * no further virtual thread
 * @param slowHandlerCount callbacks that have held an event worker or an event loop
 * longer than {@code slow-handler-threshold}
 * @param slowTaskCount tasks that have taken longer than {@code slow-task-threshold}
 * @param delayedTaskNum tasks that wait for their delay or the next attempt
 * @param taskRetryCount attempts to execute a task that failed and were or will be
 * followed by another
 * @param taskFailureCount tasks that have failed for good
 * @param droppedResultCount results nobody waited for
 * @param deadLetterNum dead letters now
 * @param droppedDeadLetterCount dead letters dropped because there were too many
 * @param abandonedThreadNum threads of task workers, and in mode {@code process} of event
 * workers, that were given up because a callback did not end in time, and have not ended
 * @param concurrency callbacks that event workers run now
 * @param coroutinePeakNum the most virtual threads that have run callbacks at the same
 * time, added up over the workers
 * @param workerRequestCount as {@code requestCount}, of the event worker that asks; 0 for
 * any other thread
 * @param workerResponseCount as {@code responseCount}, of the event worker that asks
 * @param workerDispatchCount as {@code dispatchCount}, of the event worker that asks
 * @param workerConcurrency as {@code concurrency}, of the event worker that asks
 * @param pausedConnectionNum connections that wait for room in the task queue now
 * @param taskPauseCount how many times connections have had to wait for room in the task
 * queue
 * @param taskRejectCount tasks refused because {@code task-queue-capacity} was reached
 * @param unreadablePacketCount packets that were not what the application expects; their
 * connections were closed, datagrams were dropped
 * @param bufferFullCount how many times pending output of a connection has reached
 * {@code buffer-high-watermark}
 */
public record ServerStats(Instant startTime, int connectionNum, long acceptCount, long closeCount, long abortCount,
		int workerNum, int taskWorkerNum, int userWorkerNum, int idleWorkerNum, int taskIdleWorkerNum, long taskingNum,
		long taskCount, long dispatchCount, long requestCount, long responseCount, long totalRecvBytes,
		long totalSendBytes, long sessionRound, int coroutineNum, long openTaskNum, long packetDropCount,
		long handlerErrorCount, long discardCount, long coroutineRefusalCount, long slowHandlerCount,
		long slowTaskCount, int delayedTaskNum, long taskRetryCount, long taskFailureCount, long droppedResultCount,
		int deadLetterNum, long droppedDeadLetterCount, int abandonedThreadNum, int concurrency, int coroutinePeakNum,
		long workerRequestCount, long workerResponseCount, long workerDispatchCount, int workerConcurrency,
		int pausedConnectionNum, long taskPauseCount, long taskRejectCount, long unreadablePacketCount,
		long bufferFullCount) {

}
