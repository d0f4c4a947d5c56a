package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of workers that begin anew: WORK-03, WORK-04, WORK-05, WORK-06, WORK-07, WORK-08,
 * WORK-11, LIFE-03, LIFE-19, ERR-05.
 */
class ReloadTests {

	private static final int SECONDS = 20;

	private final List<String> events = new CopyOnWriteArrayList<>();

	private final StubbornCallback hang = new StubbornCallback();

	@AfterEach
	void releaseWhatHangs() {
		this.hang.release();
	}

	private TestHandler recording() {
		return new TestHandler().beforeReload((server) -> {
			assertThat(Thread.currentThread().getName()).isEqualTo("swoole-supervisor");
			assertThat(server.getWorkerId()).isEqualTo(-1);
			this.events.add("beforeReload");
		}).afterReload((server) -> {
			assertThat(Thread.currentThread().getName()).isEqualTo("swoole-supervisor");
			this.events.add("afterReload");
		}).workerStart((server, workerId) -> {
			assertThat(server.getWorkerId()).isEqualTo(workerId);
			this.events.add("start " + workerId);
		}).workerStop((server, workerId) -> {
			assertThat(server.getWorkerId()).isEqualTo(workerId);
			this.events.add("stop " + workerId);
		}).receive((server, connection, packet) -> connection.send(packet.retain()));
	}

	private void awaitEvent(String event) {
		Awaitility.await().atMost(Duration.ofSeconds(SECONDS)).until(() -> this.events.contains(event));
	}

