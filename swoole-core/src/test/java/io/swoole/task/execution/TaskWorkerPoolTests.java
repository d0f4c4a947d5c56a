package io.swoole.task.execution;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.callback.Callbacks;
import io.swoole.server.callback.TaskCallbacks;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.ThreadWorker;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskType;
import io.swoole.task.overload.TaskCapacity;
import io.swoole.task.policy.RetryPolicy;
import io.swoole.task.queue.DeadLetterStore;
import io.swoole.task.queue.MemoryTaskQueue;
import io.swoole.task.queue.TaskEnvelope;
import io.swoole.task.queue.TaskQueue;
import io.swoole.task.queue.TaskTerms;
import io.swoole.task.result.ResultRouter;
import io.swoole.task.timer.VirtualTime;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of how task workers sleep, wake each other up and end: moments that no test of
 * the whole can bring about.
 */
class TaskWorkerPoolTests {

	private static final int SECONDS = 20;

	private final CountDownLatch executed = new CountDownLatch(1);

	private final CountDownLatch hold = new CountDownLatch(1);

	private final AtomicInteger executions = new AtomicInteger();

	private final TestHandler handler = new TestHandler().task((server, task) -> {
		this.executions.incrementAndGet();
		this.executed.countDown();
		if (task.data().equals("hold")) {
			holdUninterruptibly();
		}
		return null;
	});

	private final SwooleServer server = SwooleServers.create(ServerOptions.builder().build(), this.handler);

	private final VirtualTime time = new VirtualTime();

	private final AtomicLong ids = new AtomicLong();

	private final MemoryTaskQueue tasks = new MemoryTaskQueue(new TaskCapacity(100, 1), 2, this.ids, this.time.timers(),
			new DeadLetterStore(1, this.time), new WakingListener());

	private final TaskCallbacks callbacks = new Callbacks(this.server, this.handler, new ServerCounters(this.server, 1))
		.tasks();

	private ThreadWorker worker;

	private ResultRouter results;

	private @Nullable TaskWorkerPool pool;

