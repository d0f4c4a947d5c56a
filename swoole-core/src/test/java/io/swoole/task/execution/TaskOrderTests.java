package io.swoole.task.execution;

import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.worker.Supervised;
import io.swoole.testing.TestHandler;
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

}
