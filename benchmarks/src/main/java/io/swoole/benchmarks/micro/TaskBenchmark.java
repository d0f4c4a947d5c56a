package io.swoole.benchmarks.micro;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a task costs from {@code task()} to its result in {@code onFinish}, with 1, 4 and
 * 16 producers and task workers, a thousand tasks under way per producer.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class TaskBenchmark implements ServerHandler {

	private static final int BATCH = 1000;

	/** How many task workers there are. */
	@Param({ "1", "4", "16" })
	int taskWorkers;

	private @Nullable SwooleServer server;

	/**
	 * Starts the server.
	 */
	@Setup(Level.Trial)
	public void start() {
		SwooleServer started = SwooleServers
			.create(ServerOptions.builder().port(0).taskWorkerNum(this.taskWorkers).build(), this);
		started.start();
		this.server = started;
	}

	/**
	 * Stops the server.
	 * @throws InterruptedException if interrupted
	 */
	@TearDown(Level.Trial)
	public void stop() throws InterruptedException {
		SwooleServer started = this.server;
		if (started != null) {
			started.shutdown();
			started.awaitTermination(Duration.ofSeconds(10));
		}
	}

	/**
	 * One producer.
	 * @throws InterruptedException if interrupted
	 */
	@Benchmark
	@Threads(1)
	@OperationsPerInvocation(BATCH)
	public void oneProducer() throws InterruptedException {
		batch();
	}

	/**
	 * Four producers.
	 * @throws InterruptedException if interrupted
	 */
	@Benchmark
	@Threads(4)
	@OperationsPerInvocation(BATCH)
	public void fourProducers() throws InterruptedException {
		batch();
	}

	/**
	 * Sixteen producers.
	 * @throws InterruptedException if interrupted
	 */
	@Benchmark
	@Threads(16)
	@OperationsPerInvocation(BATCH)
	public void sixteenProducers() throws InterruptedException {
		batch();
	}

	private void batch() throws InterruptedException {
		SwooleServer target = this.server;
		if (target == null) {
			throw new IllegalStateException("not started");
		}
		Semaphore results = new Semaphore(0);
		for (int i = 0; i < BATCH; i++) {
			target.task(results);
		}
		results.acquire(BATCH);
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
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
