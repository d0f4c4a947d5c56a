package io.swoole.task.interception;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskInterceptor;
import io.swoole.task.DeadLetter;
import io.swoole.task.DeadLetters;
import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskExpiredException;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of what an application puts around its tasks.
 */
class TaskInterceptorTests {

	private static final ThreadLocal<@Nullable String> CONTEXT = new ThreadLocal<>();

	private final Queue<String> seen = new ConcurrentLinkedQueue<>();

	@AfterEach
	void clear() {
		CONTEXT.remove();
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTaskIsPostedThenItsContextIsAroundAllOfItsCallbacks(ServerMode mode) {
		TestHandler handler = handler().receive((server, connection, packet) -> {
			CONTEXT.set("packet");
			try {
				server.task("fine");
				server.task("callback", (callbackServer, taskId, result) -> this.seen.add("callback " + CONTEXT.get()));
				server.task("fail");
			}
			finally {
				CONTEXT.remove();
			}
		});
		try (TestServer server = start(handler, new ContextInterceptor(), (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			client.send("x");
			awaitSettled(server.server(), 3);
			assertThat(this.seen).containsExactlyInAnyOrder("task fine packet", "progress fine packet",
					"finish fine packet", "task callback packet", "progress callback packet", "callback packet",
					"task fail packet", "progress fail packet", "error packet", "failed fail packet");
			// nothing is left behind in the threads
			client.send("x");
			server.server().task("outside");
			awaitSettled(server.server(), 7);
			assertThat(this.seen).contains("task outside null", "finish outside null");
		}
	}

	@Test
	void whenThereAreSeveralInterceptorsThenTheFirstIsTheOutermostAndEachGetsItsOwn() {
		List<TaskInterceptor> interceptors = List.of(new NamedInterceptor("a"), new NamedInterceptor("b"));
		try (TestServer server = TestServer.start(handler(), (options) -> {
			options.taskWorkerNum(1);
			interceptors.forEach(options::taskInterceptor);
		})) {
			server.server().task("x");
			awaitSettled(server.server(), 1);
			assertThat(this.seen.stream().filter((line) -> !line.startsWith("progress"))).containsSubsequence(
					"submit a", "submit b", "TASK 0 begin a", "TASK 0 begin b", "task x null", "TASK 0 end b",
					"TASK 0 end a", "FINISH 0 begin a", "FINISH 0 begin b", "finish x null", "FINISH 0 end b",
					"FINISH 0 end a");
		}
	}

	@Test
	void whenInterceptorFailsAroundACallbackThenItRunsNevertheless() {
		TaskInterceptor before = new TaskInterceptor() {
			@Override
			public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
				throw new IllegalStateException("before");
			}
		};
		TaskInterceptor after = new TaskInterceptor() {
			@Override
			public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
				body.run();
				body.run();
				throw new IllegalStateException("after");
			}
		};
		TaskInterceptor never = new TaskInterceptor() {
			@Override
			public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
			}
		};
		try (LogCapture log = LogCapture.of("io.swoole.task");
				TestServer server = TestServer.start(handler(),
						(options) -> options.taskWorkerNum(1)
							.taskInterceptor(before)
							.taskInterceptor(after)
							.taskInterceptor(never))) {
			server.server().task("x");
			awaitSettled(server.server(), 1);
			assertThat(this.seen).containsExactlyInAnyOrder("task x null", "progress x null", "finish x null");
			assertThat(log.messages(Level.ERROR))
				.anyMatch((line) -> line.contains("has not run callback TASK of task 0"))
				.anyMatch((line) -> line.contains("failed around callback FINISH of task 0"));
			assertThat(log.stackTraces()).anyMatch((trace) -> trace.contains("before"))
				.anyMatch((trace) -> trace.contains("after"));
		}
	}

