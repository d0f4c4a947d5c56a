package io.swoole.task.overload;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import io.netty.buffer.ByteBuf;
import io.swoole.server.DispatchMode;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.ServerStats;
import io.swoole.task.TaskRejectedException;
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
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of a full task queue (TASK-04): a single event worker, room for ten tasks, and
 * task workers that do nothing until they are let.
 */
class OverloadTests {

	private static final int PACKETS = 100;

	/** Connections that post tasks get 90 % of the places. */
	private static final int PLACES = 9;

	private final Semaphore work = new Semaphore(0);

	/** What the handler has been given, in order. */
	private final Queue<String> handled = new ConcurrentLinkedQueue<>();

	private final AtomicInteger closed = new AtomicInteger();

	/** What handlers do before they post a task. */
	private volatile Step beforeTask = () -> {
	};

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenQueueIsFullThenProducerWaitsBetweenTwoPacketsAndGoesOnInOrder(Variant variant) {
		try (TestServer server = start(variant::apply); TestClient client = server.connect()) {
			client.send(packets(0, PACKETS));
			awaitPaused(server, 1);
			assertThat(this.handled).hasSize(PLACES);
			assertThat(server.server().stats().openTaskNum()).isEqualTo(PLACES);
			this.work.release(1);
			Awaitility.await().until(() -> this.handled.size() == PLACES + 1);
			this.work.release(PACKETS);
			assertThat(client.readUntil("done-99\n").split("\n")).hasSize(PACKETS);
			assertThat(this.handled).containsExactlyElementsOf(names(0, PACKETS));
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			ServerStats stats = server.server().stats();
			assertThat(stats.pausedConnectionNum()).isZero();
			assertThat(stats.taskPauseCount()).isPositive();
			assertThat(stats.taskRejectCount()).isZero();
			// and it works as before
			client.send("after\n");
			assertThat(client.readUntil("\n")).isEqualTo("done-after\n");
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenQueueIsFullThenThoseWhoPostNothingAreServed(Variant variant) {
		try (TestServer server = start((options) -> {
			variant.apply(options);
			options.listener(ListenerOptions.builder("other").port(0).openEofSplit(true).packageEof("\n").build());
		});
				TestClient producer = server.connect();
				TestClient same = server.connect();
				TestClient other = TestClient.connect(server.port("other"))) {
			producer.send(packets(0, PACKETS));
			awaitPaused(server, 1);
			for (int i = 0; i < 100; i++) {
				same.send("ping\n");
				assertThat(same.readUntil("\n")).isEqualTo("pong\n");
				other.send("ping\n");
				assertThat(other.readUntil("\n")).isEqualTo("pong\n");
			}
			assertThat(server.server().stats().pausedConnectionNum()).isEqualTo(1);
			this.work.release(PACKETS);
			producer.readUntil("done-99\n");
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenManyConnectionsPostTheirFirstTaskThenNoneIsRejected(Variant variant) {
		List<TestClient> clients = new ArrayList<>();
		try (TestServer server = start(variant::apply)) {
			for (int i = 0; i < PACKETS; i++) {
				clients.add(server.connect().send(i + "\n"));
			}
			Awaitility.await().until(() -> {
				ServerStats stats = server.server().stats();
				return stats.pausedConnectionNum() + stats.openTaskNum() == PACKETS;
			});
			if (variant == Variant.BASE || variant == Variant.PROCESS) {
				assertThat(server.server().stats().openTaskNum()).isEqualTo(10);
			}
			// otherwise handlers that run side by side may all post before one has to
			// wait
			this.work.release(PACKETS);
			for (int i = 0; i < PACKETS; i++) {
				assertThat(clients.get(i).readUntil("\n")).isEqualTo("done-" + i + "\n");
			}
			assertThat(server.server().stats().taskRejectCount()).isZero();
		}
		finally {
			clients.forEach(TestClient::close);
		}
	}

	/**
	 * There are more handlers than places, and all of them have begun when there was
	 * room.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenQueueFillsUpWhileHandlersOnVirtualThreadsWaitThenEachPostsItsTask(ServerMode mode) throws Exception {
		CountDownLatch waiting = new CountDownLatch(PACKETS);
		CountDownLatch go = new CountDownLatch(1);
		this.beforeTask = () -> {
			waiting.countDown();
			go.await();
		};
		List<TestClient> clients = new ArrayList<>();
		try (TestServer server = start((options) -> options.mode(mode).enableCoroutine(true))) {
			for (int i = 0; i < PACKETS; i++) {
				clients.add(server.connect().send(i + "\n"));
			}
			assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
			go.countDown();
			Awaitility.await().until(() -> this.handled.size() == PACKETS);
			assertThat(this.handled).containsExactlyInAnyOrderElementsOf(names(0, PACKETS));
			assertThat(server.server().stats().openTaskNum()).isEqualTo(PACKETS);
			// those who come now wait
			for (int i = 0; i < PACKETS; i++) {
				clients.get(i).send("again-" + i + "\n");
			}
			awaitPaused(server, PACKETS);
			assertThat(server.server().stats().openTaskNum()).isEqualTo(PACKETS);
			this.work.release(2 * PACKETS);
			for (int i = 0; i < PACKETS; i++) {
				assertThat(clients.get(i).readUntil("done-again-" + i + "\n")).startsWith("done-" + i + "\n");
			}
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(server.server().stats().taskRejectCount()).isZero();
			assertThat(server.server().stats().pausedConnectionNum()).isZero();
		}
		finally {
			go.countDown();
			clients.forEach(TestClient::close);
		}
	}

	/** More than one task per handler is refused as without virtual threads. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenQueueIsFullThenHandlerOnVirtualThreadMayPostOneTaskOnly(ServerMode mode) throws Exception {
		CountDownLatch waiting = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		this.beforeTask = () -> {
			waiting.countDown();
			go.await();
		};
		try (TestServer server = start((options) -> options.mode(mode).enableCoroutine(true));
				TestClient client = server.connect()) {
			client.send("both\n");
			assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
			IntStream.range(0, 10).forEach((i) -> server.server().task("outside"));
			go.countDown();
			assertThat(client.readUntil("\n")).isEqualTo("rejected\n");
			assertThat(this.handled).containsExactly("first of both");
			assertThat(server.server().stats().openTaskNum()).isEqualTo(11);
			assertThat(server.server().stats().taskRejectCount()).isEqualTo(1);
			this.work.release(11);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
		}
		finally {
			go.countDown();
		}
	}

	/** Nobody can be paused who closes connections, so their tasks need places. */
	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenQueueIsFullThenTasksOfClosingConnectionsAreRejected(Variant variant) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			server.task("packet");
			connection.send("posted\n");
		}).close((server, connection, reactorId) -> {
			try {
				server.task("close");
			}
			catch (TaskRejectedException ex) {
				this.handled.add("rejected");
			}
			this.closed.incrementAndGet();
		}).task((server, task) -> {
			this.work.acquire();
			return null;
		});
		try (TestServer server = TestServer.start(handler, (options) -> {
			options.workerNum(1)
				.taskWorkerNum(1)
				.taskQueueCapacity(10)
				.main((main) -> main.openEofSplit(true).packageEof("\n"));
			variant.apply(options);
		})) {
			for (int i = 0; i < 3; i++) {
				try (TestClient client = server.connect()) {
					if (i == 0) {
						client.send("first\n").readUntil("\n");
						IntStream.range(0, 9).forEach((task) -> server.server().task("outside"));
					}
				}
			}
			Awaitility.await().until(() -> this.closed.get() == 3);
			assertThat(this.handled).containsExactly("rejected", "rejected", "rejected");
			assertThat(server.server().stats().openTaskNum()).isEqualTo(10);
			this.work.release(10);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenPlacesGetFreeThenEachProducerGetsItsTurn(ServerMode mode) {
		List<TestClient> clients = new ArrayList<>();
		try (TestServer server = start((options) -> options.mode(mode))) {
			for (int i = 0; i < 5; i++) {
				// the later a client comes, the more it sends
				clients.add(server.connect().send(packets(1000 * i, 1000 * i + 20 * (i + 1))));
			}
			awaitPaused(server, 5);
			// the first packet of the second client has taken the last place of all
			assertThat(this.handled).hasSize(PLACES + 1);
			this.work.release();
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == PLACES);
			int[] before = countByClient(5);
			for (int i = 1; i <= 50; i++) {
				this.work.release();
				int expected = PLACES + 1 + i;
				Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> this.handled.size() == expected);
			}
			int[] after = countByClient(5);
			for (int i = 0; i < 5; i++) {
				assertThat(after[i] - before[i]).as("packets of client %s", i).isBetween(9, 11);
			}
			this.work.release(1000);
			for (int i = 0; i < 5; i++) {
				clients.get(i).readUntil("done-" + (1000 * i + 20 * (i + 1) - 1) + "\n");
			}
		}
		finally {
			clients.forEach(TestClient::close);
		}
	}

	/**
	 * A worker that takes the packet of a connection that has not posted anything yet may
	 * give it any place, also the last one; so 90 % or one more are taken. With fewer
	 * spare places than workers each packet needs a place, so no task is refused.
	 */
	@ParameterizedTest
	@EnumSource(names = { "ROUND_ROBIN", "IDLE_FIRST", "UID", "PINNED", "LEAST_BUSY" })
	void whenPacketsOfAConnectionGoToSeveralWorkersThenNoneIsLost(DispatchMode dispatchMode) {
		try (TestServer server = start((options) -> options.mode(ServerMode.PROCESS)
			.workerNum(3)
			.dispatchMode(dispatchMode)
			.enableUnsafeEvent(true)); TestClient client = server.connect()) {
			client.send(packets(0, PACKETS));
			awaitPaused(server, 1);
			// other workers may still be in callbacks that have a place
			Awaitility.await().until(() -> this.handled.size() >= PLACES);
			assertThat(server.server().stats().openTaskNum()).isBetween((long) PLACES, PLACES + 1L);
			client.shutdownOutput();
			this.work.release(PACKETS);
			Awaitility.await().until(() -> this.handled.size() == PACKETS + 1);
			assertThat(this.handled).containsAll(names(0, PACKETS));
			assertThat(this.handled.stream().skip(PACKETS)).containsExactly("closed");
			assertThat(server.server().stats().taskRejectCount()).isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenClientEndsWhileItsPacketsWaitThenTheyAreHandledBeforeTheEnd(Variant variant) {
		try (TestServer server = start(variant::apply); TestClient client = server.connect()) {
			client.send(packets(0, PACKETS)).shutdownOutput();
			awaitPaused(server, 1);
			this.work.release(PACKETS);
			Awaitility.await().until(() -> this.closed.get() == 1);
			assertThat(this.handled).hasSize(PACKETS + 1).endsWith("99", "closed");
		}
	}

	/** CONN-06. */
	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenClientOfHalfClosableConnectionEndsThenItsPacketsAreHandledFirst(Variant variant) {
		try (TestServer server = start((options) -> {
			variant.apply(options);
			options.main().halfClose(true);
		})) {
			TestClient client = server.connect();
			client.send(packets(0, PACKETS)).shutdownOutput();
			awaitPaused(server, 1);
			if (variant == Variant.PROCESS) {
				// nobody can be answered: what has left the event loop is handled all the
				// same
				client.close();
			}
			this.work.release(PACKETS);
			Awaitility.await().until(() -> this.closed.get() == 1);
			long dispatched = server.server().stats().dispatchCount();
			if (variant != Variant.PROCESS) {
				assertThat(dispatched).isEqualTo(PACKETS);
			}
			assertThat(dispatched).isGreaterThan(PLACES);
			List<String> expected = new ArrayList<>(names(0, (int) dispatched));
			expected.add("closed");
			assertThat(this.handled).containsExactlyElementsOf(expected);
			client.close();
		}
	}

	/**
	 * WORK-06: the thread of a worker is given up in the callback of a packet that had
	 * waited.
	 */
	@Test
	void whenWorkerIsReplacedThenPacketsThatWaitAreHandledByItsSuccessor() throws Exception {
		CountDownLatch hang = new CountDownLatch(1);
		try (TestServer server = start(
				(options) -> options.mode(ServerMode.PROCESS).maxWaitTime(Duration.ofMillis(200)), hang);
				TestClient client = server.connect()) {
			client.send(packets(0, 15) + "hang\n" + packets(15, 30));
			awaitPaused(server, 1);
			assertThat(this.handled).hasSize(PLACES);
			this.work.release(30);
			Awaitility.await().until(() -> this.handled.contains("hang"));
			assertThat(server.server().reload()).isTrue();
			assertThat(client.readUntil("done-29\n")).contains("done-15\n");
			assertThat(this.handled).hasSize(31).endsWith("28", "29");
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(server.server().stats().pausedConnectionNum()).isZero();
		}
		finally {
			hang.countDown();
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenClientVanishesWhileItsPacketsWaitThenNothingIsLeftOfThem(Variant variant) {
		try (TestServer server = start(variant::apply)) {
			TestClient client = server.connect();
			client.send(packets(0, PACKETS));
			awaitPaused(server, 1);
			client.reset();
			this.work.release(PACKETS);
			Awaitility.await().until(() -> this.closed.get() == 1);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(server.server().stats().pausedConnectionNum()).isZero();
			assertThat(this.handled).last().isEqualTo("closed");
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenServerClosesAConnectionThatWaitsThenItsPacketsAreDropped(Variant variant) {
		try (TestServer server = start(variant::apply); TestClient client = server.connect()) {
			client.send(packets(0, PACKETS));
			awaitPaused(server, 1);
			assertThat(server.server().close(1)).isTrue();
			Awaitility.await().until(() -> this.closed.get() == 1);
			Awaitility.await().until(() -> server.server().stats().pausedConnectionNum() == 0);
			assertThat(this.handled).hasSize(PLACES + 1);
			assertThat(server.server().stats().discardCount()).isPositive();
			this.work.release(PACKETS);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenServerStopsThenPacketsThatWaitAreHandledAndTheirTasksRejected(Variant variant) {
		TestServer server = start(variant::apply);
		try (server; TestClient client = server.connect()) {
			client.send(packets(0, 20));
			awaitPaused(server, 1);
			server.server().shutdown();
			Awaitility.await().until(() -> this.handled.stream().anyMatch((name) -> name.startsWith("rejected ")));
			this.work.release(PLACES);
			String answers = new String(client.readAll(), StandardCharsets.UTF_8);
			assertThat(answers).contains("done-0\n", "done-8\n").doesNotContain("done-9\n");
			Awaitility.await().until(() -> !server.server().isRunning());
		}
		assertThat(this.handled.stream().filter((name) -> name.startsWith("rejected ")))
			.allMatch((name) -> name.contains("stopping"));
	}

	/** None of them is dropped, however short the tasks are and long the handlers. */
	@Test
	void whenServerStopsThenItAwaitsAllPacketsThatWait() {
		this.beforeTask = () -> LockSupport.parkNanos(Duration.ofMillis(this.work.availablePermits()).toNanos());
		TestServer server = start((options) -> options.mode(ServerMode.PROCESS).maxWaitTime(Duration.ofSeconds(30)));
		try (server; TestClient client = server.connect()) {
			client.send(packets(0, 20));
			awaitPaused(server, 1);
			this.work.release(PACKETS);
			server.server().shutdown();
			Awaitility.await().until(() -> !server.server().isRunning());
			assertThat(server.server().stats().discardCount()).isZero();
		}
		assertThat(this.handled).filteredOn((name) -> !name.equals("closed")).hasSize(20);
	}

	@Test
	void whenWorkerHangsDuringTheStopThenPacketsThatWaitAreCountedAndLetGo() throws Exception {
		CountDownLatch hang = new CountDownLatch(1);
		try (LogCapture log = LogCapture.of("io.swoole.server")) {
			try (TestServer server = start(
					(options) -> options.mode(ServerMode.PROCESS).maxWaitTime(Duration.ofMillis(300)), hang);
					TestClient client = server.connect();
					TestClient other = server.connect()) {
				client.send(packets(0, 50));
				awaitPaused(server, 1);
				other.send("hang\n");
				Awaitility.await().until(() -> this.handled.contains("hang"));
				this.work.release(PLACES);
			}
			finally {
				hang.countDown();
			}
			// a reactor that has been held up has not read them all
			assertThat(log.messages(Level.WARN))
				.anyMatch((message) -> message.matches("[1-9]\\d* packets that waited for a worker .*"));
		}
	}

	/**
	 * TASK-04: only such a handler, and threads outside the server, are refused tasks.
	 */
	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenHandlerPostsMoreTasksThanThereIsRoomThenTheRestIsRejected(Variant variant) {
		try (TestServer server = start(variant::apply); TestClient client = server.connect()) {
			client.send("many\n");
			assertThat(client.readUntil("\n")).isEqualTo("rejected\n");
			assertThat(server.server().stats().taskRejectCount()).isEqualTo(1);
			assertThat(server.server().stats().openTaskNum()).isEqualTo(10);
			this.work.release(10);
		}
	}

	@Test
	void whenConnectionsArePausedThenOtherThreadsMayPostUntilTheQueueIsFull() {
		try (TestServer server = start((options) -> {
		}); TestClient client = server.connect(); LogCapture log = LogCapture.of("io.swoole.task")) {
			client.send(packets(0, PACKETS));
			awaitPaused(server, 1);
			server.server().task("outside");
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> server.server().task("outside"))
				.withMessageContaining("task-queue-capacity");
			assertThat(server.server().stats().openTaskNum()).isEqualTo(10);
			assertThat(server.server().stats().taskRejectCount()).isEqualTo(1);
			assertThat(log.messages(Level.WARN))
				.anyMatch((message) -> message.contains("Tasks come in faster than they are done"));
			this.work.release(PACKETS + 1);
			client.readUntil("done-99\n");
		}
	}

	/** Each finished task is followed by one, while the queue is full all the time. */
	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenFinishPostsOneTaskThenThereIsAPlaceForIt(Variant variant) {
		try (TestServer server = start(variant::apply)) {
			for (int i = 0; i < 10; i++) {
				server.server().task("chain-20");
			}
			this.work.release(10 * 21);
			Awaitility.await().until(() -> this.handled.stream().filter(("chain-end")::equals).count() == 10);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(server.server().stats().taskRejectCount()).isZero();
			assertThat(server.server().stats().taskCount()).isEqualTo(10 * 21);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenRoomIsSmallerThanTheNumberOfWorkersThenNothingIsRejected(ServerMode mode) {
		List<TestClient> clients = new ArrayList<>();
		try (TestServer server = start((options) -> options.mode(mode).workerNum(4).taskQueueCapacity(2))) {
			this.work.release(1000);
			for (int i = 0; i < 8; i++) {
				clients.add(server.connect().send(packets(0, 50)));
			}
			clients.forEach((client) -> client.readUntil("done-49\n"));
			assertThat(server.server().stats().taskRejectCount()).isZero();
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(server.server().stats().pausedConnectionNum()).isZero();
		}
		finally {
			clients.forEach(TestClient::close);
		}
	}

	private TestServer start(Consumer<ServerOptions.Builder> settings) {
		return start(settings, new CountDownLatch(0));
	}

	private TestServer start(Consumer<ServerOptions.Builder> settings, CountDownLatch hang) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			String name = text(packet);
			if (name.equals("ping")) {
				connection.send("pong\n");
				return;
			}
			if (name.equals("hang")) {
				this.handled.add(name);
				while (hang.getCount() > 0) {
					try {
						hang.await();
					}
					catch (InterruptedException ex) {
						// goes on, whoever wants it to end
					}
				}
				return;
			}
			if (name.equals("many")) {
				try {
					IntStream.range(0, 20).forEach((i) -> server.task("many-" + i));
				}
				catch (TaskRejectedException ex) {
					connection.send("rejected\n");
				}
				return;
			}
			this.beforeTask.run();
			if (name.equals("both")) {
				server.task("both");
				this.handled.add("first of both");
				try {
					server.task("both");
				}
				catch (TaskRejectedException ex) {
					connection.send("rejected\n");
				}
				return;
			}
			try {
				server.task(connection.fd() + ":" + name);
				this.handled.add(name);
			}
			catch (TaskRejectedException ex) {
				this.handled.add("rejected " + name + ": " + ex.getMessage());
			}
		}).close((server, connection, reactorId) -> {
			this.handled.add("closed");
			this.closed.incrementAndGet();
		}).task((server, task) -> {
			this.work.acquire();
			return task.data();
		}).finish((server, result) -> {
			String data = String.valueOf(result.data());
			if (data.startsWith("chain-")) {
				int left = Integer.parseInt(data.substring(6));
				if (left > 0) {
					server.task("chain-" + (left - 1));
				}
				else {
					this.handled.add("chain-end");
				}
			}
			else if (data.contains(":")) {
				String[] parts = data.split(":");
				server.send(Long.parseLong(parts[0]), "done-" + parts[1] + "\n");
			}
		});
		return TestServer.start(handler, (options) -> {
			options.workerNum(1)
				.taskWorkerNum(1)
				.taskQueueCapacity(10)
				.main((main) -> main.openEofSplit(true).packageEof("\n"));
			settings.accept(options);
		});
	}

	private static void awaitPaused(TestServer server, int connections) {
		Awaitility.await().until(() -> server.server().stats().pausedConnectionNum() == connections);
	}

	private int[] countByClient(int clients) {
		int[] counts = new int[clients];
		this.handled.forEach((name) -> counts[Integer.parseInt(name) / 1000]++);
		return counts;
	}

	private static List<String> names(int from, int to) {
		return IntStream.range(from, to).mapToObj(Integer::toString).toList();
	}

	private static String packets(int from, int to) {
		return names(from, to).stream().collect(Collectors.joining("\n", "", "\n"));
	}

	private static String text(ByteBuf packet) {
		return packet.toString(0, packet.readableBytes() - 1, StandardCharsets.UTF_8);
	}

	/** A step of a handler. */
	@FunctionalInterface
	private interface Step {

		void run() throws InterruptedException;

	}

}
