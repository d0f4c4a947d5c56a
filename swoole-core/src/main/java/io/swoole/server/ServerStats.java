package io.swoole.server;

import java.time.Instant;

/**
 * Counters of a server at one moment. Swoole: {@code Server->stats()}.
 *
 * @param startTime when the server was started
 * @param connectionNum connections now
 * @param acceptCount connections accepted
 * @param closeCount connections that have ended
 * @param abortCount connections refused or broken off before they were established
 * @param workerNum event workers
 * @param taskWorkerNum task workers
 * @param userWorkerNum background processes of the application
 * @param idleWorkerNum event workers that run no callback now
 * @param taskIdleWorkerNum task workers that run no task now
 * @param taskingNum tasks queued and not yet started
 * @param openTaskNum tasks accepted and not yet settled in the dispatching worker
 * @param taskCount tasks accepted
 * @param dispatchCount packets handed to workers
 * @param requestCount packets whose handler has returned
 * @param responseCount sends accepted
 * @param totalRecvBytes bytes received
 * @param totalSendBytes bytes handed to sockets
 * @param sessionRound the last session id given out
 * @param coroutineNum virtual threads that run callbacks now
 * @param handlerErrorCount callbacks that have thrown
 */
public record ServerStats(Instant startTime, int connectionNum, long acceptCount, long closeCount, long abortCount,
		int workerNum, int taskWorkerNum, int userWorkerNum, int idleWorkerNum, int taskIdleWorkerNum, long taskingNum,
		long openTaskNum, long taskCount, long dispatchCount, long requestCount, long responseCount,
		long totalRecvBytes, long totalSendBytes, long sessionRound, int coroutineNum, long handlerErrorCount) {

}