	/** A task without context is not affected by what others have left behind. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenNothingIsCarriedThenCallbacksAreCalledDirectlyAndLeaveNothingBehind(ServerMode mode) {
		FrugalInterceptor interceptor = new FrugalInterceptor();
		TestHandler handler = handler().receive((server, connection, packet) -> {
			this.seen.add("receive " + CONTEXT.get());
			server.task("packet");
		}).task((server, task) -> {
			this.seen.add("task " + task.data() + " " + CONTEXT.get());
			CONTEXT.set("left by task");
			if (task.data().equals("fail")) {
				throw new IllegalStateException("as asked");
			}
			return task.data();
		}).finish((server, result) -> {
			this.seen.add("finish " + result.data() + " " + CONTEXT.get());
			CONTEXT.set("left by finish");
		});
		try (TestServer server = start(handler, interceptor, (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			server.server().task("fail");
			awaitSettled(server.server(), 1);
			server.server().task("first");
			awaitSettled(server.server(), 2);
			client.send("x");
			awaitSettled(server.server(), 3);
			assertThat(this.seen).containsExactly("task fail null", "error left by task", "failed fail null",
					"task first null", "finish first null", "receive null", "task packet null", "finish packet null");
			assertThat(interceptor.calls).containsExactly("clean TASK", "clean FAILED", "clean TASK", "clean FINISH",
					"clean TASK", "clean FINISH");
			interceptor.calls.clear();
			CONTEXT.set("carried");
			server.server().task("second");
			CONTEXT.remove();
			awaitSettled(server.server(), 4);
			server.server().task("third");
			awaitSettled(server.server(), 5);
			assertThat(this.seen).endsWith("task second carried", "finish second carried", "task third null",
					"finish third null");
			assertThat(interceptor.calls).containsExactly("around TASK", "around FINISH", "clean TASK", "clean FINISH");
		}
	}

	/** What others have left in a thread is hidden from a task, not taken away. */
	@Test
	void whenThreadHasContextOfItsOwnThenTaskWithoutDoesNotSeeIt() {
		FrugalInterceptor interceptor = new FrugalInterceptor();
		TestHandler handler = handler().workerStart((server, workerId) -> CONTEXT.set("own"));
		try (TestServer server = start(handler, interceptor, (options) -> {
		})) {
			server.server().task("x");
			awaitSettled(server.server(), 1);
			assertThat(this.seen).containsExactlyInAnyOrder("task x null", "progress x null", "finish x null");
			assertThat(interceptor.calls).containsExactlyInAnyOrder("around TASK", "around PROGRESS", "around FINISH");
		}
	}

	@Test
	void whenSomeInterceptorsAreNotNeededThenOnlyTheOthersAreAround() {
		TaskInterceptor unneeded = new TaskInterceptor() {
			@Override
			public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
				return false;
			}

			@Override
			public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
				TaskInterceptorTests.this.seen.add("unneeded");
				body.run();
			}