	/** WORK-04, WORK-05, WORK-07, LIFE-03, WORK-06. */
	@ParameterizedTest
	@CsvSource({ "BASE,true", "BASE,false", "PROCESS,true", "PROCESS,false" })
	void whenReloadedThenAllWorkersStopAndStartInPairs(ServerMode mode, boolean async) {
		TestHandler handler = recording();
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(2).reloadAsync(async));
				TestClient client = server.connect()) {
			client.send("before").read(6);
			this.events.clear();
			assertThat(server.server().reload()).isTrue();
			awaitEvent("afterReload");
			assertThat(this.events).startsWith("beforeReload").endsWith("afterReload").hasSize(2 + 4 * 2);
			for (int id = 0; id < 4; id++) {
				assertThat(this.events.indexOf("start " + id)).isGreaterThan(this.events.indexOf("stop " + id));
			}
			if (!async) {
				assertThat(this.events.subList(1, 9)).containsExactly("stop 0", "start 0", "stop 1", "start 1",
						"stop 2", "start 2", "stop 3", "start 3");
			}
			assertThat(client.send("after").readText(5)).isEqualTo("after");
			assertThat(handler.errors).isEmpty();
		}
	}

	/** LIFE-19: the server starts once, however often its workers do. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkersBeginAnewThenTheServerDoesNot(ServerMode mode) {
		TestHandler handler = recording().start((server) -> this.events.add("start"));
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1))) {
			server.server().stopWorker(0);
			Awaitility.await()
				.until(() -> this.events.size() == 4
						&& server.server().getWorkerStatus(0).orElseThrow() == WorkerStatus.IDLE);
			server.server().reload();
			awaitEvent("afterReload");
			assertThat(this.events).containsExactly("start 0", "start", "stop 0", "start 0", "beforeReload", "stop 0",
					"start 0", "afterReload");
		}
	}

	/** WORK-04. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenOnlyTaskWorkersAreReloadedThenEventWorkersDoNotNotice(ServerMode mode) {
		try (TestServer server = TestServer.start(recording(),
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(2))) {
			this.events.clear();
			assertThat(server.server().reload(true)).isTrue();
			awaitEvent("afterReload");
			assertThat(this.events).containsExactlyInAnyOrder("beforeReload", "stop 2", "start 2", "stop 3", "start 3",
					"afterReload");
		}
	}

	/** WORK-04. */
	@Test
	void whenThereAreNoTaskWorkersThenTheyAreNotReloaded() {
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision");
				TestServer server = TestServer.start(recording(), (options) -> options.workerNum(1))) {
			assertThat(server.server().reload(true)).isFalse();
			assertThat(log.messages(Level.WARN)).containsExactly("There are no task workers to reload");
		}
	}

	/** WORK-04. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenReloadIsUnderWayThenAnotherIsIgnored(ServerMode mode) throws Exception {
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = recording().beforeReload((server) -> {
			this.events.add("beforeReload");
			goOn.await();
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(2))) {
			assertThat(server.server().reload()).isTrue();
			awaitEvent("beforeReload");
			assertThat(server.server().reload()).isFalse();
			goOn.countDown();
			awaitEvent("afterReload");
			Awaitility.await().until(server.server()::reload);
			Awaitility.await().until(() -> this.events.stream().filter("afterReload"::equals).count() == 2);
			assertThat(this.events.stream().filter("beforeReload"::equals)).hasSize(2);
		}
	}

	/** WORK-05: a callback that hangs there does not end supervision. */
	@Test
	void whenCallbackOfTheSupervisorHangsThenTheReloadGoesOn() {
		TestHandler handler = recording().beforeReload((server) -> {
			this.events.add("beforeReload");
			this.hang.run();
		});
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision");
				TestServer server = TestServer.start(handler,
						(options) -> options.workerNum(1).maxWaitTime(Duration.ofMillis(100)))) {
			this.events.clear();
			server.server().reload();
			awaitEvent("afterReload");
			assertThat(this.events).containsExactly("beforeReload", "stop 0", "start 0", "afterReload");
			assertThat(this.hang.interrupts()).isEqualTo(1);
			assertThat(log.messages(Level.WARN)).singleElement().asString().contains("'beforeReload'", "interrupted");
		}
	}

	/** WORK-08: a running task completes first, queued ones survive, results arrive. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenReloadedThenQueuedTasksAndResultsSurvive(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = recording().receive((server, connection, packet) -> {
			for (int i = 0; i < 100; i++) {
				server.task(connection.fd());
			}
		}).task((server, task) -> {
			entered.countDown();
			goOn.await();
			this.events.add("task");
			return task.data();
		}).finish((server, result) -> server.send((Long) result.data(), "."));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1)); TestClient client = server.connect()) {
			client.send("x");
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			server.server().reload();
			Awaitility.await().until(() -> server.server().getWorkerStatus(1).orElseThrow() == WorkerStatus.EXITING);
			awaitEvent("stop 0");
			goOn.countDown();
			assertThat(client.readText(100)).isEqualTo(".".repeat(100));
			awaitEvent("afterReload");
			assertThat(this.events.indexOf("stop 1")).isEqualTo(this.events.indexOf("task") + 1);
		}
	}

	/** WORK-07: what is queued behind a callback is handled after the restart. */
	@Test
	void whenReloadedThenQueuedPacketsSurvive() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = recording().receive((server, connection, packet) -> {
			entered.countDown();
			goOn.await();
			this.events.add("receive");
			connection.send(packet.retain());
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(ServerMode.PROCESS)
					.workerNum(1)
					.main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = server.connect()) {
			client.send("a\n");
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			client.send("b\nc\n");
			Awaitility.await().until(() -> server.server().stats().dispatchCount() == 3);
			this.events.clear();
			server.server().stopWorker(0);
			goOn.countDown();
			assertThat(client.readText(6)).isEqualTo("a\nb\nc\n");
			assertThat(this.events).containsExactly("receive", "stop 0", "start 0", "receive", "receive");
		}
	}

	/** WORK-06, WORK-13: mode process gives the thread up. */
	@Test
	void whenEventWorkerDoesNotComeBackThenAnotherThreadGoesOn() throws Exception {
		AtomicInteger lateId = new AtomicInteger();
		List<WorkerError> deaths = new CopyOnWriteArrayList<>();
		CountDownLatch late = new CountDownLatch(1);
		TestHandler handler = recording().receive((server, connection, packet) -> {
			String text = packet.toString(StandardCharsets.UTF_8);
			if (text.startsWith("hang")) {
				this.hang.run();
				lateId.set(server.getWorkerId());
				late.countDown();
			}
			else {
				this.events.add(Thread.currentThread().isInterrupted() ? "interrupted" : "receive");
				connection.send(packet.retain());
			}
		}).workerError((server, error) -> {
			assertThat(Thread.currentThread().getName()).isEqualTo("swoole-supervisor");
			deaths.add(error);
		});
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision");
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(ServerMode.PROCESS)
							.workerNum(1)
							.maxWaitTime(Duration.ofMillis(300))
							.main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = server.connect()) {
			client.send("hang\n");
			this.hang.awaitEntered(1);
			client.send("a\nb\n");
			this.events.clear();
			assertThat(server.server().reload()).isTrue();
			assertThat(client.readText(4)).isEqualTo("a\nb\n");
			awaitEvent("afterReload");
			// no stop for the worker whose thread was given up
			assertThat(this.events).containsExactlyInAnyOrder("beforeReload", "start 0", "receive", "receive",
					"afterReload");
			assertThat(this.events.indexOf("start 0")).isLessThan(this.events.indexOf("receive"));
			assertThat(deaths).containsExactly(new WorkerError(0, 0, 9, null));
			assertThat(this.hang.interrupts()).isEqualTo(1);
			assertThat(log.messages(Level.ERROR)).singleElement().asString().contains("worker 0", "300 ms", "given up");
			this.hang.release();
			assertThat(late.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(lateId).hasValue(-1);
			assertThat(client.send("c\n").readText(2)).isEqualTo("c\n");
		}
	}

	/** WORK-06: mode base interrupts once and goes on when the callback returns. */
	@Test
	void whenEventLoopDoesNotComeBackThenItIsInterruptedOnce() throws Exception {
		AtomicBoolean leaked = new AtomicBoolean();
		TestHandler handler = recording().receive((server, connection, packet) -> {
			if (packet.readableBytes() == 4) {
				this.hang.run();
			}
			else {
				leaked.set(Thread.currentThread().isInterrupted());
				connection.send(packet.retain());
			}
		});
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision");
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(ServerMode.BASE).workerNum(2).maxWaitTime(Duration.ofMillis(200)));
				TestClient client = server.connect()) {
			this.events.clear();
			client.send("hang");
			this.hang.awaitEntered(1);
			server.server().reload();
			Awaitility.await().until(() -> this.hang.interrupts() == 1);
			assertThat(server.server().getWorkerStatus(1)).contains(WorkerStatus.EXITING);
			assertThat(this.events).containsExactly("beforeReload", "stop 0", "start 0");
			assertThat(log.messages(Level.ERROR)).singleElement().asString().contains("worker 1", "interrupted");
			this.hang.release();
			awaitEvent("afterReload");
			assertThat(this.events).containsExactly("beforeReload", "stop 0", "start 0", "stop 1", "start 1",
					"afterReload");
			assertThat(client.send("more!").readText(5)).isEqualTo("more!");
			assertThat(leaked).isFalse();
			assertThat(this.hang.interrupts()).isEqualTo(1);
		}
	}

	/** WORK-06: a task worker that does not come back, with a task in hand. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTaskWorkerDoesNotComeBackThenItsTaskIsLostAndTheOthersAreNot(ServerMode mode) throws Exception {
		CountDownLatch late = new CountDownLatch(1);
		AtomicBoolean finished = new AtomicBoolean(true);
		List<WorkerError> deaths = new CopyOnWriteArrayList<>();
		List<Object> results = new CopyOnWriteArrayList<>();
		TestHandler handler = recording().task((server, task) -> {
			if (task.data().equals("hang")) {
				this.hang.run();
				finished.set(task.finish("late") || server.finish("late"));
				late.countDown();
			}
			return task.data();
		}).finish((server, result) -> results.add(result.data())).workerError((server, error) -> deaths.add(error));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1).maxWaitTime(Duration.ofMillis(300)))) {
			server.server().task("hang");
			this.hang.awaitEntered(1);
			server.server().task("a");
			server.server().task("b", 0);
			server.server().reload(true);
			Awaitility.await().untilAsserted(() -> assertThat(results).containsExactly("a", "b"));
			awaitEvent("afterReload");
			assertThat(deaths).containsExactly(new WorkerError(1, 0, 9, null));
			assertThat(server.server().stats().openTaskNum()).isZero();
			this.hang.release();
			assertThat(late.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(finished).isFalse();
			server.server().task("c");
			Awaitility.await().untilAsserted(() -> assertThat(results).containsExactly("a", "b", "c"));
		}
	}

	/** WORK-06 with a last callback that hangs. */
	@Test
	void whenLastCallbackHangsThenTheWorkerGoesOnWithoutIt() throws Exception {
		AtomicBoolean stubborn = new AtomicBoolean(true);
		TestHandler handler = recording().workerStop((server, workerId) -> {
			this.events.add("stop " + workerId);
			if (stubborn.get()) {
				this.hang.run();
			}
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(ServerMode.PROCESS).workerNum(1).maxWaitTime(Duration.ofMillis(50)));
				TestClient client = server.connect()) {
			client.send("a").read(1);
			this.events.clear();
			server.server().reload();
			awaitEvent("afterReload");
			assertThat(this.events).containsExactly("beforeReload", "stop 0", "start 0", "afterReload");
			assertThat(client.send("b").readText(1)).isEqualTo("b");
			stubborn.set(false);
			this.hang.release();
		}
		// the thread that was given up has started nothing when it came back
		assertThat(this.events).filteredOn("start 0"::equals).hasSize(1);
	}

	/** WORK-06: the number of threads given up has a limit. */
	@Test
	void whenTooManyThreadsHaveBeenGivenUpThenTheNextIsOnlyInterrupted() throws Exception {
		TestHandler handler = recording().task((server, task) -> {
			this.hang.run();
			return null;
		});
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision");
				TestServer server = TestServer.start(handler,
						(options) -> options.workerNum(1)
							.taskWorkerNum(2)
							.taskMaxAbandonedThreads(1)
							.maxWaitTime(Duration.ofMillis(100)))) {
			server.server().task("x", 0);
			server.server().task("x", 1);
			this.hang.awaitEntered(2);
			this.events.clear();
			server.server().reload(true);
			Awaitility.await().until(() -> log.messages(Level.ERROR).size() == 2);
			assertThat(log.messages(Level.ERROR)).anyMatch((message) -> message.contains("given up already"));
			Awaitility.await().until(() -> this.hang.interrupts() == 2);
			this.hang.release();
			awaitEvent("afterReload");
			assertThat(this.events.stream().filter((event) -> event.startsWith("start"))).hasSize(2);
			assertThat(this.events.stream().filter((event) -> event.startsWith("stop"))).hasSize(1);
		}
	}

	/** WORK-06: whatever has held it, a worker that is back has its own tasks again. */
	@Test
	void whenWorkerThatWasHeldByMessageIsBackThenNobodyTakesItsTasks() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch other = new CountDownLatch(1);
		Map<Object, Integer> workers = new ConcurrentHashMap<>();
		TestHandler handler = recording().pipeMessage((server, message) -> this.hang.run()).task((server, task) -> {
			workers.put(task.data(), task.taskWorkerId());
			if (task.data().equals(0)) {
				entered.countDown();
				hold.await();
			}
			else if (task.data().equals("other")) {
				other.countDown();
			}
			return null;
		});
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision");
				TestServer server = TestServer.start(handler,
						(options) -> options.workerNum(1)
							.taskWorkerNum(2)
							.taskMaxAbandonedThreads(0)
							.maxWaitTime(Duration.ofMillis(100)))) {
			server.server().sendMessage("x", 1);
			this.hang.awaitEntered(1);
			server.server().reload(true);
			Awaitility.await().until(() -> log.messages(Level.ERROR).size() == 1);
			this.hang.release();
			awaitEvent("afterReload");
			server.server().task(0, 0);
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			for (int i = 1; i < 20; i++) {
				server.server().task(i, 0);
			}
			server.server().task("other", 1);
			assertThat(other.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(workers).containsOnlyKeys(0, "other");
			hold.countDown();
			Awaitility.await().until(() -> workers.size() == 21);
			workers.remove("other");
			assertThat(workers.values()).containsOnly(1);
		}
		finally {
			hold.countDown();
		}
	}

	/**
	 * ERR-05: on reload a first callback that throws is logged and the worker goes on.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenFirstCallbackThrowsOnReloadThenTheWorkerGoesOn(ServerMode mode) {
		AtomicBoolean broken = new AtomicBoolean();
		TestHandler handler = recording().workerStart((server, workerId) -> {
			this.events.add("start " + workerId);
			if (broken.get()) {
				throw new IllegalStateException("no database");
			}
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1)); TestClient client = server.connect()) {
			broken.set(true);
			server.server().reload();
			awaitEvent("afterReload");
			assertThat(handler.errors).extracting(HandlerError::event, HandlerError::workerId)
				.containsExactlyInAnyOrder(org.assertj.core.groups.Tuple.tuple("workerStart", 0),
						org.assertj.core.groups.Tuple.tuple("workerStart", 1));
			assertThat(client.send("a").readText(1)).isEqualTo("a");
			broken.set(false);
		}
		for (int id = 0; id < 2; id++) {
			String start = "start " + id;
			String stop = "stop " + id;
			assertThat(this.events.stream().filter((event) -> event.equals(start) || event.equals(stop)))
				.containsExactly(start, stop, start, stop);
		}
	}

	/** WORK-11. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkersAreStoppedOneByOneThenOnlyThoseBeginAnew(ServerMode mode) {
		TestHandler handler = recording().receive((server, connection, packet) -> {
			this.events.add("receive " + server.stopWorker(-1) + " " + server.stopWorker(-1));
			connection.send(packet.retain());
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(1)); TestClient client = server.connect()) {
			this.events.clear();
			client.send("x").read(1);
			awaitEvent("start 1");
			assertThat(this.events).containsExactly("receive true false", "stop 1", "start 1");
			this.events.clear();
			assertThat(server.server().stopWorker(2)).isTrue();
			awaitEvent("start 2");
			assertThat(this.events).containsExactly("stop 2", "start 2");
			for (int id : new int[] { -2, -1, 3 }) {
				assertThatIllegalArgumentException().isThrownBy(() -> server.server().stopWorker(id))
					.withMessageContaining("0 to 2");
			}
		}
	}

	/** WORK-03. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenAskedThenWorkersTellTheirStatus(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		Map<String, Object> own = new ConcurrentHashMap<>();
		TestHandler handler = recording().receive((server, connection, packet) -> {
			own.put("event", server.getWorkerStatus(-1).orElseThrow());
			entered.countDown();
			goOn.await();
		}).task((server, task) -> {
			own.put("task", server.getWorkerStatus(-1).orElseThrow());
			return null;
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(1)); TestClient client = server.connect()) {
			client.send("x");
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(IntStream.range(-1, 4).mapToObj(server.server()::getWorkerStatus)).containsExactly(
					java.util.Optional.empty(), java.util.Optional.of(WorkerStatus.IDLE),
					java.util.Optional.of(WorkerStatus.BUSY), java.util.Optional.of(WorkerStatus.IDLE),
					java.util.Optional.empty());
			goOn.countDown();
			server.server().task("x");
			Awaitility.await().until(() -> own.size() == 2);
			assertThat(own.values()).containsOnly(WorkerStatus.BUSY);
		}
	}

	@Test
	void whenServerDoesNotRunThenNothingIsReloaded() {
		SwooleServer server = SwooleServers.create(TestServer.options().build(), recording());
		assertThatIllegalStateException().isThrownBy(server::reload);
		assertThatIllegalStateException().isThrownBy(() -> server.stopWorker(0));
		assertThat(server.getWorkerStatus(0)).isEmpty();
	}

}
