package io.swoole.task.execution;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Level;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskRejectedException;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of futures whose dependents block: what fails meanwhile waits, within a bound.
 */
class FailureThreadTests {

	private static final int SECONDS = 20;

	private static final Duration LONG = Duration.ofSeconds(SECONDS);

	private static final int CAPACITY = 4;

	private final CountDownLatch go = new CountDownLatch(1);

	private final CountDownLatch blocked = new CountDownLatch(1);

	private final CountDownLatch hold = new CountDownLatch(1);

	private final List<CompletableFuture<Object>> stages = new CopyOnWriteArrayList<>();

	private final TestHandler handler = new TestHandler().task((server, task) -> {
		if (task.data().equals("fail")) {
			this.go.await(SECONDS, TimeUnit.SECONDS);
			throw new IOException("as asked");
		}
		if (task.data().equals("stage")) {
			CompletableFuture<Object> stage = new CompletableFuture<>();
			this.stages.add(stage);
			return stage;
		}
		return "done";
	});

	@AfterEach
	void release() {
		this.go.countDown();
		this.hold.countDown();
	}

	@Test
	void whenDependentBlocksThenFuturesAreRefusedBeyondTheCapacityAndNoneIsForgotten() throws Exception {
		try (Pipeline pipeline = start()) {
			List<CompletableFuture<Object>> futures = fill(pipeline);
			assertThat(futures).hasSize(1 + CAPACITY);
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> pipeline.tasks.waits().async("done"))
				.withMessageContaining("taskAsync() is refused: 4 futures");
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> pipeline.tasks.waits().asyncAll(List.of("done"), LONG))
				.withMessageContaining("taskCo() is refused");
			assertThat(pipeline.counters().open()).isZero();
			this.hold.countDown();
			assertThat(futures).allSatisfy((future) -> assertThat(future).failsWithin(LONG)
				.withThrowableOfType(Exception.class)
				.withCauseInstanceOf(TaskFailedException.class));
			assertThat(pipeline.tasks.waits().async("done")).succeedsWithin(LONG).isEqualTo("done");
		}
	}

	/** Neither other tasks nor those who wait with a thread notice. */
	@Test
	void whenDependentBlocksThenOtherTasksGoOnAndWaitsEnd() throws Exception {
		try (Pipeline pipeline = start()) {
			fill(pipeline);
			pipeline.post("done");
			pipeline.awaitIdle();
			assertThat(pipeline.tasks.waits().await("done", LONG, -1)).isEqualTo("done");
			CompletableFuture<SortedMap<Integer, @Nullable Object>> results = CompletableFuture.supplyAsync(
					() -> pipeline.tasks.waits().awaitAll(List.of("done", "fail"), Duration.ZERO),
					(code) -> new Thread(code).start());
			assertThat(results).succeedsWithin(LONG)
				.satisfies((map) -> assertThat(map).containsOnlyKeys(0).containsEntry(0, "done"));
			this.hold.countDown();
		}
	}

	@Test
	void whenDependentBlocksThenNothingIsCancelledBeyondTheCapacityAndTheTaskIsGivenUp() throws Exception {
		try (LogCapture log = LogCapture.of("io.swoole.task"); Pipeline pipeline = start()) {
			fill(pipeline);
			long id = pipeline.post("stage");
			Awaitility.await().atMost(LONG).until(() -> this.stages.size() == 1);
			assertThat(pipeline.tasks.cancel(id)).isTrue();
			assertThat(pipeline.counters().open()).isZero();
			Awaitility.await()
				.atMost(LONG)
				.until(() -> log.messages(Level.WARN)
					.stream()
					.anyMatch((line) -> line.contains("Task[id=" + id + ", attempt=1] waits for is not cancelled")));
			assertThat(this.stages.get(0)).isNotDone();
			pipeline.time.advance(Duration.ofSeconds(3));
			pipeline.awaitIdle();
			this.hold.countDown();
		}
	}

	private Pipeline start() {
		return new Pipeline(this.handler,
				(options) -> options.taskQueueCapacity(CAPACITY).maxWaitTime(Duration.ofSeconds(3)));
	}

	/** Posts tasks that fail until a future is refused: the first one blocks the rest. */
	private List<CompletableFuture<Object>> fill(Pipeline pipeline) throws InterruptedException {
		List<CompletableFuture<Object>> futures = new ArrayList<>();
		futures.add(pipeline.tasks.waits().async("fail"));
		futures.get(0).whenComplete((result, failure) -> {
			this.blocked.countDown();
			await(this.hold);
		});
		this.go.countDown();
		assertThat(this.blocked.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		for (int i = 0; i < CAPACITY; i++) {
			futures.add(pipeline.tasks.waits().async("fail"));
			pipeline.awaitIdle();
		}
		return futures;
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await(2 * SECONDS, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			// the test is over
		}
	}

}