	@BeforeEach
	void start() {
		this.worker = new ThreadWorker(this.server, 0);
		this.results = new ResultRouter(this.tasks, List.of(this.worker), 1, this.callbacks, null, this.time.timers(),
				1, 1);
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.hold.countDown();
		TaskWorkerPool current = this.pool;
		if (current != null) {
			current.stop();
			for (TaskWorker each : current.workers()) {
				assertThat(each.stop(System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS))).isTrue();
			}
		}
		this.worker.stop();
		this.worker.join(TimeUnit.SECONDS.toNanos(SECONDS));
	}

	/**
	 * A task comes when the worker that has just been woken has found none and is about
	 * to run an event instead.
	 */
	@Test
	void whenWorkerThatWasWokenIsHeldUpThenAnotherExecutesTheTask() throws InterruptedException {
		AtomicBoolean armed = new AtomicBoolean();
		TaskWorkerPool current = start((index) -> {
			if (index != 0 || !armed.compareAndSet(true, false)) {
				return this.tasks.claim(index);
			}
			TaskEnvelope task = this.tasks.claim(index);
			assertThat(task).isNotNull();
			workers().get(0).post(Event.of(this::holdUninterruptibly));
			this.tasks.unclaim(task); // as if it came now
			return null;
		});
		awaitAsleep(current);
		armed.set(true);
		post("x");
		assertThat(this.executed.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		assertThat(armed).isFalse();
		assertThat(this.hold.getCount()).as("the other is still held up").isOne();
	}

	/**
	 * The thread of a worker dies when it looks for a task, before or after it has slept:
	 * tasks that come then wake somebody up like before.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 4, 5, 6 })
	void whenWorkerDiesLookingForTaskThenTasksStillWakeWorkers(int look) {
		AtomicInteger looks = new AtomicInteger();
		AtomicInteger deaths = new AtomicInteger();
		TaskWorkerPool current = start((index) -> {
			if (index == 0 && looks.incrementAndGet() == look) {
				post("x"); // it is woken up just now if it was about to sleep
				throw new OutOfMemoryError("test");
			}
			return this.tasks.claim(index);
		}, (each) -> each.onDeath((cause) -> {
			deaths.incrementAndGet();
			each.succeed(Event.of(() -> {
			}));
		}));
		int posted = 1;
		while (deaths.get() == 0) {
			awaitAsleep(current);
			if (deaths.get() == 0) {
				post("y");
				posted++;
			}
		}
		int before = posted;
		awaitAsleep(current);
		awaitExecutions(before);
		for (int i = 1; i <= 3; i++) {
			awaitAsleep(current);
			post("z");
			awaitExecutions(before + i);
		}
		assertThat(deaths).hasValue(1);
	}

	private void awaitExecutions(int count) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(SECONDS))
			.pollInterval(Duration.ofMillis(1))
			.until(() -> this.executions.get() == count);
	}

	private static void awaitAsleep(TaskWorkerPool current) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(SECONDS))
			.pollInterval(Duration.ofMillis(1))
			.until(() -> current.workers().stream().allMatch((each) -> {
				Thread thread = each.context().thread();
				return thread != null && LockSupport.getBlocker(thread) == current;
			}));
	}

	private void post(String data) {
		assertThat(this.tasks.reserve(1)).isTrue();
		this.tasks.accept(envelope(data));
	}

	/** Even a wait of no time would end with the exception of an interrupted thread. */
	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenDeadlineIsOverThenNoVirtualThreadIsWaitedFor() throws InterruptedException {
		TaskCoroutines coroutines = new TaskCoroutines(this.server, 0, 1, 10, start((index) -> null));
		assertThat(this.tasks.reserve(1)).isTrue();
		this.tasks.accept(envelope("hold"));
		TaskEnvelope task = this.tasks.claim(0);
		assertThat(task).isNotNull();
		coroutines.start(task);
		assertThat(this.executed.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		Thread.currentThread().interrupt();
		try {
			assertThat(coroutines.join(System.nanoTime())).isOne();
		}
		finally {
			Thread.interrupted();
		}
		this.hold.countDown();
		assertThat(coroutines.join(System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS))).isZero();
	}

	private TaskWorkerPool start(Claim claim) {
		return start(claim, (each) -> {
		});
	}

	private TaskWorkerPool start(Claim claim, Consumer<TaskWorker> settings) {
		TaskQueue queue = (TaskQueue) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { TaskQueue.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("claim")) {
						return claim.claim((Integer) arguments[0]);
					}
					try {
						return method.invoke(this.tasks, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
		FailureThread failures = new FailureThread(1);
		RetryPolicy retries = new RetryPolicy(List.of(), List.of(), () -> 0);
		TaskFailures taskFailures = new TaskFailures(queue, this.results, this.time, retries);
		ForcedEnds ends = new ForcedEnds(queue, this.results, this.time.timers(), taskFailures, Duration.ofSeconds(1),
				failures);
		TaskExecutor executor = new TaskExecutor(queue, this.results, this.callbacks, null, this.time.timers(),
				taskFailures, ends);
		TaskWorkerPool started = new TaskWorkerPool(this.server, 2, 1, queue, executor, 0, false);
		this.pool = started;
		started.workers().forEach(settings);
		started.workers().forEach(TaskWorker::start);
		return started;
	}

	private List<TaskWorker> workers() {
		TaskWorkerPool current = this.pool;
		assertThat(current).isNotNull();
		return current.workers();
	}

	private TaskEnvelope envelope(String data) {
		TaskTerms terms = new TaskTerms(TaskType.of("test"), 0, 0, 0, 0, null);
		return new PostedTask(this.ids.getAndIncrement(), data, terms, TaskOptions.none(), null, 0, this.worker, null,
				TaskEnvelope.ANY, this.results);
	}

	private void holdUninterruptibly() {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2L * SECONDS);
		while (System.nanoTime() < end) {
			try {
				if (this.hold.await(1, TimeUnit.SECONDS)) {
					return;
				}
			}
			catch (InterruptedException ex) {
				// it ends when the test says so
			}
		}
	}

	/**
	 * How a worker takes its next task.
	 */
	private interface Claim {

		@Nullable TaskEnvelope claim(int index);

	}

	private final class WakingListener implements TaskQueue.Listener {

		@Override
		public void ready(int target) {
			TaskWorkerPool current = TaskWorkerPoolTests.this.pool;
			if (current != null) {
				current.ready(target);
			}
		}

		@Override
		public void expired(TaskEnvelope task) {
		}

	}

}
