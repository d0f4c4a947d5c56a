package io.swoole.task.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.micrometer.context.ContextRegistry;
import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.callback.TaskCallbacks;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.worker.ThreadWorker;
import io.swoole.server.worker.Worker;
import io.swoole.spring.task.AfterCommitTaskInterceptor;
import io.swoole.spring.task.ContextSnapshotTaskInterceptor;
import io.swoole.spring.task.MdcTaskInterceptor;
import io.swoole.task.Task;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What timeouts, retries, priorities, keys and so on cost: a task from submission to its
 * result in the event worker, on a way that has none of them ({@code stripped}), on the
 * real way without using them ({@code plain}), the same with the interceptors of a Spring
 * application, which have nothing to carry ({@code spring}), and using some of them. Run
 * it with {@code -prof gc} for the bytes of a task.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
@State(Scope.Benchmark)
public class TaskPathBenchmark implements ServerHandler {

	private static final int BATCH = 1000;

	private static final TaskType TYPE = TaskType.of("benchmark");

	/** Which way the tasks go. */
	@Param({ "stripped", "plain", "spring", "priority", "timeout", "key" })
	String path = "plain";

	/** How many task workers there are. */
	@Param({ "1", "4" })
	int taskWorkers;

	private Consumer<Object> post = (data) -> {
	};

	private AutoCloseable stop = () -> {
	};

	/**
	 * Starts the workers.
	 */
	@Setup(Level.Trial)
	public void start() {
		ServerOptions.Builder builder = ServerOptions.builder().workerNum(1).taskWorkerNum(this.taskWorkers);
		if (this.path.equals("spring")) {
			builder.taskInterceptor(new MdcTaskInterceptor())
				.taskInterceptor(new ContextSnapshotTaskInterceptor(ContextRegistry.getInstance()))
				.taskInterceptor(new AfterCommitTaskInterceptor(false));
		}
		ServerOptions options = builder.build();
		SwooleServer server = SwooleServers.create(options, this);
		ThreadWorker worker = new ThreadWorker(server, 0);
		TaskCallbacks callbacks = new Callbacks(server, this, new ServerCounters(server, 1)).tasks();
		if (this.path.equals("stripped")) {
			StrippedTasks tasks = new StrippedTasks(server, this.taskWorkers, options.taskQueueCapacity(), callbacks,
					worker);
			this.post = tasks::post;
			this.stop = () -> {
				tasks.stop();
				worker.stop();
			};
		}
		else {
			TaskPipeline tasks = new TaskPipeline(server, options, new ArrayList<>(List.<Worker>of(worker)), callbacks);
			tasks.start();
			TaskOptions taskOptions = options();
			this.post = (taskOptions != null) ? (data) -> tasks.submission().submit(data, taskOptions, -1, null)
					: (data) -> tasks.submission()
						.submit(data, TaskOptions.none().withKey(Long.toString(System.nanoTime())), -1, null);
			this.stop = () -> {
				tasks.stop(System.nanoTime() + TimeUnit.SECONDS.toNanos(5));
				worker.stop();
			};
		}
	}

	private @Nullable TaskOptions options() {
		return switch (this.path) {
			case "plain", "spring" -> TaskOptions.none();
			case "priority" -> TaskOptions.none().withPriority(9);
			case "timeout" -> TaskOptions.none().withTimeout(Duration.ofSeconds(30)).withRetries(3);
			default -> null;
		};
	}

	/**
	 * Stops the workers.
	 * @throws Exception if they do not
	 */
	@TearDown(Level.Trial)
	public void stop() throws Exception {
		this.stop.close();
	}

	/**
	 * A thousand tasks, and their results.
	 * @throws InterruptedException if interrupted
	 */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public void task() throws InterruptedException {
		Semaphore results = new Semaphore(0);
		for (int i = 0; i < BATCH; i++) {
			this.post.accept(results);
		}
		results.acquire(BATCH);
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
	}

	@Override
	public @Nullable TaskType taskType(Class<?> payload) {
		return TYPE;
	}

	@Override
	public @Nullable Object onTask(SwooleServer server, Task task) {
		return task.data();
	}

	@Override
	public void onFinish(SwooleServer server, TaskResult result) {
		if (result.data() instanceof Semaphore results) {
			results.release();
		}
	}

}
