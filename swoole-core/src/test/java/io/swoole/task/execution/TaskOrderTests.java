package io.swoole.task.execution;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.swoole.server.ServerOptions;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.task.TaskOptions;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what is sent to a task worker comes after the tasks posted before it.
 */
class TaskOrderTests {

	private static final int ROUNDS = 50_000;

	private static final int SECONDS = 20;

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

	/**
	 * MSG-07: its own task, which keeps it from the next one, may wait for the message.
	 */
	@Test
	void whenWorkerCanBeginNoTaskThenMessageDoesNotWaitForOne() {
		assertMessageIsHandledInFullWorker((options) -> {
		});
	}

	/** So it is if its tasks have virtual threads, and it has no more of them. */
	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenWorkerHasNoVirtualThreadLeftThenMessageDoesNotWaitForTask() {
		assertMessageIsHandledInFullWorker((options) -> options.taskEnableCoroutine(true).taskMaxCoroutine(1));
	}

	private static void assertMessageIsHandledInFullWorker(Consumer<ServerOptions.Builder> settings) {
		CompletableFuture<Object> stage = new CompletableFuture<>();
		TestHandler handler = new TestHandler().task((server, task) -> task.data().equals("stage") ? stage : null);
		try (Pipeline pipeline = new Pipeline(handler, settings)) {
			Supervised worker = pipeline.tasks.taskWorkers().get(0);
			pipeline.post("stage");
			awaitFull(worker);
			pipeline.post("next");
			pipeline.tasks.postInOrder(worker, () -> stage.complete(null));
			pipeline.awaitIdle();
		}
		finally {
			stage.complete(null);
		}
	}

	/** Nobody tells a worker that another one has taken the task it would wait for. */
	@Test
	void whenAnotherWorkerTakesOlderTaskThenMessageIsHandled() throws Exception {
		CompletableFuture<Object> stage = new CompletableFuture<>();
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch handled = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			if (task.data().equals("hold")) {
				assertThat(hold.await(2L * SECONDS, TimeUnit.SECONDS)).isTrue();
			}
			return task.data().equals("stage") ? stage : null;
		});
		try (Pipeline pipeline = new Pipeline(handler, (options) -> options.taskWorkerNum(2))) {
			Supervised worker = pipeline.tasks.taskWorkers().get(0);
			pipeline.post("stage", TaskOptions.none().withWorker(0));
			awaitFull(worker);
			awaitAsleep(worker);
			pipeline.post("hold", TaskOptions.none().withWorker(1));
			awaitFull(pipeline.tasks.taskWorkers().get(1));
			pipeline.post("next");
			pipeline.tasks.postInOrder(worker, handled::countDown);
			awaitAsleep(worker);
			hold.countDown();
			assertThat(handled.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(stage).isNotDone();
			stage.complete(null);
			pipeline.awaitIdle();
		}
		finally {
			hold.countDown();
			stage.complete(null);
		}
	}

	private static void awaitFull(Supervised worker) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(SECONDS))
			.pollInterval(Duration.ofMillis(1))
			.until(((TaskWorker) worker)::isFull);
	}

	/** It is to find all that is posted next when it wakes up. */
	private static void awaitAsleep(Supervised worker) {
		Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
			Thread thread = worker.context().thread();
			return thread != null && LockSupport.getBlocker(thread) != null;
		});
	}

}
