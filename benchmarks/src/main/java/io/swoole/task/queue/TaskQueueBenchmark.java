package io.swoole.task.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskType;
import io.swoole.task.overload.TaskCapacity;
import io.swoole.task.timer.Ticker;
import io.swoole.task.timer.Timers;
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
 * What it costs to put a task into the queue and to take it out again, with 1, 4 and 16
 * threads on either side, without what a server does around it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class TaskQueueBenchmark {

	private static final int BATCH = 16_000;

	private static final TaskTerms PLAIN = new TaskTerms(TaskType.of("plain"), 0, 0, 0, 0, null);

	private static final Lane NOWHERE = new Nowhere();

	/** How many threads put tasks in. */
	@Param({ "1", "4", "16" })
	int producers;

	/** How many threads take tasks out. */
	@Param({ "1", "4", "16" })
	int workers;

	private final AtomicLong ids = new AtomicLong();

	private final AtomicInteger left = new AtomicInteger();

	private final List<Thread> threads = new ArrayList<>();

	private MemoryTaskQueue queue;

	private CyclicBarrier turn;

	private volatile boolean ended;

	/**
	 * Starts the threads, which wait for their turn.
	 */
	@Setup(Level.Trial)
	public void start() {
		this.queue = new MemoryTaskQueue(new TaskCapacity(2 * BATCH, 1), this.workers, this.ids,
				new Timers(Ticker.SYSTEM), new DeadLetterStore(0, Ticker.SYSTEM), new Nobody());
		this.turn = new CyclicBarrier(this.producers + this.workers + 1);
		for (int i = 0; i < this.producers; i++) {
			start(this::produce);
		}
		for (int i = 0; i < this.workers; i++) {
			int worker = i;
			start(() -> consume(worker));
		}
	}

	private void start(Runnable code) {
		Thread thread = new Thread(() -> {
			while (await()) {
				code.run();
				await();
			}
		});
		thread.setDaemon(true);
		this.threads.add(thread);
		thread.start();
	}

	/**
	 * Ends the threads.
	 */
	@TearDown(Level.Trial)
	public void stop() {
		this.ended = true;
		await();
	}

	/**
	 * One batch of tasks.
	 */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public void putAndTake() {
		this.left.set(BATCH);
		await();
		await();
	}

	private void produce() {
		for (int i = 0; i < BATCH / this.producers; i++) {
			if (!this.queue.reserve(1)) {
				throw new IllegalStateException("The queue is full");
			}
			this.queue.accept(new TaskEnvelope(this.ids.getAndIncrement(), this, PLAIN, TaskOptions.none(), null, 0,
					NOWHERE, null, TaskEnvelope.ANY));
		}
	}

	private void consume(int worker) {
		while (this.left.get() > 0) {
			TaskEnvelope task = this.queue.claim(worker);
			if (task == null) {
				Thread.yield();
				continue;
			}
			task.change(TaskState.RUNNING, TaskState.ENDED);
			this.queue.complete(task);
			this.queue.executed(task);
			this.left.decrementAndGet();
		}
	}

	private boolean await() {
		try {
			this.turn.await();
		}
		catch (InterruptedException | BrokenBarrierException ex) {
			throw new IllegalStateException(ex);
		}
		return !this.ended;
	}

	/** Wakes nobody: the workers look themselves. */
	private static final class Nobody implements TaskQueue.Listener {

		@Override
		public void ready(int target) {
		}

		@Override
		public void expired(TaskEnvelope task) {
		}

	}

	/** Is never told anything. */
	private static final class Nowhere implements Lane {

		@Override
		public WorkerContext context() {
			throw new UnsupportedOperationException();
		}

		@Override
		public boolean inLane() {
			return false;
		}

		@Override
		public void post(Event event) {
		}

		@Override
		public void postFirst(Event event) {
		}

		@Override
		public void runUrgent() {
		}

	}

}
