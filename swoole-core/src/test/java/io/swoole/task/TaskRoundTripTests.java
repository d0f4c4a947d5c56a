package io.swoole.task;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.ServerMode;
import io.swoole.server.ServerStats;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of tasks and their results: TASK-02, TASK-04, TASK-05, TASK-07, TASK-11, TASK-12,
 * TASK-13, TASK-14, TASK-19, TASK-23, TASK-24, TASK-39, TASK-43; the one queue, which
 * differs from TASK-08 and TASK-10.
 */
class TaskRoundTripTests {

	/**
	 * What travels through the round trip.
	 */
	private record Job(long fd, int worker, int client, int number) {
	}

	@ParameterizedTest
	@CsvSource({ "BASE, 4", "PROCESS, 4", "BASE, 1", "PROCESS, 1" })
	void whenHundredClientsPostThousandTasksEachThenEveryOneComesBackOnce(ServerMode mode, int taskWorkers)
			throws Exception {
		int clients = 100;
		int tasks = 1000;
		Map<Job, AtomicInteger> runs = new ConcurrentHashMap<>();
		AtomicInteger astray = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			int client = packet.readInt();
			server.task(new Job(connection.fd(), server.getWorkerId(), client, packet.readInt()));
		}).task((server, task) -> {
			runs.computeIfAbsent((Job) task.data(), (job) -> new AtomicInteger()).incrementAndGet();
			return task.data();
		}).finish((server, result) -> {
			Job job = (Job) result.data();
			if (server.getWorkerId() != job.worker()) {
				astray.incrementAndGet();
			}
			server.send(job.fd(), new byte[] { (byte) (job.number() >> 8), (byte) job.number() });
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode)
					.workerNum(3)
					.taskWorkerNum(taskWorkers)
					.taskQueueCapacity(clients * tasks)
					.main((main) -> main.openLengthCheck(true)
						.packageLengthType('N')
						.packageBodyOffset(4)
						.packageLengthOffset(8)))) {
			List<Thread> threads = new ArrayList<>();
			ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
			for (int c = 0; c < clients; c++) {
				int client = c;
				threads.add(new Thread(() -> {
					try {
						talk(server, client, tasks, taskWorkers == 1);
					}
					catch (Throwable ex) {
						failures.add(ex);
					}
				}));
			}
			threads.forEach(Thread::start);
			for (Thread thread : threads) {
				thread.join();
			}
			assertThat(failures).isEmpty();
			assertThat(runs).hasSize(clients * tasks);
			assertThat(runs.values()).allMatch((count) -> count.get() == 1);
			assertThat(astray).hasValue(0);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			ServerStats stats = server.server().stats();
			assertThat(stats.taskCount()).isEqualTo(clients * tasks);
			assertThat(stats.taskingNum()).isZero();
			assertThat(stats.taskIdleWorkerNum()).isEqualTo(taskWorkers);
			assertThat(stats.requestCount()).isEqualTo(clients * tasks);
			assertThat(stats.responseCount()).isEqualTo(clients * tasks);
		}
	}

	/**
	 * Sends packets of 12 bytes: client, number, and a length that counts nothing more.
	 */
	private static void talk(TestServer server, int client, int tasks, boolean inOrder) {
		try (TestClient socket = server.connect()) {
			java.nio.ByteBuffer out = java.nio.ByteBuffer.allocate(tasks * 12);
			for (int number = 0; number < tasks; number++) {
				out.putInt(client).putInt(number).putInt(8);
			}
			socket.send(out.array());
			java.nio.ByteBuffer in = java.nio.ByteBuffer.wrap(socket.read(tasks * 2));
			List<Integer> numbers = new ArrayList<>();
			while (in.hasRemaining()) {
				numbers.add(in.getShort() & 0xffff);
			}
			if (inOrder) {
				assertThat(numbers).isSorted();
			}
			assertThat(numbers).doesNotHaveDuplicates().hasSize(tasks);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenAllTaskWorkersSleepThenEchoIsNotDelayed(ServerMode mode) throws Exception {
		CyclicBarrier asleep = new CyclicBarrier(5);
		CountDownLatch wakeUp = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.getByte(0) == 't') {
				server.task("sleep");
			}
			else {
				connection.send(packet.retain());
			}
		}).task((server, task) -> {
			asleep.await(20, TimeUnit.SECONDS);
			wakeUp.await(20, TimeUnit.SECONDS);
			return null;
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(4)); TestClient client = server.connect()) {
			for (int i = 0; i < 4; i++) {
				server.server().task("sleep");
			}
			asleep.await(20, TimeUnit.SECONDS);
			assertThat(server.server().stats().taskIdleWorkerNum()).isZero();
			for (int i = 0; i < 1000; i++) {
				assertThat(client.send("echo").readText(4)).isEqualTo("echo");
			}
			assertThat(server.server().stats().taskIdleWorkerNum()).isZero();
			wakeUp.countDown();
		}
	}

	/** TASK-13, TASK-32: results of every type come as they are. */
	@Test
	void whenTaskFinishesManyTimesAndReturnsThenAllResultsComeInOrder() throws Exception {
		List<Object> results = new CopyOnWriteArrayList<>();
		CountDownLatch done = new CountDownLatch(6);
		TestHandler handler = new TestHandler().task((server, task) -> {
			server.finish(1);
			task.finish(false);
			server.finish(null);
			task.finish("");
			task.finish(0);
			return "end";
		}).finish((server, result) -> {
			results.add((result.data() != null) ? result.data() : "null");
			done.countDown();
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.taskWorkerNum(1))) {
			server.server().task("x");
			assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(results).containsExactly(1, false, "null", "", 0, "end");
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
		}
	}

	@Test
	void whenTaskReturnsNullThenThereIsNoResult() {
		AtomicInteger finished = new AtomicInteger();
		TestHandler handler = new TestHandler().task((server, task) -> task.data().equals("some") ? "some" : null)
			.finish((server, result) -> finished.incrementAndGet());
		try (TestServer server = TestServer.start(handler, (options) -> options.workerNum(1).taskWorkerNum(1))) {
			server.server().task("none");
			server.server().task("some");
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(finished).hasValue(1);
		}
	}

	@Test
	void whenFinishIsCalledAfterTheHandlerThenResultStillArrives() throws Exception {
		List<Task> kept = new CopyOnWriteArrayList<>();
		CountDownLatch returned = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			kept.add(task);
			return null;
		}).finish((server, result) -> done.countDown());
		try (TestServer server = TestServer.start(handler, (options) -> options.taskWorkerNum(1))) {
			server.server().task("x");
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			returned.countDown();
			assertThat(kept.get(0).finish("late")).isTrue();
			assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
		}
		assertThat(kept.get(0).finish("too late")).isFalse();
	}

	@Test
	void whenTaskNamesItsWorkerThenThatOneExecutesItInOrder() throws Exception {
		Map<Integer, List<Integer>> executed = new ConcurrentHashMap<>();
		CountDownLatch done = new CountDownLatch(300);
		TestHandler handler = new TestHandler().task((server, task) -> {
			executed.computeIfAbsent(task.taskWorkerId(), (id) -> new CopyOnWriteArrayList<>()).add((int) task.data());
			done.countDown();
			return null;
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.workerNum(2).taskWorkerNum(3))) {
			for (int i = 0; i < 300; i++) {
				server.server().task(i, i % 3);
			}
			assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
			for (int worker = 0; worker < 3; worker++) {
				int index = worker;
				assertThat(executed.get(2 + worker)).hasSize(100).isSorted().allMatch((i) -> i % 3 == index);
			}
			assertThatIllegalArgumentException().isThrownBy(() -> server.server().task("x", 3))
				.withMessageContaining("0 to 2");
		}
	}

	@Test
	void whenTaskWaitsForItsWorkerThenNobodyStealsItAndOthersGoOn() throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch others = new CountDownLatch(100);
		List<Integer> targetedOn = new CopyOnWriteArrayList<>();
		CountDownLatch targeted = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			switch ((String) task.data()) {
				case "hold" -> {
					held.countDown();
					hold.await(20, TimeUnit.SECONDS);
				}
				case "targeted" -> {
					targetedOn.add(task.taskWorkerId());
					targeted.countDown();
				}
				default -> others.countDown();
			}
			return null;
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.workerNum(1).taskWorkerNum(2))) {
			server.server().task("hold", 0);
			held.await(20, TimeUnit.SECONDS);
			server.server().task("targeted", 0);
			for (int i = 0; i < 100; i++) {
				server.server().task("other");
			}
			assertThat(others.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(targetedOn).isEmpty();
			assertThat(server.server().stats().taskingNum()).isEqualTo(1);
			hold.countDown();
			assertThat(targeted.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(targetedOn).containsExactly(1);
		}
	}

	@Test
	void whenQueueIsFullThenTaskIsRejectedAndOneMorePlaceIsFreePerSettledTask() throws Exception {
		CountDownLatch hold = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			hold.await(20, TimeUnit.SECONDS);
			return null;
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.taskWorkerNum(1).taskQueueCapacity(3))) {
			for (int i = 0; i < 3; i++) {
				assertThat(server.server().task("x")).isEqualTo(i);
			}
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> server.server().task("x"))
				.withMessageContaining("task-queue-capacity");
			hold.countDown();
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(server.server().task("x")).isEqualTo(3);
		}
	}

	@Test
	void whenUsedInTheWrongPlaceThenTaskThrowsAndFinishIsRefused() throws Exception {
		List<Throwable> thrown = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().task((server, task) -> {
			try {
				server.task("nested");
			}
			catch (IllegalStateException ex) {
				thrown.add(ex);
			}
			return null;
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.taskWorkerNum(1))) {
			server.server().task("x");
			Awaitility.await().until(() -> !thrown.isEmpty());
			assertThat(thrown.get(0)).hasMessageContaining("task worker");
			assertThat(server.server().finish("x")).isFalse();
		}
		try (TestServer server = TestServer.start(handler)) {
			assertThatIllegalStateException().isThrownBy(() -> server.server().task("x"))
				.withMessageContaining("task-worker-num");
			assertThat(server.server().finish("x")).isFalse();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientIsGoneThenFinishStillRunsAndNobodyElseGetsTheAnswer(ServerMode mode) throws Exception {
		CountDownLatch answer = new CountDownLatch(1);
		List<Boolean> sent = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.toString(StandardCharsets.UTF_8).equals("task")) {
				server.task(connection.fd());
			}
			else {
				connection.send(packet.retain());
			}
		}).task((server, task) -> {
			answer.await(20, TimeUnit.SECONDS);
			return task.data();
		}).finish((server, result) -> sent.add(server.send((Long) result.data(), "secret")));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			try (TestClient client = server.connect()) {
				client.send("task");
				Awaitility.await().until(() -> server.server().stats().taskCount() == 1);
			}
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			try (TestClient next = server.connect()) {
				next.send("hello").read(5);
				answer.countDown();
				Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sent.size() == 1);
				assertThat(sent).containsExactly(false);
				assertThat(next.send("again").readText(5)).isEqualTo("again");
			}
		}
	}

}
