package io.swoole.task.execution;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what is sent to a task worker comes after the tasks posted before it.
 */
class TaskOrderTests {

	private static final int ROUNDS = 50_000;

	@Test
	void whenMessageIsSentAfterTaskThenItIsHandledAfterIt() {
		AtomicInteger executed = new AtomicInteger(-1);
		AtomicInteger handled = new AtomicInteger(-1);
		AtomicInteger early = new AtomicInteger();
		TestHandler handler = new TestHandler().task((server, task) -> {
			executed.set((Integer) task.data());
			return null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			Supervised worker = pipeline.tasks.taskWorkers().get(0);
			for (int i = 0; i < ROUNDS; i++) {
				int number = i;
				pipeline.post(number);
				pipeline.tasks.postInOrder(worker, () -> {
					if (executed.get() < number) {
						early.incrementAndGet();
					}
					handled.set(number);
				});
				// the worker is to look for work again and again just then
				while (handled.get() < number - number % 3) {
					Thread.yield();
				}
			}
			pipeline.awaitIdle();
		}
		assertThat(early).hasValue(0);
	}

	/** MSG-07: nor does it matter what else waits for the worker. */
	@Test
	void whenTaskIsPostedAfterMessageThenItIsExecutedAfterItWhateverIsBeforeThem() {
		AtomicInteger executed = new AtomicInteger(-1);
		AtomicInteger late = new AtomicInteger();
		TestHandler handler = new TestHandler().task((server, task) -> {
			executed.set((Integer) task.data());
			return null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> {
		})) {
			Supervised worker = pipeline.tasks.taskWorkers().get(0);
			for (int i = 0; i < ROUNDS / 50; i++) {
				int number = i;
				awaitAsleep(worker);
				worker.post(Event.of(() -> {
				}));
				pipeline.tasks.postInOrder(worker, () -> {
					if (executed.get() == number) {
						late.incrementAndGet();
					}
				});
				pipeline.post(number);
				Awaitility.await()
					.pollDelay(Duration.ZERO)
					.pollInterval(Duration.ofMillis(1))
					.until(() -> executed.get() == number);
			}
			pipeline.awaitIdle();
		}
		assertThat(late).hasValue(0);
	}

	/** It is to find all that is posted next when it wakes up. */
	private static void awaitAsleep(Supervised worker) {
		Awaitility.await()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(1))
			.until(() -> LockSupport.getBlocker(worker.context().thread()) != null);
	}

}
