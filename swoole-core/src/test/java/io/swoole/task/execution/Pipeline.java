package io.swoole.task.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.supervision.Supervisor;
import io.swoole.server.supervision.WorkerLife;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.TaskOrigin;
import io.swoole.server.worker.ThreadWorker;
import io.swoole.server.worker.Worker;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.TaskOptions;
import io.swoole.task.queue.TaskReply;
import io.swoole.task.timer.TimerThread;
import io.swoole.task.timer.VirtualTime;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A task pipeline with real task workers and one event worker, without sockets, whose
 * time only tests move.
 */
final class Pipeline implements AutoCloseable {

	final VirtualTime time = new VirtualTime();

	final TaskPipeline tasks;

	private final ThreadWorker worker;

	private final SwooleServer server;

	private @Nullable Supervisor supervisor;

	private int lost;

	private boolean closed;

	/** Starts a pipeline with one task worker, if nothing else is said. */
	Pipeline(TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		ServerOptions.Builder builder = ServerOptions.builder().workerNum(1).taskWorkerNum(1);
		settings.accept(builder);
		ServerOptions options = builder.build();
		this.server = SwooleServers.create(options, handler);
		this.worker = new ThreadWorker(this.server, 0);
		List<Worker> workers = new ArrayList<>(List.of(this.worker));
		TimerThread timers = new TimerThread(this.time.timers(), "swoole-unused");
		timers.stop();
		this.tasks = new TaskPipeline(this.server, options, workers,
				new Callbacks(this.server, handler, new ServerCounters(this.server, 1)).tasks(), timers);
		this.tasks.start();
	}

	/** Lets task workers be reloaded and given up; tells when a reload is complete. */
	void supervise(Duration patience, Runnable reloaded) {
		List<WorkerLife> lives = new ArrayList<>();
		TestHandler handler = new TestHandler().afterReload((server) -> reloaded.run());
		Callbacks callbacks = new Callbacks(this.server, handler, new ServerCounters(this.server, 1));
		this.tasks.taskWorkers().forEach((worker) -> lives.add(new WorkerLife(worker, callbacks.workers())));
		Supervisor supervisor = new Supervisor(lives, 0, callbacks.server(),
				new Supervisor.Settings(patience, true, 1000));
		this.supervisor = supervisor;
		supervisor.start();
		this.tasks.supervision(new TaskSupervision() {

			@Override
			public void handled(int taskWorker) {
				supervisor.handled(lives.get(taskWorker));
			}

			@Override
			public void giveUp(int taskWorker, BooleanSupplier atIt) {
				supervisor.giveUp(lives.get(taskWorker), atIt);
			}

			@Override
			public boolean giveUp(Thread thread) {
				return supervisor.giveUp(thread);
			}

		});
	}

	/** How many threads have been given up and have not ended. */
	int abandonedThreads() {
		return Objects.requireNonNull(this.supervisor).abandonedThreads();
	}

	boolean reload() {
		return Objects.requireNonNull(this.supervisor).reload(false);
	}

	/** How many tasks were lost when the pipeline was closed. */
	int lost() {
		return this.lost;
	}

	/** Posts a task from a thread that is no worker. */
	long post(Object data, TaskOptions options) {
		return this.tasks.submission().submit(data, options, options.getWorker(), null).id();
	}

	long post(Object data) {
		return post(data, TaskOptions.none());
	}

	long post(Object data, TaskReply reply) {
		return post(data, TaskOptions.none(), reply);
	}

	long post(Object data, TaskOptions options, TaskReply reply) {
		return this.tasks.submission().submit(data, options, options.getWorker(), reply).id();
	}

	/** Runs code in the event worker and waits for it. */
	<T extends @Nullable Object> T inWorker(Supplier<T> code) {
		CompletableFuture<T> result = new CompletableFuture<>();
		this.worker.post(Event.of(() -> {
			try {
				result.complete(code.get());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}));
		return result.orTimeout(20, TimeUnit.SECONDS).join();
	}

	/** Runs code in the event worker, as a callback that is about a connection. */
	<T extends @Nullable Object> T onBehalfOf(TaskOrigin origin, Supplier<T> code) {
		return inWorker(() -> {
			WorkerContext context = Objects.requireNonNull(WorkerContext.current(this.server));
			context.finished(origin);
			try {
				return code.get();
			}
			finally {
				context.finished(null);
			}
		});
	}

	/** Waits until the event worker has handled what was posted to it so far. */
	void settle() {
		inWorker(() -> true);
	}

	TaskCounters counters() {
		return this.tasks.counters();
	}

	/** Waits until no task is open, and all task workers are idle. */
	void awaitIdle() {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(1))
			.until(() -> counters().open() == 0 && counters().idleWorkers() == this.tasks.taskWorkers().size());
	}

	@Override
	public void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
		try {
			if (this.supervisor != null) {
				this.supervisor.refuse();
			}
			this.tasks.refuse(deadline);
			this.lost = this.tasks.abandon(Duration.ofSeconds(5));
			if (this.supervisor != null) {
				this.supervisor.stop(deadline);
			}
			this.tasks.stop(deadline);
			this.worker.stop();
			this.worker.join(TimeUnit.SECONDS.toNanos(5));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
