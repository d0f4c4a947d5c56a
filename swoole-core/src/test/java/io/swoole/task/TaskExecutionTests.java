package io.swoole.task;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.WorkerError;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of how tasks are executed: TASK-09, TASK-16 to TASK-18, TASK-20, TASK-21, TASK-24
 * to TASK-30, TASK-34, TASK-38, TASK-40, TASK-45, WORK-10.
 */
class TaskExecutionTests {

	private static final int SECONDS = 20;

	private static final Duration LONG = Duration.ofSeconds(SECONDS);

	private final List<Object> finished = new CopyOnWriteArrayList<>();

	private final CountDownLatch hold = new CountDownLatch(1);

	private static final class Stubborn {

		/** Waits for the latch, whatever interrupts it. */
		static int await(CountDownLatch latch) {
			int interrupts = 0;
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
			while (System.nanoTime() < end) {
				try {
					if (latch.await(1, TimeUnit.SECONDS)) {
						break;
					}
				}
				catch (InterruptedException ex) {
					interrupts++;
				}
			}
			return interrupts;
		}

	}

	private static TestServer start(TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> settings.accept(options.workerNum(2).taskWorkerNum(2)));
	}

	private static void awaitSettled(SwooleServer server) {
		Awaitility.await().atMost(LONG).until(() -> server.stats().openTaskNum() == 0);
	}

	/** TASK-16, TASK-17: once, in the dispatching worker, instead of onFinish. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTaskHasCallbackThenItTakesTheFirstResultInTheDispatchingWorker(ServerMode mode) {
		List<String> called = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			int worker = server.getWorkerId();
			server.task("many", (s, taskId, result) -> called
				.add(result + " " + (s == server) + " " + (server.getWorkerId() == worker)));
			server.task("null", 1, (s, taskId, result) -> called.add("is " + result));
			server.task("plain", (TaskCallback<Object>) null);
			server.task("fail", (s, taskId, result) -> called.add("must not be called"));
		}).task((server, task) -> {
			switch ((String) task.data()) {
				case "many" -> {
					task.finish("first");
					task.finish("second");
				}
				case "null" -> task.finish(null);
				case "fail" -> throw new IllegalStateException("broken");
				default -> task.finish("plain");
			}
			return "third";
		}).finish((server, result) -> this.finished.add(result.data()));
		try (TestServer test = start(handler, (options) -> options.mode(mode)); TestClient client = test.connect()) {
			client.send("go");
			Awaitility.await().until(() -> called.size() == 2 && this.finished.size() == 2);
			awaitSettled(test.server());
			assertThat(called).containsExactlyInAnyOrder("first true true", "is null");
			assertThat(this.finished).containsExactly("plain", "third");
			assertThat(test.server().stats().droppedResultCount()).isEqualTo(3);
		}
	}

	/** TASK-18: a callback of a task without a result is dropped. */
	@Test
	void whenTaskHasNoResultThenItsCallbackIsGivenUp() {
		AtomicBoolean called = new AtomicBoolean();
		List<Task> kept = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			kept.add(task);
			return null;
		});
		try (TestServer test = start(handler, (options) -> options.taskResultTimeout(Duration.ofMillis(50)))) {
			test.server().task("x", (server, taskId, result) -> called.set(true));
			awaitSettled(test.server());
			Awaitility.await().until(() -> !kept.isEmpty());
			assertThat(kept.get(0).finish("too late")).isFalse();
			assertThat(called).isFalse();
			assertThat(test.server().stats().droppedResultCount()).isEqualTo(1);
		}
	}

	/** What a callback throws is a failure of "finish", and the task is settled. */
	@Test
	void whenCallbackThrowsThenThatIsReportedAndTheWorkerGoesOn() {
		TestHandler handler = new TestHandler().task((server, task) -> "x");
		try (TestServer test = start(handler, (options) -> {
		})) {
			test.server().task("x", (server, taskId, result) -> {
				throw new IllegalStateException("broken");
			});
			awaitSettled(test.server());
			assertThat(handler.errors).singleElement()
				.satisfies((error) -> assertThat(error.event()).isEqualTo("finish"));
		}
	}

	/** TASK-20: tasks of foreign threads get an event worker, in turn. */
	@Test
	void whenForeignThreadPostsTaskThenAnEventWorkerGetsTheResult() {
		Map<Integer, AtomicInteger> sources = new ConcurrentHashMap<>();
		TestHandler handler = new TestHandler()
			.task((server, task) -> task.sourceWorkerId() + " " + (task.taskWorkerId() >= 3) + " "
					+ task.dispatchTime().isBefore(java.time.Instant.now().plusSeconds(1)))
			.finish((server, result) -> {
				assertThat(result.data()).isEqualTo(server.getWorkerId() + " true true");
				sources.computeIfAbsent(server.getWorkerId(), (id) -> new AtomicInteger()).incrementAndGet();
			});
		try (TestServer test = start(handler, (options) -> options.workerNum(3))) {
			for (int i = 0; i < 30; i++) {
				assertThat(test.server().task("x")).isEqualTo(i);
			}
			awaitSettled(test.server());
			assertThat(handler.errors).isEmpty();
			assertThat(sources).hasSize(3).allSatisfy((id, count) -> assertThat(count).hasValue(10));
		}
	}

	/** TASK-21: tasks from every callback of an event worker. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenCallbacksPostTasksThenAllAreAccepted(ServerMode mode) {
		Set<Object> seen = ConcurrentHashMap.newKeySet();
		TestHandler handler = new TestHandler().workerStart((server, workerId) -> {
			if (!server.isTaskWorker()) {
				server.task("workerStart");
			}
		})
			.connect((server, connection, reactorId) -> server.task("connect"))
			.receive((server, connection, packet) -> server.task("receive"))
			.close((server, connection, reactorId) -> server.task("close"))
			.pipeMessage((server, message) -> server.task("pipeMessage"))
			.task((server, task) -> task.data())
			.finish((server, result) -> {
				if (seen.add(result.data()) && result.data().equals("receive")) {
					server.task("finish", (s, taskId, text) -> server.task("callback"));
					server.after(Duration.ofMillis(1), () -> server.task("timer"));
				}
			});
		try (TestServer test = start(handler, (options) -> options.mode(mode).workerNum(1))) {
			assertThat(test.server().sendMessage("message", 0)).isTrue();
			try (TestClient client = test.connect()) {
				client.send("x");
				Awaitility.await().until(() -> seen.contains("receive"));
			}
			Awaitility.await()
				.untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder("workerStart", "connect", "receive",
						"close", "pipeMessage", "callback", "timer"));
			assertThat(handler.errors).isEmpty();
		}
	}

	/** TASK-27, one that always throws: the others do not notice. */
	@Test
	void whenTaskThrowsThenWorkerGoesOnAndErrorIsReported() {
		TestHandler handler = new TestHandler().task((server, task) -> {
			if ((int) task.data() % 2 == 0) {
				if (task.data().equals(4)) {
					throw new StackOverflowError("test");
				}
				throw new IllegalStateException("broken");
			}
			return task.data();
		}).finish((server, result) -> this.finished.add(result.data()));
		try (TestServer test = start(handler, (options) -> options.taskWorkerNum(1))) {
			for (int i = 1; i <= 100; i++) {
				test.server().task(i);
			}
			awaitSettled(test.server());
			assertThat(this.finished).hasSize(50);
			assertThat(handler.errors).hasSize(50).allSatisfy((error) -> {
				assertThat(error.event()).isEqualTo("task");
				assertThat(error.taskId()).isOdd();
				assertThat(error.workerId()).isEqualTo(2);
			});
			assertThat(test.server().stats().taskFailureCount()).isEqualTo(50);
			assertThat(test.server().getDeadLetters().list(100)).hasSize(50);
		}
	}

	/** TASK-30, TASK-32: any size in both directions, by reference. */
	@Test
	void whenPayloadAndResultAreHugeThenTheyAreHandedOver() {
		byte[] payload = new byte[100 * 1024 * 1024];
		AtomicReference<Object> result = new AtomicReference<>();
		TestHandler handler = new TestHandler().task((server, task) -> task.data())
			.finish((server, taskResult) -> result.set(taskResult.data()));
		try (TestServer test = start(handler, (options) -> {
		})) {
			test.server().task(payload);
			awaitSettled(test.server());
			assertThat(result.get()).isSameAs(payload);
			assertThat(test.server().<byte[]>taskWait(payload, LONG)).isSameAs(payload);
		}
	}

	/** TASK-25: a message is no task, not even between two of them. */
	@Test
	void whenMessageHandlerOfTaskWorkerCallsFinishThenItIsRefused() {
		TestHandler handler = new TestHandler().task((server, task) -> task.data())
			.finish((server, result) -> this.finished.add(result.data()))
			.pipeMessage((server, message) -> this.finished.add("refused " + !server.finish(message.data())));
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer test = start(handler, (options) -> options.workerNum(1).taskWorkerNum(1))) {
			test.server().task("task");
			awaitSettled(test.server());
			assertThat(test.server().sendMessage("message", 1)).isTrue();
			Awaitility.await().atMost(LONG).until(() -> this.finished.size() == 2);
			assertThat(this.finished).containsExactly("task", "refused true");
			assertThat(log.messages(Level.WARN)).anyMatch((message) -> message.contains("finish() does nothing"));
		}
	}

	/**
	 * TASK-28; one that never returns: after its timeout it is replaced, the others go
	 * on.
	 */
	@Test
	void whenTaskIgnoresItsInterruptThenItsThreadIsGivenUpAndTheWorkerGoesOn() throws Exception {
		List<WorkerError> errors = new CopyOnWriteArrayList<>();
		List<String> life = new CopyOnWriteArrayList<>();
		CompletableFuture<String> late = new CompletableFuture<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			if (task.data().equals("stubborn")) {
				int interrupts = Stubborn.await(this.hold);
				late.complete(interrupts + " " + task.isCancelled() + " " + task.finish("late") + " "
						+ server.finish("late") + " " + server.getWorkerId());
				return "late";
			}
			return task.data();
		})
			.finish((server, result) -> this.finished.add(result.data()))
			.workerStart((server, workerId) -> life.add("start " + workerId))
			.workerStop((server, workerId) -> life.add("stop " + workerId))
			.workerError((server, error) -> errors.add(error));
		try (LogCapture log = LogCapture.of("io.swoole");
				TestServer test = start(handler,
						(options) -> options.workerNum(1).taskWorkerNum(1).maxWaitTime(Duration.ofMillis(100)))) {
			SwooleServer server = test.server();
			life.clear();
			server.task("stubborn", TaskOptions.none().withTimeout(Duration.ofMillis(50)));
			server.task("next");
			Awaitility.await().atMost(LONG).until(() -> this.finished.contains("next"));
			Awaitility.await().atMost(LONG).until(() -> server.stats().openTaskNum() == 0 && !errors.isEmpty());
			assertThat(errors).singleElement().satisfies((error) -> {
				assertThat(error.workerId()).isEqualTo(1);
				assertThat(error.exitCode()).isZero();
				assertThat(error.signal()).isEqualTo(9);
			});
			assertThat(life).containsExactly("start 1");
			assertThat(server.stats().abandonedThreadNum()).isEqualTo(1);
			Awaitility.await().atMost(LONG).until(() -> server.stats().taskIdleWorkerNum() == 1);
			this.hold.countDown();
			assertThat(late.get(SECONDS, TimeUnit.SECONDS)).endsWith(" true false false -1");
			Awaitility.await().atMost(LONG).until(() -> server.stats().abandonedThreadNum() == 0);
			assertThat(server.<String>taskWait("again", LONG)).isEqualTo("again");
			assertThat(this.finished).containsExactly("next");
			assertThat(log.messages(Level.WARN)).anyMatch((message) -> message.contains("did not end within"));
		}
	}

	/** TASK-28: beyond the cap the tasks of the worker go to the others. */
	@Test
	void whenTooManyThreadsAreGivenUpThenTheTasksOfTheWorkerMoveToTheOthers() throws Exception {
		CountDownLatch stuck = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			if (task.data().equals("stubborn")) {
				stuck.countDown();
				Stubborn.await(this.hold);
			}
			return task.data() + " " + task.taskWorkerId();
		}).finish((server, result) -> this.finished.add(result.data()));
		try (TestServer test = start(handler,
				(options) -> options.workerNum(1).taskMaxAbandonedThreads(0).maxWaitTime(Duration.ofMillis(100)))) {
			SwooleServer server = test.server();
			server.task("stubborn", TaskOptions.none().withTimeout(Duration.ofMillis(50)).withWorker(0));
			assertThat(stuck.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			server.task("targeted", 0);
			Awaitility.await().atMost(LONG).until(() -> this.finished.contains("targeted 2"));
			server.task("another", 0);
			Awaitility.await().atMost(LONG).until(() -> this.finished.contains("another 2"));
			assertThat(server.stats().abandonedThreadNum()).isZero();
			this.hold.countDown();
			Awaitility.await().atMost(LONG).until(() -> server.stats().taskIdleWorkerNum() == 2);
			assertThat(server.<String>taskWait("back", LONG, 0)).isEqualTo("back 1");
			assertThat(this.finished).hasSize(2);
		}
	}

	/** TASK-29, WORK-10: after so many tasks the worker begins anew, nothing is lost. */
	@Test
	void whenTaskMaxRequestIsReachedThenWorkerBeginsAnewAndAllResultsCome() {
		List<String> life = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			life.add("task");
			return task.data();
		})
			.finish((server, result) -> this.finished.add(result.data()))
			.workerStart((server, workerId) -> life.add("start " + workerId))
			.workerStop((server, workerId) -> life.add("stop " + workerId));
		try (TestServer test = start(handler,
				(options) -> options.workerNum(1).taskWorkerNum(1).taskMaxRequest(3).taskMaxRequestGrace(0))) {
			life.clear();
			List<Object> expected = new ArrayList<>();
			for (int i = 0; i < 10; i++) {
				test.server().task(i);
				expected.add(i);
			}
			awaitSettled(test.server());
			assertThat(this.finished).containsExactlyElementsOf(expected);
			Awaitility.await().until(() -> life.stream().filter("start 1"::equals).count() == 3);
			assertThat(life).containsExactly("task", "task", "task", "stop 1", "start 1", "task", "task", "task",
					"stop 1", "start 1", "task", "task", "task", "stop 1", "start 1", "task");
		}
	}

	/** TASK-34: mode 3 ignores the named worker. */
	@Test
	void whenAllTasksShareOneQueueThenNamedWorkerIsIgnored() throws Exception {
		CountDownLatch held = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			if (task.data().equals("hold")) {
				held.countDown();
				this.hold.await(SECONDS, TimeUnit.SECONDS);
			}
			return task.data();
		}).finish((server, result) -> this.finished.add(result.data()));
		try (TestServer test = start(handler, (options) -> options.taskIpcMode(3))) {
			test.server().task("hold");
			assertThat(held.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			for (int i = 0; i < 10; i++) {
				test.server().task(i, i);
			}
			Awaitility.await().until(() -> this.finished.size() == 10);
			this.hold.countDown();
		}
	}

	/** TASK-38: what comes beyond task-result-capacity is refused. */
	@Test
	void whenEventWorkerIsBusyThenFirstResultsWaitAndFurtherOnesAreLimited() throws Exception {
		CountDownLatch busy = new CountDownLatch(1);
		CompletableFuture<String> accepted = new CompletableFuture<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			busy.countDown();
			this.hold.await(SECONDS, TimeUnit.SECONDS);
		}).task((server, task) -> {
			StringBuilder outcome = new StringBuilder();
			for (int i = 0; i < 5; i++) {
				outcome.append(task.finish(i) ? "+" : "-");
			}
			outcome.append(task.progress("x") ? "+" : "-");
			accepted.complete(outcome.toString());
			return null;
		}).finish((server, result) -> this.finished.add(result.data()));
		try (TestServer test = start(handler,
				(options) -> options.mode(ServerMode.PROCESS).workerNum(1).taskResultCapacity(3));
				TestClient client = test.connect()) {
			client.send("x");
			assertThat(busy.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			test.server().task("x");
			assertThat(accepted.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("++++--");
			assertThat(test.server().stats().openTaskNum()).isEqualTo(1);
			this.hold.countDown();
			awaitSettled(test.server());
			Awaitility.await().until(() -> this.finished.size() == 4);
			assertThat(this.finished).containsExactly(0, 1, 2, 3);
			assertThat(test.server().<Object>taskAsync("y")).succeedsWithin(LONG).isEqualTo(0);
		}
	}

	/** TASK-45: a result may be handled before the task has ended. */
	@Test
	void whenTaskFinishesEarlyThenResultIsHandledWhileItRuns() throws Exception {
		CountDownLatch handled = new CountDownLatch(1);
		CompletableFuture<Boolean> seen = new CompletableFuture<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			task.finish("early");
			seen.complete(handled.await(SECONDS, TimeUnit.SECONDS));
			return null;
		}).finish((server, result) -> handled.countDown());
		try (TestServer test = start(handler, (options) -> {
		})) {
			test.server().task("x");
			assertThat(seen.get(SECONDS, TimeUnit.SECONDS)).isTrue();
		}
	}

	/** TASK-40: task workers may use connections. */
	@Test
	void whenTaskWorkerUsesConnectionThenItWorks() {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection.fd()))
			.task((server, task) -> {
				long fd = (long) task.data();
				boolean known = server.exists(fd) && server.getClientInfo(fd).isPresent();
				server.send(fd, known + " " + server.isTaskWorker());
				server.close(fd);
				return null;
			});
		try (TestServer test = start(handler, (options) -> {
		}); TestClient client = test.connect()) {
			client.send("x");
			assertThat(new String(client.readAll())).isEqualTo("true true");
		}
	}

	/** Keys: a second task of the same key is the first one. */
	@Test
	void whenKeyIsInUseThenSecondTaskIsTheFirst() throws Exception {
		AtomicInteger runs = new AtomicInteger();
		TestHandler handler = new TestHandler().task((server, task) -> {
			runs.incrementAndGet();
			this.hold.await(SECONDS, TimeUnit.SECONDS);
			return null;
		});
		try (TestServer test = start(handler, (options) -> {
		})) {
			TaskOptions options = TaskOptions.none().withKey("report");
			long first = test.server().task("a", options);
			assertThat(test.server().task("b", options)).isEqualTo(first);
			Awaitility.await().until(() -> runs.get() == 1);
			assertThat(test.server().task("c", options)).isEqualTo(first);
			assertThat(test.server().stats().openTaskNum()).isEqualTo(1);
			assertThat(test.server().stats().taskCount()).isEqualTo(1);
			this.hold.countDown();
			awaitSettled(test.server());
			Awaitility.await().until(() -> test.server().stats().taskIdleWorkerNum() == 2);
			assertThat(test.server().task("d", options)).isNotEqualTo(first);
			awaitSettled(test.server());
			assertThat(runs).hasValue(2);
		}
	}

	/** TASK-11, TASK-26: with virtual threads the tasks of one worker overlap. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenTasksHaveVirtualThreadsThenSoManyRunAtOnceAndNoMore(boolean later) throws Exception {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		List<String> seen = new CopyOnWriteArrayList<>();
		CompletableFuture<String> stage = new CompletableFuture<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			seen.add(Thread.currentThread().getClass().getSimpleName() + " " + server.getWorkerId() + " "
					+ server.isTaskWorker());
			if (later) {
				return stage.whenComplete((value, failure) -> running.decrementAndGet());
			}
			this.hold.await(SECONDS, TimeUnit.SECONDS);
			running.decrementAndGet();
			server.finish("result");
			return null;
		}).finish((server, result) -> this.finished.add(result.data()));
		try (TestServer test = start(handler,
				(options) -> options.workerNum(1).taskEnableCoroutine(true).taskMaxCoroutine(10))) {
			SwooleServer server = test.server();
			for (int i = 0; i < 50; i++) {
				server.task("x");
			}
			Awaitility.await().until(() -> running.get() == 20);
			assertThat(server.stats().taskIdleWorkerNum()).isZero();
			assertThat(server.stats().taskingNum()).isEqualTo(30);
			assertThat(server.stats().coroutineNum()).isEqualTo(20);
			this.hold.countDown();
			stage.complete("result");
			awaitSettled(server);
			assertThat(most).hasValueLessThanOrEqualTo(20);
			assertThat(this.finished).hasSize(50).containsOnly("result");
			assertThat(Set.copyOf(seen)).containsExactlyInAnyOrder("VirtualThread 1 true", "VirtualThread 2 true");
			Awaitility.await().until(() -> server.stats().taskIdleWorkerNum() == 2);
		}
	}

	/** With virtual threads, too, timeouts interrupt, and threads are given up. */
	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenTaskWithVirtualThreadIgnoresItsInterruptThenItsPlaceIsFree() throws Exception {
		TestHandler handler = new TestHandler().task((server, task) -> {
			if (task.data().equals("stubborn")) {
				Stubborn.await(this.hold);
			}
			return task.data();
		}).finish((server, result) -> this.finished.add(result.data()));
		try (TestServer test = start(handler,
				(options) -> options.workerNum(1)
					.taskWorkerNum(1)
					.taskEnableCoroutine(true)
					.taskMaxCoroutine(1)
					.maxWaitTime(Duration.ofMillis(100)))) {
			SwooleServer server = test.server();
			server.task("stubborn", TaskOptions.none().withTimeout(Duration.ofMillis(50)));
			server.task("next");
			Awaitility.await().atMost(LONG).until(() -> this.finished.contains("next"));
			assertThat(server.stats().abandonedThreadNum()).isEqualTo(1);
			this.hold.countDown();
			Awaitility.await().atMost(LONG).until(() -> server.stats().abandonedThreadNum() == 0);
			assertThat(this.finished).containsExactly("next");
		}
	}

	/**
	 * A reload waits for tasks on virtual threads, and gives up those that outlast it.
	 */
	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenReloadedThenTasksOnVirtualThreadsEndOrAreGivenUp() throws Exception {
		List<String> life = new CopyOnWriteArrayList<>();
		CountDownLatch quick = new CountDownLatch(1);
		CountDownLatch running = new CountDownLatch(2);
		TestHandler handler = new TestHandler().task((server, task) -> {
			running.countDown();
			if (task.data().equals("stubborn")) {
				Stubborn.await(this.hold);
			}
			else {
				quick.await(SECONDS, TimeUnit.SECONDS);
				life.add("quick ends");
			}
			return task.data();
		})
			.finish((server, result) -> this.finished.add(result.data()))
			.taskFailed((server, task, cause) -> life.add("failed " + task.data()))
			.workerStart((server, workerId) -> life.add("start " + workerId))
			.workerStop((server, workerId) -> life.add("stop " + workerId));
		try (TestServer test = start(handler,
				(options) -> options.workerNum(1)
					.taskWorkerNum(1)
					.taskEnableCoroutine(true)
					.maxWaitTime(Duration.ofMillis(300)))) {
			life.clear();
			test.server().task("stubborn");
			test.server().task("quick");
			assertThat(running.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(test.server().reload(true)).isTrue();
			quick.countDown();
			Awaitility.await().atMost(LONG).until(() -> life.contains("start 1") && life.contains("failed stubborn"));
			assertThat(life).startsWith("quick ends").containsSubsequence("stop 1", "start 1");
			assertThat(this.finished).containsExactly("quick");
			assertThat(test.server().stats().openTaskNum()).isZero();
			this.hold.countDown();
			Awaitility.await().atMost(LONG).until(() -> test.server().stats().abandonedThreadNum() == 0);
		}
	}

}
