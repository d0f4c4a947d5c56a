package io.swoole.server.supervision;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.swoole.server.Internal;
import io.swoole.server.SwooleServer;
import io.swoole.server.UserProcess;
import io.swoole.server.WorkerError;
import io.swoole.server.WorkerStatus;
import io.swoole.server.callback.HandlerErrors;
import io.swoole.server.worker.SwooleThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background processes of the application: each has a thread and is run again
 * whenever it ends, until the server stops.
 */
@Internal
public final class UserProcesses {

	private static final Logger logger = LoggerFactory.getLogger(UserProcesses.class);

	private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

	private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(5);

	private final SwooleServer server;

	private final HandlerErrors errors;

	private final Consumer<WorkerError> died;

	private final List<Supervision> processes = new ArrayList<>();

	private volatile boolean stopping;

	/**
	 * Creates processes that do not run yet.
	 * @param server the server
	 * @param processes the processes by their names
	 * @param firstId the id of the first
	 * @param errors reports what they throw
	 * @param died is told of processes that have thrown
	 */
	public UserProcesses(SwooleServer server, Map<String, UserProcess> processes, int firstId, HandlerErrors errors,
			Consumer<WorkerError> died) {
		this.server = server;
		this.errors = errors;
		this.died = died;
		processes.forEach(
				(name, process) -> this.processes.add(new Supervision(name, process, firstId + this.processes.size())));
	}

	/**
	 * Starts all processes.
	 */
	public void start() {
		this.processes.forEach((process) -> process.thread.start());
	}

	/**
	 * How many processes there are.
	 * @return the number
	 */
	public int size() {
		return this.processes.size();
	}

	/**
	 * The process the calling thread is.
	 * @return its id, −1 if it is none
	 */
	public int currentId() {
		for (Supervision process : this.processes) {
			if (process.thread == Thread.currentThread()) {
				return process.id;
			}
		}
		return -1;
	}

	/**
	 * What a process does.
	 * @param index its index
	 * @return its status
	 */
	public WorkerStatus status(int index) {
		if (this.stopping) {
			return WorkerStatus.EXITING;
		}
		return this.processes.get(index).running ? WorkerStatus.BUSY : WorkerStatus.IDLE;
	}

	/**
	 * Tells all processes to end.
	 */
	public void interrupt() {
		this.stopping = true;
		for (Supervision process : this.processes) {
			process.thread.interrupt();
		}
	}

	/**
	 * Waits for all processes to end.
	 * @param deadline until when to wait, in {@link System#nanoTime()}
	 * @throws InterruptedException if the caller is interrupted
	 */
	public void join(long deadline) throws InterruptedException {
		for (Supervision process : this.processes) {
			process.thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
			if (process.thread.isAlive()) {
				logger.warn("Process '{}' does not end; it is left to itself", process.name,
						StackTrace.of(process.thread));
			}
		}
	}

	/**
	 * One process and its thread.
	 */
	private final class Supervision implements Runnable {

		private final String name;

		private final UserProcess process;

		private final int id;

		private final SwooleThread thread;

		private volatile boolean running;

		/** How long to wait before the next run. */
		private long pause = SHORTEST_PAUSE;

		Supervision(String name, UserProcess process, int id) {
			this.name = name;
			this.process = process;
			this.id = id;
			this.thread = new SwooleThread(this, "swoole-process-" + id);
		}

		@Override
		public void run() {
			while (!UserProcesses.this.stopping) {
				long begin = System.nanoTime();
				runOnce();
				if (System.nanoTime() - begin > LONGEST_PAUSE) {
					this.pause = SHORTEST_PAUSE;
				}
				sleep(this.pause);
			}
		}

		private void runOnce() {
			this.running = true;
			try {
				this.process.run(UserProcesses.this.server);
				this.pause = SHORTEST_PAUSE;
				logger.debug("Process '{}' has ended and is run again", this.name);
			}
			catch (Throwable ex) {
				if (!UserProcesses.this.stopping || !(ex instanceof InterruptedException)) {
					failed(ex);
				}
			}
			finally {
				this.running = false;
			}
		}

		private void failed(Throwable cause) {
			logger.error("Process '{}' has failed and is run again in {} ms", this.name,
					TimeUnit.NANOSECONDS.toMillis(this.pause));
			UserProcesses.this.errors.failed("process", -1, this.id, -1, cause);
			UserProcesses.this.died.accept(new WorkerError(this.id, 255, 0, cause));
			this.pause = Math.min(LONGEST_PAUSE, this.pause * 2);
		}

		private void sleep(long nanos) {
			// an interrupt before the stop was meant for the run that has ended
			Thread.interrupted();
			long end = System.nanoTime() + nanos;
			while (!UserProcesses.this.stopping && end - System.nanoTime() > 0) {
				LockSupport.parkNanos(this, end - System.nanoTime());
				Thread.interrupted();
			}
		}

	}

}
