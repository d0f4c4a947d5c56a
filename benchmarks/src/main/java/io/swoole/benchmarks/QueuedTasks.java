package io.swoole.benchmarks;

import java.util.concurrent.CountDownLatch;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a task costs when 1 000 and when 1 000 000 others are queued: from the
 * release of a full queue until the last result.
 */
public final class QueuedTasks implements ServerHandler {

	private static final int[] QUEUED = { 1_000, 1_000_000 };

	/** So many tasks are measured for every size of the queue. */
	private static final int TASKS = 1_000_000;

	private volatile CountDownLatch released = new CountDownLatch(0);

	private volatile CountDownLatch finished = new CountDownLatch(0);

	private QueuedTasks() {
	}

	/**
	 * Runs the measurement.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if the server cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		int rounds = Arguments.parse(arguments).rounds();
		QueuedTasks handler = new QueuedTasks();
		SwooleServer server = SwooleServers
			.create(ServerOptions.builder().port(0).taskWorkerNum(1).taskQueueCapacity(QUEUED[1] + 1).build(), handler);
		server.start();
		for (int queued : QUEUED) {
			handler.measure(server, queued); // warm-up
		}
		double[] ratios = new double[rounds];
		for (int round = 0; round < rounds; round++) {
			double few = handler.measure(server, QUEUED[0]);
			double many = handler.measure(server, QUEUED[1]);
			ratios[round] = many / few;
			System.out.printf("round %d: %.0f ns per task with 1 k queued, %.0f ns with 1 M, ratio %.2f%n", round + 1,
					few, many, ratios[round]);
		}
		System.out.printf("median ratio %.2f (target: at most 1.20)%n", Results.median(ratios));
		server.shutdown();
	}

	private double measure(SwooleServer server, int queued) throws InterruptedException {
		long nanos = 0;
		for (int done = 0; done < TASKS; done += queued) {
			this.released = new CountDownLatch(1);
			this.finished = new CountDownLatch(queued);
			for (int i = 0; i < queued; i++) {
				server.task(this);
			}
			long begin = System.nanoTime();
			this.released.countDown();
			this.finished.await();
			nanos += System.nanoTime() - begin;
		}
		return (double) nanos / TASKS;
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
	}

	@Override
	public @Nullable Object onTask(SwooleServer server, Task task) throws InterruptedException {
		this.released.await();
		return task.data();
	}

	@Override
	public void onFinish(SwooleServer server, TaskResult result) {
		this.finished.countDown();
	}

}
