package io.swoole.server.engine;

import java.time.Instant;
import java.util.List;
import java.util.function.IntSupplier;

import io.swoole.server.ServerStats;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.connection.WorkerCounters;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.execution.TaskCounters;
import io.swoole.task.execution.TaskPipeline;

/**
 * Reads what a run counts.
 */
final class Statistics {

	private final Object server;

	private final Instant startTime;

	private final int taskWorkerNum;

	private final int userWorkerNum;

	private final List<Worker> workers;

	private final TaskPipeline tasks;

	private final ServerCounters counters;

	private final SessionEventLoopGroup loops;

	private final IntSupplier abandonedThreads;

	Statistics(Object server, Instant startTime, int taskWorkerNum, int userWorkerNum, List<Worker> workers,
			TaskPipeline tasks, ServerCounters counters, SessionEventLoopGroup loops, IntSupplier abandonedThreads) {
		this.server = server;
		this.startTime = startTime;
		this.taskWorkerNum = taskWorkerNum;
		this.userWorkerNum = userWorkerNum;
		this.workers = workers;
		this.tasks = tasks;
		this.counters = counters;
		this.loops = loops;
		this.abandonedThreads = abandonedThreads;
	}

	ServerStats read() {
		TaskCounters tasks = this.tasks.counters();
		int idle = 0;
		int coroutines = this.tasks.coroutines();
		int coroutinePeak = 0;
		int concurrency = 0;
		for (Worker worker : this.workers) {
			idle += worker.isBusy() ? 0 : 1;
			coroutines += worker.coroutines();
			coroutinePeak += worker.coroutinePeak();
			concurrency += concurrency(worker);
		}
		WorkerContext context = WorkerContext.current(this.server);
		Worker caller = (context != null) ? context.worker() : null;
		WorkerCounters own = (caller != null) ? this.counters.worker(caller.id()) : new WorkerCounters();
		// in this order: what is closed has been accepted before
		long closed = this.counters.closed.sum();
		long accepted = this.counters.accepted.sum();
		return new ServerStats(this.startTime, (int) (accepted - closed), accepted, closed, this.counters.aborted.sum(),
				this.workers.size(), this.taskWorkerNum, this.userWorkerNum, idle, tasks.idleWorkers(), tasks.waiting(),
				tasks.accepted(), this.counters.sum((worker) -> worker.dispatched),
				this.counters.sum((worker) -> worker.requests), this.counters.sum((worker) -> worker.responses),
				this.counters.receivedBytes.sum(), this.counters.sentBytes.sum(), this.loops.lastSession(), coroutines,
				tasks.open(), this.counters.droppedPackets.sum(), this.counters.handlerErrors.sum(),
				this.counters.discarded.sum(), this.counters.coroutineRefusals.sum(), this.counters.slowHandlers.sum(),
				this.counters.slowTasks.sum(), tasks.delayed(), tasks.retried(), tasks.failed(), tasks.droppedResults(),
				tasks.deadLetters(), tasks.droppedDeadLetters(), this.abandonedThreads.getAsInt(), concurrency,
				coroutinePeak, own.requests.sum(), own.responses.sum(), own.dispatched.sum(),
				(caller != null) ? concurrency(caller) : 0, tasks.paused(), tasks.pauses(), tasks.rejected(),
				this.counters.unreadablePackets.sum(), this.counters.fullBuffers.sum());
	}

	private static int concurrency(Worker worker) {
		return worker.isBusy() ? Math.max(1, worker.coroutines()) : 0;
	}

}