			@Override
			public void cleanUp(Callback callback) {
				TaskInterceptorTests.this.seen.add("clean up " + callback);
				throw new IllegalStateException("cannot clean up");
			}
		};
		TaskInterceptor unsure = new TaskInterceptor() {
			@Override
			public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
				throw new IllegalStateException("cannot tell");
			}
		};
		try (LogCapture log = LogCapture.of("io.swoole.task");
				TestServer server = TestServer.start(handler(),
						(options) -> options.taskWorkerNum(1)
							.taskInterceptor(new NamedInterceptor("a"))
							.taskInterceptor(unneeded)
							.taskInterceptor(new NamedInterceptor("b"))
							.taskInterceptor(unsure))) {
			server.server().task("x");
			awaitSettled(server.server(), 1);
			assertThat(this.seen).doesNotContain("unneeded")
				.containsSubsequence("TASK 0 begin a", "TASK 0 begin b", "task x null", "TASK 0 end b", "clean up TASK",
						"TASK 0 end a", "FINISH 0 begin a", "FINISH 0 begin b", "finish x null", "FINISH 0 end b",
						"clean up FINISH", "FINISH 0 end a")
				.containsOnlyOnce("task x null", "finish x null");
			assertThat(log.stackTraces()).anyMatch((trace) -> trace.contains("cannot clean up"))
				.anyMatch((trace) -> trace.contains("cannot tell"));
		}
	}

	@Test
	void whenInterceptorHasNothingAroundCallbacksThenItIsNotAskedThere() {
		class Frugal implements TaskInterceptor {

			@Override
			public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
				return false;
			}

			@Override
			public void cleanUp(Callback callback) {
				TaskInterceptorTests.this.seen.add("clean up " + callback);
			}

		}
		class Inheriting extends Frugal {

		}
		TaskInterceptor submitting = new TaskInterceptor() {
			@Override
			public @Nullable Object onSubmit(Submission task) {
				TaskInterceptorTests.this.seen.add("submit " + task.data());
				return null;
			}

			@Override
			public boolean isNeededAround(Callback callback, @Nullable Object submitted) {
				TaskInterceptorTests.this.seen.add("asked");
				return false;
			}
		};
		try (TestServer server = TestServer.start(handler(),
				(options) -> options.taskWorkerNum(1).taskInterceptor(submitting).taskInterceptor(new Inheriting()))) {
			server.server().task("x");
			awaitSettled(server.server(), 1);
			assertThat(this.seen).contains("submit x", "clean up TASK", "clean up FINISH").doesNotContain("asked");
		}
	}

	@Test
	void whenTaskIsDeferredAfterItWasPostedThenThatIsRefused() {
		List<TaskInterceptor.Submission> submissions = new ArrayList<>();
		TaskInterceptor interceptor = new TaskInterceptor() {
			@Override
			public @Nullable Object onSubmit(Submission task) {
				submissions.add(task);
				return null;
			}
		};
		try (TestServer server = start(handler(), interceptor, (options) -> {
		})) {
			server.server().task("x");
			assertThatIllegalStateException().isThrownBy(() -> submissions.get(0).defer())
				.withMessageContaining("onSubmit");
			awaitSettled(server.server(), 1);
			assertThat(this.seen).contains("finish x null");
		}
	}

	@Test
	void whenInterceptorRefusesATaskThenTheCallerIsToldAndNothingIsLeft() {
		TaskInterceptor interceptor = new TaskInterceptor() {
			@Override
			public @Nullable Object onSubmit(Submission task) {
				if (task.data().equals("bad")) {
					throw new IllegalArgumentException("bad task");
				}
				return null;
			}
		};
		try (TestServer server = start(handler(), interceptor, (options) -> options.taskQueueCapacity(5))) {
			for (int i = 0; i < 10; i++) {
				assertThatIllegalArgumentException().isThrownBy(() -> server.server().task("bad"));
				assertThatIllegalArgumentException().isThrownBy(
						() -> server.server().taskWaitMulti(List.of("good", "bad", "good"), Duration.ofSeconds(9)));
			}
			awaitSettled(server.server(), 0);
			server.server().task("good");
		}
	}

	@Test
	void whenSomebodyWaitsForTheResultThenTheInterceptorKnows() throws Exception {
		List<String> awaited = new ArrayList<>();
		TaskInterceptor interceptor = new TaskInterceptor() {
			@Override
			public @Nullable Object onSubmit(Submission task) {
				awaited.add(task.taskId() + " " + task.isAwaited() + " " + task.options().getPriority());
				return null;
			}
		};
		try (TestServer server = start(handler(), interceptor, (options) -> {
		})) {
			server.server().task("plain", TaskOptions.none().withPriority(7));
			server.server().task("callback", (callbackServer, taskId, result) -> {
			});
			server.server().taskWait("wait", Duration.ofSeconds(9));
			server.server().taskWaitMulti(List.of("a", "b"), Duration.ofSeconds(9));
			server.server().taskAsync("async").get(9, TimeUnit.SECONDS);
			assertThat(awaited).containsExactly("0 false 7", "1 false 4", "2 true 4", "3 true 4", "4 true 4",
					"5 true 4");
		}
	}

	@Test
	void whenTaskIsDeferredThenItRunsWhenItIsDispatched() {
		DeferringInterceptor interceptor = new DeferringInterceptor();
		try (TestServer server = start(handler(), interceptor, (options) -> {
		})) {
			long id = server.server().task("later");
			assertThat(id).isZero();
			server.server().taskWait("now", Duration.ofSeconds(9));
			assertThat(this.seen).doesNotContain("task later null");
			assertThat(server.server().stats().openTaskNum()).isEqualTo(1);
			interceptor.deferred.get(0).dispatch();
			interceptor.deferred.get(0).dispatch();
			interceptor.deferred.get(0).drop();
			awaitSettled(server.server(), 2);
			assertThat(this.seen).containsOnlyOnce("task later null", "finish later null");
		}
	}

	@Test
	void whenDeferredTaskIsDroppedThenItNeverRuns() throws Exception {
		DeferringInterceptor interceptor = new DeferringInterceptor();
		try (TestServer server = start(handler(), interceptor, (options) -> options.taskQueueCapacity(1))) {
			CompletableFuture<String> told = new CompletableFuture<>();
			server.server().task("never", (callbackServer, taskId, result) -> told.complete("result"));
			interceptor.deferred.get(0).drop();
			interceptor.deferred.get(0).dispatch();
			awaitSettled(server.server(), 1);
			assertThat(told).isNotDone();
			assertThat(this.seen).isEmpty();
			assertThat(server.server().cancelTask(0)).isFalse();
		}
	}

	@Test
	void whenSeveralInterceptorsDeferATaskThenAllMustDispatchIt() {
		DeferringInterceptor one = new DeferringInterceptor();
		DeferringInterceptor other = new DeferringInterceptor();
		try (TestServer server = TestServer.start(handler(),
				(options) -> options.taskWorkerNum(1).taskInterceptor(one).taskInterceptor(other))) {
			server.server().task("both");
			one.deferred.get(0).dispatch();
			server.server().taskWait("now", Duration.ofSeconds(9));
			assertThat(this.seen).doesNotContain("task both null");
			other.deferred.get(0).dispatch();
			awaitSettled(server.server(), 2);
			assertThat(this.seen).contains("finish both null");
			server.server().task("dropped");
			one.deferred.get(1).dispatch();
			other.deferred.get(1).drop();
			awaitSettled(server.server(), 3);
			assertThat(this.seen).doesNotContain("task dropped null");
		}
	}

	@Test
	void whenDecisionIsMadeAtOnceThenTaskIsDispatchedOrDroppedAtOnce() {
		TaskInterceptor interceptor = new TaskInterceptor() {
			@Override
			public @Nullable Object onSubmit(Submission task) {
				Deferred deferred = task.defer();
				if (task.data().equals("go")) {
					deferred.dispatch();
				}
				else {
					deferred.drop();
				}
				return null;
			}
		};
		try (TestServer server = start(handler(), interceptor, (options) -> options.taskQueueCapacity(2))) {
			for (int i = 0; i < 10; i++) {
				server.server().task("stop");
			}
			server.server().task("go");
			awaitSettled(server.server(), 11);
			assertThat(this.seen).containsExactlyInAnyOrder("task go null", "progress go null", "finish go null");
		}
	}

	@Test
	void whenDeferredTaskIsCancelledOrExpiresThenDispatchComesTooLate() throws Exception {
		DeferringInterceptor interceptor = new DeferringInterceptor();
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		TestHandler handler = handler().taskFailed((server, task, cause) -> failure.complete(cause));
		try (TestServer server = start(handler, interceptor, (options) -> {
		})) {
			long cancelled = server.server().task("cancelled", TaskOptions.none().withKey("k"));
			assertThat(server.server().cancelTask(cancelled)).isTrue();
			server.server().task("expired", TaskOptions.none().withDeadline(Instant.now().plusMillis(20)));
			assertThat(failure.get(9, TimeUnit.SECONDS)).isInstanceOf(TaskExpiredException.class);
			interceptor.deferred.forEach(TaskInterceptor.Deferred::dispatch);
			awaitSettled(server.server(), 2);
			assertThat(this.seen).isEmpty();
			// nor is its key taken
			server.server().task("next", TaskOptions.none().withKey("k"));
			interceptor.deferred.get(2).dispatch();
			awaitSettled(server.server(), 3);
			assertThat(this.seen).contains("finish next null");
		}
	}

	@Test
	void whenReplayedTaskIsDeferredAndNotDispatchedThenItsDeadLetterStays() {
		DeferringInterceptor interceptor = new DeferringInterceptor();
		TestHandler handler = handler().task((server, task) -> {
			if (task.id() == 0) {
				throw new IllegalStateException();
			}
			this.seen.add("task " + task.data());
			return null;
		});
		TaskOptions options = TaskOptions.none().withKey("k");
		try (TestServer server = start(handler, interceptor, (settings) -> {
		})) {
			server.server().task("x", options);
			interceptor.deferred.get(0).dispatch();
			DeadLetters letters = server.server().getDeadLetters();
			Awaitility.await().until(() -> letters.list(9).size() == 1);
			// dropped
			assertThat(letters.replay(0)).isTrue();
			assertThat(letters.list(9)).isEmpty();
			interceptor.deferred.get(1).drop();
			assertThat(letters.list(9)).singleElement().extracting(DeadLetter::data).isEqualTo("x");
			// another task has its key
			assertThat(letters.replay(0)).isTrue();
			long other = server.server().task("other", options.withDelay(Duration.ofMinutes(9)));
			interceptor.deferred.get(3).dispatch();
			interceptor.deferred.get(2).dispatch();
			assertThat(letters.list(9)).hasSize(1);
			// cancelled
			assertThat(server.server().cancelTask(other)).isTrue();
			assertThat(letters.replay(0)).isTrue();
			interceptor.deferred.get(4).dispatch();
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(letters.list(9)).isEmpty();
			assertThat(this.seen).containsOnlyOnce("task x");
		}
	}

	@Test
	void whenTaskWithKeyIsDeferredThenTheKeyCountsFromItsDispatch() {
		CountDownLatch release = new CountDownLatch(1);
		DeferringInterceptor interceptor = new DeferringInterceptor();
		TestHandler handler = handler().task((server, task) -> {
			this.seen.add("task " + task.data());
			release.await();
			return null;
		});
		TaskOptions options = TaskOptions.none().withKey("k");
		try (TestServer server = start(handler, interceptor, (settings) -> {
		})) {
			long first = server.server().task("first", options);
			long second = server.server().task("second", options);
			assertThat(second).isNotEqualTo(first);
			interceptor.deferred.get(1).dispatch();
			Awaitility.await().until(() -> this.seen.contains("task second"));
			interceptor.deferred.get(0).dispatch();
			// the place of the first is free, the second runs
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 1);
			release.countDown();
			awaitSettled(server.server(), 2);
			assertThat(this.seen).containsExactly("task second");
		}
	}

	@Test
	void whenDeferredTaskHasADelayThenItBeginsWithTheDispatch() {
		DeferringInterceptor interceptor = new DeferringInterceptor();
		try (TestServer server = start(handler(), interceptor, (options) -> {
		})) {
			server.server().task("later", TaskOptions.none().withDelay(Duration.ofMillis(30)));
			assertThat(server.server().stats().delayedTaskNum()).isZero();
			long begin = System.nanoTime();
			interceptor.deferred.get(0).dispatch();
			awaitSettled(server.server(), 1);
			assertThat(this.seen).contains("finish later null");
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(30));
		}
	}

	@Test
	void whenServerStopsThenDeferredTasksAreReportedAndDispatchIsTooLate() {
		DeferringInterceptor interceptor = new DeferringInterceptor();
		try (LogCapture log = LogCapture.of("io.swoole.task")) {
			try (TestServer server = start(handler(), interceptor,
					(options) -> options.maxWaitTime(Duration.ofMillis(100)))) {
				server.server().task("one");
				server.server().task(2L);
			}
			interceptor.deferred.forEach(TaskInterceptor.Deferred::dispatch);
			assertThat(this.seen).isEmpty();
			assertThat(log.messages(Level.WARN)).singleElement()
				.asString()
				.contains("2 tasks", "2 waiting", "java.lang.Long=1", "java.lang.String=1");
		}
	}

	/** What is committed while the server stops is done, as long as there is time. */
	@Test
	void whenDeferredTaskIsDispatchedDuringTheStopThenItIsExecuted() {
		DeferringInterceptor interceptor = new DeferringInterceptor();
		TestHandler handler = handler().beforeShutdown((server) -> new Thread(() -> {
			Awaitility.await().until(() -> isRefusing(server));
			interceptor.deferred.get(0).dispatch();
		}).start());
		try (TestServer server = start(handler, interceptor,
				(options) -> options.maxWaitTime(Duration.ofSeconds(20)))) {
			server.server().task("one");
		}
		assertThat(this.seen).contains("task one null", "finish one null");
	}

	private static boolean isRefusing(SwooleServer server) {
		try {
			server.task("refused?", TaskOptions.none().withDeadline(Instant.EPOCH));
			return false;
		}
		catch (TaskRejectedException ex) {
			return true;
		}
	}

	@Test
	void whenNobodyKnowsAboutTransactionsThenAfterCommitIsRefused() {
		try (TestServer server = start(handler(), new ContextInterceptor(), (options) -> {
		}); TestServer bare = TestServer.start(handler(), (options) -> options.taskWorkerNum(1))) {
			for (TestServer each : List.of(server, bare)) {
				assertThatIllegalStateException()
					.isThrownBy(() -> each.server().task("x", TaskOptions.none().afterCommit()))
					.withMessageContaining("afterCommit()")
					.withMessageContaining("spring-tx");
				assertThat(each.server().stats().openTaskNum()).isZero();
			}
		}
	}

	@Test
	void whenWaiterIsDroppedThenItIsToldAtOnce() {
		TaskInterceptor interceptor = new TaskInterceptor() {
			@Override
			public @Nullable Object onSubmit(Submission task) {
				task.defer().drop();
				return null;
			}
		};
		try (TestServer server = start(handler(), interceptor, (options) -> {
		})) {
			assertThatExceptionOfType(TaskCancelledException.class)
				.isThrownBy(() -> server.server().taskWait("x", Duration.ofSeconds(20)));
		}
	}

	private TestHandler handler() {
		return new TestHandler().task((server, task) -> {
			this.seen.add("task " + task.data() + " " + CONTEXT.get());
			task.progress(task.data());
			if (task.data().equals("fail")) {
				throw new IllegalStateException("as asked");
			}
			return task.data();
		})
			.finish((server, result) -> this.seen.add("finish " + result.data() + " " + CONTEXT.get()))
			.progress((server, taskId, state) -> this.seen.add("progress " + state + " " + CONTEXT.get()))
			.taskFailed((server, task, cause) -> this.seen.add("failed " + task.data() + " " + CONTEXT.get()))
			.error((server, error) -> this.seen.add("error " + CONTEXT.get()));
	}

	private static TestServer start(TestHandler handler, TaskInterceptor interceptor,
			Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			options.workerNum(1).taskWorkerNum(1).taskInterceptor(interceptor);
			settings.accept(options);
		});
	}

	private static void awaitSettled(SwooleServer server, int tasks) {
		Awaitility.await().until(() -> server.stats().taskCount() >= tasks && server.stats().openTaskNum() == 0);
	}

	private static final class ContextInterceptor implements TaskInterceptor {

		@Override
		public @Nullable Object onSubmit(Submission task) {
			return CONTEXT.get();
		}

		@Override
		public void around(Callback callback, long taskId, @Nullable Object context, Runnable body) {
			CONTEXT.set((String) context);
			try {
				body.run();
			}
			finally {
				CONTEXT.remove();
			}
		}

	}

	/** Like the other, but only where it has something to do. */
	private static final class FrugalInterceptor implements TaskInterceptor {

		private final Queue<String> calls = new ConcurrentLinkedQueue<>();

		@Override
		public @Nullable Object onSubmit(Submission task) {
			return CONTEXT.get();
		}

		@Override
		public boolean isNeededAround(Callback callback, @Nullable Object context) {
			return context != null || CONTEXT.get() != null;
		}

		@Override
		public void around(Callback callback, long taskId, @Nullable Object context, Runnable body) {
			this.calls.add("around " + callback);
			String before = CONTEXT.get();
			CONTEXT.set((String) context);
			try {
				body.run();
			}
			finally {
				CONTEXT.set(before);
			}
		}

		@Override
		public void cleanUp(Callback callback) {
			this.calls.add("clean " + callback);
			CONTEXT.remove();
		}

	}

	private final class NamedInterceptor implements TaskInterceptor {

		private final String name;

		NamedInterceptor(String name) {
			this.name = name;
		}

		@Override
		public Object onSubmit(Submission task) {
			TaskInterceptorTests.this.seen.add("submit " + this.name);
			return this.name;
		}

		@Override
		public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
			TaskInterceptorTests.this.seen.add(callback + " " + taskId + " begin " + submitted);
			body.run();
			TaskInterceptorTests.this.seen.add(callback + " " + taskId + " end " + submitted);
		}

	}

	/** Defers tasks nobody waits for. */
	private static final class DeferringInterceptor implements TaskInterceptor {

		private final List<Deferred> deferred = new ArrayList<>();

		@Override
		public @Nullable Object onSubmit(Submission task) {
			if (!task.isAwaited()) {
				this.deferred.add(task.defer());
			}
			return null;
		}

	}

}
