package io.swoole.task.execution;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

import com.sun.management.ThreadMXBean;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.ServerCounters;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskType;
import io.swoole.task.overload.TaskCapacity;
import io.swoole.task.queue.DeadLetterStore;
import io.swoole.task.queue.MemoryTaskQueue;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.VirtualTime;
import io.swoole.testing.TestHandler;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what a task costs that uses nothing but to be executed.
 */
class TaskCostTests {

	private static final int ROUNDS = 10_000;

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	/** How often a task has been executed; written by one task worker. */
	private volatile int executed;

	private long before;

	private volatile long inTaskWorker;

	@Test
	void whenTaskIsPostedThenNothingIsAllocatedBesideItsEnvelopeAndItsPlaceInTheQueue() {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> {
		})) {
			Queue<Object> queue = new ConcurrentLinkedQueue<>();
			TaskEnvelope model = pipeline.tasks.submission().submit("plain", TaskOptions.none(), -1, null);
			ResultRouter results = results(pipeline.time);
			post(pipeline);
			envelopes(queue, model, results);
			pipeline.awaitIdle();
			long posting = allocated(() -> post(pipeline));
			long envelopes = allocated(() -> envelopes(queue, model, results));
			assertThat(envelopes).isGreaterThan(ROUNDS);
			// not a byte per task, whatever measuring takes
			assertThat(posting).isLessThan(envelopes + ROUNDS);
			pipeline.awaitIdle();
		}
	}

	@Test
	void whenTaskIsExecutedThenNothingIsAllocatedForIt() {
		try (Pipeline pipeline = new Pipeline(handler(), (options) -> {
		})) {
			post(pipeline);
			post(pipeline);
			pipeline.awaitIdle();
			assertThat(this.executed).isEqualTo(2 * ROUNDS);
			assertThat(this.inTaskWorker).isLessThan(ROUNDS);
			assertThat(pipeline.time.timers().size()).isZero();
		}
	}

	/** Measures the second half of the tasks. */
	private TestHandler handler() {
		TaskType type = TaskType.of("plain");
		return new TestHandler().taskType((payload) -> type).task((server, task) -> {
			int number = this.executed + 1;
			if (number == ROUNDS) {
				this.before = THREADS.getCurrentThreadAllocatedBytes();
			}
			if (number == 2 * ROUNDS) {
				this.inTaskWorker = THREADS.getCurrentThreadAllocatedBytes() - this.before;
			}
			this.executed = number;
			return null;
		});
	}

	private static void post(Pipeline pipeline) {
		for (int i = 0; i < ROUNDS; i++) {
			pipeline.tasks.submission().submit("plain", TaskOptions.none(), -1, null);
		}
	}

	private static void envelopes(Queue<Object> queue, TaskEnvelope model, ResultRouter results) {
		for (int i = 0; i < ROUNDS; i++) {
			queue.add(new PostedTask(i, model.data(), model.terms(), model.options(), null, 0, model.lane(), null,
					TaskEnvelope.ANY, results));
		}
	}

	/** Results that nobody delivers. */
	private static ResultRouter results(VirtualTime time) {
		TestHandler handler = new TestHandler();
		SwooleServer server = SwooleServers.create(ServerOptions.builder().build(), handler);
		TaskQueue queue = new MemoryTaskQueue(new TaskCapacity(1, 1), 1, new AtomicLong(), time.timers(),
				new DeadLetterStore(1, time), new NoListener());
		return new ResultRouter(queue, List.of(), 1,
				new Callbacks(server, handler, new ServerCounters(server, 1)).tasks(), null, time.timers(), 1, 1);
	}

	private static long allocated(Runnable code) {
		long before = THREADS.getCurrentThreadAllocatedBytes();
		code.run();
		return THREADS.getCurrentThreadAllocatedBytes() - before;
	}

	private static final class NoListener implements TaskQueue.Listener {

		@Override
		public void ready(int target) {
		}

		@Override
		public void expired(TaskEnvelope task) {
		}

	}

}
