package io.swoole.task;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of waiting for results: TWAIT-01 to TWAIT-18.
 */
class TaskWaitTests {

	private static final int SECONDS = 20;

	private static final Duration LONG = Duration.ofSeconds(SECONDS);

	private static final Duration SHORT = Duration.ofMillis(50);

	private final AtomicInteger finished = new AtomicInteger();

	private final CountDownLatch hold = new CountDownLatch(1);

	/**
	 * A handler whose tasks do what their payload says.
	 */
	private TestHandler handler() {
		return new TestHandler().task((server, task) -> {
			String order = (String) task.data();
			return switch (order) {
				case "nothing" -> null;
				case "null" -> {
					task.finish(null);
					yield null;
				}
				case "false" -> false;
				case "many" -> {
					task.finish("first");
					yield "second";
				}
				case "fail" -> throw new IllegalStateException("broken");
				case "hold" -> {
					this.hold.await(SECONDS, TimeUnit.SECONDS);
					yield "late";
				}
				default -> order.toUpperCase();
			};
		}).finish((server, result) -> this.finished.incrementAndGet());
	}

	private TestServer start(Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler(), (options) -> settings.accept(options.workerNum(1).taskWorkerNum(2)));
	}

	private TestServer start() {
		return start((options) -> {
		});
	}

	/** TWAIT-01, TWAIT-03, TWAIT-05, TWAIT-18. */
	@Test
	void whenTaskHasResultThenWaitReturnsItAndFinishIsNotCalled() {
		try (TestServer test = start()) {
			SwooleServer server = test.server();
			assertThat(server.<String>taskWait("a")).isEqualTo("A");
			assertThat(server.<String>taskWait("b", LONG)).isEqualTo("B");
			assertThat(server.<String>taskWait("c", Duration.ZERO)).isEqualTo("C");
			assertThat(server.<String>taskWait("d", Duration.ofSeconds(-1), 1)).isEqualTo("D");
			assertThat(server.<Boolean>taskWait("false")).isFalse();
			assertThat(server.<Object>taskWait("null")).isNull();
			assertThat(server.<String>taskAsync("e")).succeedsWithin(LONG).isEqualTo("E");
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
			assertThat(this.finished).hasValue(0);
		}
	}

	/** TWAIT-02, TWAIT-06, TWAIT-07: late and surplus results reach nobody. */
	@Test
	void whenResultIsLateThenWaitTimesOutAndNobodyGetsItLater() {
		try (LogCapture log = LogCapture.of("io.swoole.task"); TestServer test = start()) {
			SwooleServer server = test.server();
			long begin = System.nanoTime();
			assertThatExceptionOfType(TaskTimeoutException.class).isThrownBy(() -> server.taskWait("hold", SHORT, 0));
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(SHORT);
			CompletableFuture<String> next = server.taskAsync("next");
			assertThat(next).succeedsWithin(LONG).isEqualTo("NEXT");
			this.hold.countDown();
			assertThat(server.<String>taskWait("after", LONG, 0)).isEqualTo("AFTER");
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
			assertThat(server.stats().droppedResultCount()).isEqualTo(1);
			assertThat(server.<String>taskWait("many", LONG)).isEqualTo("first");
			Awaitility.await().until(() -> server.stats().droppedResultCount() == 2);
			assertThat(log.messages(Level.WARN)).anyMatch((message) -> message.contains("Dropped a result of task 0"));
			assertThat(this.finished).hasValue(0);
		}
	}

	/** TWAIT-02: half a second when nothing is said. */
	@Test
	void whenNothingIsSaidThenWaitsForHalfASecond() {
		try (TestServer test = start()) {
			long begin = System.nanoTime();
			assertThatExceptionOfType(TaskTimeoutException.class).isThrownBy(() -> test.server().taskWait("hold"))
				.withMessageContaining("500 ms");
			assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
			this.hold.countDown();
		}
	}

	/** TWAIT-03: whoever says longer, or no limit, waits for longer. */
	@Test
	void whenMoreThanHalfASecondIsAllowedThenALaterResultCounts() {
		try (TestServer test = start((options) -> options.taskWorkerNum(3))) {
			List<CompletableFuture<String>> waits = Stream.of(SECONDS, 0, -1)
				.map(Duration::ofSeconds)
				.map((timeout) -> CompletableFuture.supplyAsync(() -> test.server().<String>taskWait("hold", timeout),
						(wait) -> new Thread(wait).start()))
				.toList();
			Awaitility.await()
				.during(Duration.ofMillis(600))
				.until(() -> test.server().stats().taskIdleWorkerNum() == 0
						&& waits.stream().noneMatch(CompletableFuture::isDone));
			this.hold.countDown();
			assertThat(waits).allSatisfy((wait) -> assertThat(wait).succeedsWithin(LONG).isEqualTo("late"));
		}
	}

	/** TWAIT-04: no result is not the result null. */
	@Test
	void whenTaskReturnsNothingThenWaitTimesOutAndTaskIsSettled() {
		try (TestServer test = start()) {
			SwooleServer server = test.server();
			assertThatExceptionOfType(TaskTimeoutException.class).isThrownBy(() -> server.taskWait("nothing", SHORT));
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
			assertThat(server.taskWaitMulti(List.of("nothing", "a"), SHORT)).hasSize(1).containsEntry(1, "A");
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
		}
	}

	/** TaskFailedException at once when the task ended by an exception. */
	@Test
	void whenTaskFailsThenWaitEndsAtOnceWithTheCauseAndTheStackOfTheCaller() {
		try (TestServer test = start()) {
			assertThatExceptionOfType(TaskFailedException.class)
				.isThrownBy(() -> test.server().taskWait("fail", Duration.ZERO))
				.withMessageContaining("broken")
				.satisfies((ex) -> {
					assertThat(ex.getTaskId()).isZero();
					assertThat(ex).hasCauseInstanceOf(IllegalStateException.class);
					assertThat(ex.getStackTrace()).extracting(StackTraceElement::getClassName)
						.contains(TaskWaitTests.class.getName());
				});
		}
	}

	@Test
	void whenTaskIsCancelledThenWaitEndsAtOnce() throws Exception {
		try (TestServer test = start()) {
			CompletableFuture<Object> waiting = CompletableFuture
				.supplyAsync(() -> test.server().taskWait("hold", Duration.ZERO));
			Awaitility.await().until(() -> test.server().cancelTask(0));
			assertThat(waiting).failsWithin(LONG)
				.withThrowableOfType(ExecutionException.class)
				.withCauseInstanceOf(TaskCancelledException.class);
			this.hold.countDown();
		}
	}

	/**
	 * TWAIT-08, TASK-01, TASK-02, TASK-07, TASK-19: misuse throws at once, before a
	 * future.
	 */
	@Test
	void whenUsedInTheWrongPlaceThenEveryMethodThrows() throws Exception {
		CompletableFuture<List<Throwable>> thrown = new CompletableFuture<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			thrown.complete(failures(server));
			return null;
		});
		try (TestServer test = TestServer.start(handler, (options) -> options.taskWorkerNum(1))) {
			test.server().task("x");
			assertThat(thrown.get(SECONDS, TimeUnit.SECONDS)).hasSize(8)
				.allSatisfy((ex) -> assertThat(ex).isInstanceOf(IllegalStateException.class)
					.hasMessageContaining("task worker"));
			assertThatIllegalArgumentException().isThrownBy(() -> test.server().taskWait("x", LONG, 1));
			assertThatIllegalArgumentException()
				.isThrownBy(() -> test.server().task("x", TaskOptions.none().withWorker(1)));
			assertThat(test.server().stats().taskCount()).isEqualTo(1);
		}
		try (TestServer test = TestServer.start(new TestHandler())) {
			assertThat(failures(test.server())).hasSize(8)
				.allSatisfy((ex) -> assertThat(ex).isInstanceOf(IllegalStateException.class)
					.hasMessageContaining("task-worker-num"));
		}
	}

	private static List<Throwable> failures(SwooleServer server) {
		List<Throwable> failures = new ArrayList<>();
		List<Runnable> calls = List.of(() -> server.task("x"), () -> server.task("x", (s, id, result) -> {
		}), () -> server.task("x", TaskOptions.none().withPriority(1)), () -> server.taskAsync("x"),
				() -> server.taskWait("x"), () -> server.taskWaitMulti(List.of("x"), SHORT),
				() -> server.taskWaitMulti(List.of(), SHORT), () -> server.taskCo(List.of("x"), SHORT));
		for (Runnable call : calls) {
			try {
				call.run();
			}
			catch (RuntimeException ex) {
				failures.add(ex);
			}
		}
		return failures;
	}

	/** TWAIT-09: results reach an event worker that waits. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenEventWorkerWaitsThenResultsReachItAndWhatItHasSentIsWritten(ServerMode mode) throws Exception {
		CountDownLatch written = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send("before");
			String result = server.taskWait("x", LONG);
			SortedMap<Integer, String> results = server.taskWaitMulti(List.of("y", "z"), LONG);
			connection.send(result + results.get(0) + results.get(1) + server.taskAsync("w").join());
		}).task((server, task) -> {
			written.await(SECONDS, TimeUnit.SECONDS);
			return task.data();
		});
		try (TestServer test = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1).taskWorkerNum(1));
				TestClient client = test.connect()) {
			assertThat(client.send("go").readText(6)).isEqualTo("before");
			written.countDown();
			assertThat(client.readText(4)).isEqualTo("xyzw");
		}
	}

	/** TWAIT-10. */
	@Test
	void whenConnectionClosesMeanwhileThenWaitGoesOnAndSendIsRefused() throws Exception {
		CompletableFuture<String> outcome = new CompletableFuture<>();
		CountDownLatch waiting = new CountDownLatch(1);
		TestHandler handler = handler().receive((server, connection, packet) -> {
			waiting.countDown();
			String result = server.taskWait("hold", LONG);
			outcome.complete(result + " " + connection.send("x"));
		});
		try (TestServer test = TestServer.start(handler,
				(options) -> options.mode(ServerMode.PROCESS).workerNum(1).taskWorkerNum(1))) {
			try (TestClient client = test.connect()) {
				client.send("go");
				assertThat(waiting.await(SECONDS, TimeUnit.SECONDS)).isTrue();
				client.reset();
			}
			Awaitility.await()
				.until(() -> !test.server().getConnections().iterator().hasNext()
						|| !test.server().getConnections().iterator().next().send("y"));
			this.hold.countDown();
			assertThat(outcome.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("late false");
		}
	}

	/** TWAIT-11, TWAIT-12, TWAIT-15, TWAIT-16, TWAIT-17. */
	@Test
	void whenBatchIsAwaitedThenResultsComeByIndexAndTheRestIsMissing() {
		try (TestServer test = start((options) -> options.taskWorkerNum(3))) {
			SwooleServer server = test.server();
			assertThat(server.<String>taskWaitMulti(List.of("a", "b", "c"), LONG)).containsExactly(Map.entry(0, "A"),
					Map.entry(1, "B"), Map.entry(2, "C"));
			assertThat(server.taskWaitMulti(List.of(), LONG)).isEmpty();
			assertThat(server.taskWaitMulti(List.of("fail", "null", "false"), LONG)).hasSize(2)
				.containsEntry(1, null)
				.containsEntry(2, false);
			assertThat(server.taskWaitMulti(List.of("hold", "x", "fail"), SHORT)).hasSize(1).containsEntry(1, "X");
			assertThat(server.taskWaitMulti(List.of("hold"), SHORT)).isEmpty();
			this.hold.countDown();
			assertThat(server.taskWaitMulti(List.of("y"), Duration.ZERO)).hasSize(1).containsEntry(0, "Y");
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
			assertThat(server.stats().droppedResultCount()).isEqualTo(2);
			assertThat(this.finished).hasValue(0);
		}
	}

	/** TWAIT-13. */
	@Test
	void whenBatchIsPostedThenFutureHasOneEntryPerTask() {
		try (TestServer test = start((options) -> options.taskWorkerNum(4))) {
			SwooleServer server = test.server();
			assertThat(server.<Object>taskCo(List.of("a", "fail", "null", "false"), LONG)).succeedsWithin(LONG)
				.isEqualTo(List.of(Optional.of("A"), Optional.empty(), Optional.empty(), Optional.of(false)));
			assertThat(server.taskCo(List.of("hold", "b", "nothing"), SHORT)).succeedsWithin(LONG)
				.isEqualTo(List.of(Optional.empty(), Optional.of("B"), Optional.empty()));
			assertThat(server.taskCo(List.of(), SHORT)).isCompletedWithValue(List.of());
			CompletableFuture<List<Optional<Object>>> endless = server.taskCo(List.of("hold"), Duration.ZERO);
			assertThat(endless).isNotDone();
			this.hold.countDown();
			assertThat(endless).succeedsWithin(LONG).isEqualTo(List.of(Optional.of("late")));
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
		}
	}

	/** TWAIT-14: accepted whole or rejected whole. */
	@Test
	void whenBatchIsTooLargeOrDoesNotFitThenNothingIsPosted() {
		try (TestServer test = TestServer.start(
				handler().taskType((payload) -> (payload == String.class) ? TaskType.of("text") : null),
				(options) -> options.workerNum(1).taskWorkerNum(2).taskQueueCapacity(1023))) {
			SwooleServer server = test.server();
			List<String> most = Collections.nCopies(1023, "a");
			List<String> tooMany = Collections.nCopies(1024, "a");
			assertThat(server.taskWaitMulti(most, LONG)).hasSize(1023);
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
			assertThatIllegalArgumentException().isThrownBy(() -> server.taskWaitMulti(tooMany, LONG))
				.withMessageContaining("1023");
			assertThatIllegalArgumentException().isThrownBy(() -> server.taskCo(tooMany, LONG));
			CompletableFuture<String> one = server.taskAsync("hold");
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> server.taskCo(most, LONG));
			assertThatExceptionOfType(TaskRejectedException.class)
				.isThrownBy(() -> server.taskWaitMulti(List.of("a", 1), LONG))
				.withMessageContaining("java.lang.Integer");
			assertThat(server.stats().taskCount()).isEqualTo(1024);
			assertThat(server.stats().openTaskNum()).isEqualTo(1);
			this.hold.countDown();
			assertThat(one).succeedsWithin(LONG);
		}
	}

	/** TWAIT-03: "no limit" ends when the server stops. */
	@Test
	void whenServerStopsThenAllWaitsEnd() {
		List<CompletableFuture<?>> waits = new ArrayList<>();
		TestServer test = TestServer.start(handler(),
				(options) -> options.workerNum(1).taskWorkerNum(4).maxWaitTime(Duration.ofMillis(100)));
		try (test) {
			SwooleServer server = test.server();
			waits.add(CompletableFuture.supplyAsync(() -> server.taskWait("hold", Duration.ZERO),
					(wait) -> new Thread(wait).start()));
			waits.add(CompletableFuture.supplyAsync(() -> server.taskWaitMulti(List.of("hold", "a"), Duration.ZERO),
					(wait) -> new Thread(wait).start()));
			waits.add(server.taskAsync("hold"));
			waits.add(server.taskCo(List.of("hold", "nothing"), Duration.ZERO));
			waits.add(server.taskAsync("nothing"));
			Awaitility.await().until(() -> server.stats().taskCount() == 7);
		}
		assertThat(waits).allSatisfy((wait) -> assertThat(wait).failsWithin(LONG)
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(TaskRejectedException.class));
		this.hold.countDown();
	}

	/**
	 * An event worker that waits without a limit does not keep the server from stopping.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenServerStopsThenTheWaitOfAnEventWorkerEnds(ServerMode mode) throws Exception {
		AtomicReference<Throwable> thrown = new AtomicReference<>();
		CountDownLatch waiting = new CountDownLatch(1);
		TestHandler handler = handler().receive((server, connection, packet) -> {
			waiting.countDown();
			try {
				server.taskWait("nothing", Duration.ZERO);
			}
			catch (RuntimeException ex) {
				thrown.set(ex);
			}
		});
		try (TestServer test = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1).maxWaitTime(Duration.ofMillis(200)));
				TestClient client = test.connect()) {
			client.send("go");
			assertThat(waiting.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		}
		assertThat(thrown.get()).isInstanceOf(TaskRejectedException.class);
	}

	@Test
	void whenWaitingThreadIsInterruptedThenWaitEndsAndTheFlagStays() throws Exception {
		try (TestServer test = start()) {
			CompletableFuture<String> outcome = new CompletableFuture<>();
			Thread thread = new Thread(() -> {
				try {
					test.server().taskWait("hold", Duration.ZERO);
				}
				catch (TaskTimeoutException ex) {
					outcome.complete(ex.getMessage() + Thread.currentThread().isInterrupted());
				}
			});
			thread.start();
			Awaitility.await().until(() -> test.server().stats().taskCount() == 1);
			thread.interrupt();
			assertThat(outcome.get(SECONDS, TimeUnit.SECONDS)).contains("interrupted").endsWith("true");
			this.hold.countDown();
		}
	}

	/** TASK-18: futures are given up after task-result-timeout. */
	@Test
	void whenTaskReturnsWithoutResultThenFutureIsGivenUp() {
		try (TestServer test = start((options) -> options.taskResultTimeout(SHORT))) {
			SwooleServer server = test.server();
			assertThat(server.taskAsync("nothing")).failsWithin(LONG)
				.withThrowableOfType(ExecutionException.class)
				.withCauseInstanceOf(TaskTimeoutException.class)
				.withMessageContaining("task-result-timeout");
			assertThat(server.stats().openTaskNum()).isZero();
		}
	}

	@Test
	void whenTaskFinishesAfterItsHandlerHasReturnedThenWhoWaitsGetsThat() throws Exception {
		List<Task> kept = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			kept.add(task);
			return null;
		});
		try (TestServer test = TestServer.start(handler, (options) -> options.taskWorkerNum(1))) {
			CompletableFuture<String> future = test.server().taskAsync("x");
			Awaitility.await().until(() -> test.server().stats().taskIdleWorkerNum() == 1 && kept.size() == 1);
			assertThat(test.server().stats().openTaskNum()).isEqualTo(1);
			assertThat(kept.get(0).finish("late")).isTrue();
			assertThat(kept.get(0).finish("too late")).isFalse();
			assertThat(future).succeedsWithin(LONG).isEqualTo("late");
			assertThat(test.server().stats().openTaskNum()).isZero();
		}
	}

	/** The next task of a chain is posted where the first one was executed. */
	@Test
	void whenFuturesAreChainedThenTasksCanBePostedButNotAwaited() {
		try (TestServer test = start()) {
			SwooleServer server = test.server();
			CompletableFuture<String> chain = server.<String>taskAsync("a")
				.thenCompose((result) -> server.taskAsync(result + server.getWorkerId() + server.finish("x")));
			assertThat(chain).succeedsWithin(LONG).isEqualTo("A-1FALSE");
			CompletableFuture<String> outcome = new CompletableFuture<>();
			CompletableFuture<String> first = server.taskAsync("hold");
			first.whenComplete((result, failure) -> {
				try {
					server.taskWait("b");
				}
				catch (IllegalStateException ex) {
					outcome.complete(ex.getMessage());
				}
			});
			this.hold.countDown();
			assertThat(outcome).succeedsWithin(LONG).asString().contains("task worker");
		}
	}

	/** A future the application has completed itself is no longer waited for. */
	@Test
	void whenApplicationCompletesFutureThenResultIsDropped() {
		try (TestServer test = start()) {
			CompletableFuture<String> future = test.server().taskAsync("hold");
			future.cancel(true);
			this.hold.countDown();
			Awaitility.await().until(() -> test.server().stats().droppedResultCount() == 1);
			Awaitility.await().until(() -> test.server().stats().openTaskNum() == 0);
		}
	}

	/** Results of a batch nobody waits for any more hold no places. */
	@Test
	void whenApplicationGivesUpBatchThenItsPlacesAreFree() {
		try (TestServer test = start((options) -> options.taskQueueCapacity(4))) {
			SwooleServer server = test.server();
			for (int i = 0; i < 4; i++) {
				server.taskCo(List.of("nothing"), (i < 2) ? LONG : Duration.ZERO).cancel(true);
			}
			Awaitility.await().until(() -> server.stats().openTaskNum() == 0);
			assertThat(server.<String>taskAsync("x")).succeedsWithin(LONG).isEqualTo("X");
		}
	}

	/** What depends on the stage of a task may block: the server stops all the same. */
	@Test
	void whenDependentOfStageBlocksThenServerStops() {
		CountDownLatch running = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			CompletableFuture<Object> stage = new CompletableFuture<>();
			stage.whenComplete((value, failure) -> {
				boolean released = false;
				while (!released) {
					try {
						released = this.hold.await(SECONDS, TimeUnit.SECONDS);
					}
					catch (InterruptedException ex) {
						// it does not care
					}
				}
			});
			running.countDown();
			return stage;
		});
		try (TestServer test = TestServer.start(handler,
				(options) -> options.workerNum(1).taskWorkerNum(1).maxWaitTime(Duration.ofMillis(200)))) {
			SwooleServer server = test.server();
			server.task("x");
			Awaitility.await().until(() -> running.getCount() == 0 && server.stats().taskIdleWorkerNum() == 0);
			server.shutdown();
			assertThat(CompletableFuture.supplyAsync(() -> terminated(server), (code) -> new Thread(code).start()))
				.succeedsWithin(Duration.ofSeconds(10))
				.isEqualTo(true);
		}
		finally {
			this.hold.countDown();
		}
	}

	private static boolean terminated(SwooleServer server) {
		try {
			return server.awaitTermination(Duration.ofSeconds(5));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** A start that fails takes its tasks with it. */
	@Test
	void whenStartFailsThenWaitsForItsTasksEnd() {
		AtomicReference<CompletableFuture<Object>> wait = new AtomicReference<>();
		TestHandler handler = handler().workerStart((server, workerId) -> {
			if (workerId == 0) {
				server.taskAsync("hold");
				wait.set(server.taskAsync("waits"));
				throw new IllegalStateException("test");
			}
		});
		assertThatIllegalStateException()
			.isThrownBy(() -> TestServer.start(handler, (options) -> options.workerNum(1).taskWorkerNum(1)));
		this.hold.countDown();
		assertThat(wait.get()).failsWithin(Duration.ofSeconds(5))
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(TaskRejectedException.class);
	}

}
