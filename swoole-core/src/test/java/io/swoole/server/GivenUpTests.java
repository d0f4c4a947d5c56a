package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestDatagrams;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what a thread had in hand that has been given up: it counts as ended, once,
 * whether the thread comes back or not (WORK-06, WORK-13).
 */
class GivenUpTests {

	private static final int SECONDS = 20;

	private final CountDownLatch hanging = new CountDownLatch(1);

	private final CountDownLatch release = new CountDownLatch(1);

	private final CountDownLatch givenUp = new CountDownLatch(1);

	private final CountDownLatch[] gates = { new CountDownLatch(1), new CountDownLatch(1) };

	private final List<Integer> blocked = new CopyOnWriteArrayList<>();

	private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();

	private final AtomicInteger hung = new AtomicInteger(-1);

	private final AtomicInteger closes = new AtomicInteger();

	@AfterEach
	void letGo() {
		this.release.countDown();
		for (CountDownLatch gate : this.gates) {
			gate.countDown();
		}
	}

	/** The end of a connection waits for its packets, but not for that one. */
	@ParameterizedTest
	@EnumSource(names = { "ROUND_ROBIN", "LEAST_BUSY" })
	void whenPacketIsGivenUpThenItsConnectionEnds(DispatchMode mode) throws Exception {
		try (TestServer server = start(Hang.RECEIVE, (options) -> options.dispatchMode(mode))) {
			try (TestClient client = server.connect()) {
				client.send("who\nhang\n").readUntil("\n");
				awaitHanging();
			}
			assertThat(server.server().stats().connectionNum()).isEqualTo(1);
			giveUp(server);
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(this.closes).hasValue(1);
			comeBack(server);
			assertThat(this.closes).hasValue(1);
			assertThat(server.server().stats().closeCount()).isEqualTo(1);
		}
	}

	/** The place in the task queue that was kept for it is free again, once. */
	@ParameterizedTest
	@EnumSource(names = { "FIXED", "LEAST_BUSY" })
	void whenPacketIsGivenUpThenItsPlaceForTaskIsFree(DispatchMode mode) throws Exception {
		try (TestServer server = start(Hang.RECEIVE,
				(options) -> options.dispatchMode(mode).taskWorkerNum(1).taskQueueCapacity(4));
				TestClient client = server.connect()) {
			client.send("who\nhang\n").readUntil("\n");
			awaitHanging();
			// the other packet may have been answered, but not ended yet
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 1);
			giveUp(server);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			comeBack(server);
			assertThat(server.server().stats().openTaskNum()).isZero();
			client.send("who\n").readUntil("\n");
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
		}
	}

	/** And so does a connection whose close callback does not return. */
	@Test
	void whenCloseCallbackIsGivenUpThenItsConnectionIsReleased() throws Exception {
		try (TestServer server = start(Hang.CLOSE, (options) -> {
		})) {
			try (TestClient client = server.connect()) {
				client.send("who\n").readUntil("\n");
			}
			awaitHanging();
			assertThat(server.server().stats().connectionNum()).isEqualTo(1);
			giveUp(server);
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(server.server().send(1, "x")).isFalse();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			try (TestClient next = server.connect()) {
				next.send("who\n").readUntil("\n");
				comeBack(server);
				next.send("who\n").readUntil("\n");
				assertThat(server.server().stats().connectionNum()).isEqualTo(1);
				assertThat(server.server().stats().closeCount()).isEqualTo(1);
			}
		}
	}

	/** A worker whose thread was given up has nothing to do, and is not avoided. */
	@ParameterizedTest
	@EnumSource
	void whenCallbackIsGivenUpThenItsWorkerCountsAsFree(Hang hang) throws Exception {
		try (TestServer server = start(hang,
				(options) -> options.dispatchMode(DispatchMode.LEAST_BUSY)
					.listener(ListenerOptions.builder("udp").type(ListenerType.UDP).build()));
				TestClient client = server.connect();
				TestClient other = server.connect();
				TestDatagrams datagrams = new TestDatagrams()) {
			other.send("who\n").readUntil("\n");
			if (hang == Hang.PACKET) {
				datagrams.send("hang", server.port("udp"));
			}
			else {
				client.send((hang == Hang.CLOSE) ? "close\n" : "hang\n");
			}
			awaitHanging();
			giveUp(server);
			String worker = this.hung + "\n";
			int answers = 0;
			for (int i = 0; i < 20; i++) {
				awaitIdle(server, 0);
				awaitIdle(server, 1);
				answers += other.send("who\n").readUntil("\n").equals(worker) ? 1 : 0;
			}
			assertThat(answers).isGreaterThan(5);
			comeBack(server);
			// had it ended twice, a worker that is busy now would seem to be free
			awaitIdle(server, 0);
			awaitIdle(server, 1);
			other.send("block\n");
			Awaitility.await().until(() -> this.blocked.size() == 1);
			try (TestClient third = server.connect()) {
				third.send("block\n");
				Awaitility.await().until(() -> this.blocked.size() == 2);
				assertThat(this.blocked).containsExactlyInAnyOrder(0, 1);
				this.gates[1 - this.hung.get()].countDown();
				TestClient free = (this.blocked.get(0) == this.hung.get()) ? third : other;
				assertThat(free.readUntil("\n")).isEqualTo("free\n");
				for (int i = 0; i < 20; i++) {
					awaitIdle(server, 1 - this.hung.get());
					assertThat(free.send("who\n").readUntil("\n")).isEqualTo((1 - this.hung.get()) + "\n");
				}
				this.gates[this.hung.get()].countDown();
			}
		}
	}

	/** The task is over, and so is its place, or that goes to the task posted last. */
	@ParameterizedTest
	@ValueSource(strings = { "finish", "post and finish", "fail" })
	void whenCallbackOfResultIsGivenUpThenItsTaskIsSettled(String how) throws Exception {
		TestHandler handler = new TestHandler().task((server, task) -> {
			if (task.data().equals("fail")) {
				throw new IllegalStateException("test");
			}
			return task.data();
		}).finish((server, result) -> {
			this.messages.add(result.data());
			if (result.data().equals("post and finish")) {
				server.task("posted");
			}
			if (result.data().equals(how)) {
				hang(server);
			}
		}).taskFailed((server, task, cause) -> hang(server)).workerError((server, error) -> this.givenUp.countDown());
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(ServerMode.PROCESS)
					.workerNum(1)
					.taskWorkerNum(1)
					.maxWaitTime(Duration.ofMillis(200)))) {
			server.server().task(how);
			awaitHanging();
			assertThat(server.server().stats().openTaskNum()).isEqualTo(1);
			giveUp(server);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(this.messages.contains("posted")).isEqualTo(how.startsWith("post"));
			comeBack(server);
			assertThat(server.server().stats().openTaskNum()).isZero();
			server.server().task("last");
			Awaitility.await().until(() -> this.messages.contains("last"));
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
		}
	}

	private TestServer start(Hang hang, Consumer<ServerOptions.Builder> settings) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			switch (packet.toString(StandardCharsets.UTF_8)) {
				case "hang\n" -> hang(server);
				case "close\n" -> connection.close();
				case "block\n" -> {
					this.blocked.add(server.getWorkerId());
					this.gates[server.getWorkerId()].await();
					connection.send("free\n");
				}
				default -> connection.send(server.getWorkerId() + "\n");
			}
		})
			.task((server, task) -> null)
			.packet((server, packet) -> hang(server))
			.close((server, connection, reactorId) -> {
				this.closes.incrementAndGet();
				if (hang == Hang.CLOSE && connection.fd() == 1) {
					hang(server);
				}
			})
			.pipeMessage((server, message) -> this.messages.add(message.data()))
			.workerError((server, error) -> this.givenUp.countDown());
		return TestServer.start(handler, (options) -> {
			options.mode(ServerMode.PROCESS).workerNum(2).enableUnsafeEvent(true).maxWaitTime(Duration.ofMillis(200));
			options.main((main) -> main.openEofSplit(true).packageEof("\n"));
			settings.accept(options);
		});
	}

	private void hang(SwooleServer server) {
		this.hung.set(server.getWorkerId());
		this.hanging.countDown();
		while (true) {
			try {
				this.release.await();
				return;
			}
			catch (InterruptedException ex) {
				// that does not end it
			}
		}
	}

	private void awaitHanging() throws InterruptedException {
		assertThat(this.hanging.await(SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	private void giveUp(TestServer server) throws InterruptedException {
		assertThat(server.server().stopWorker(this.hung.get())).isTrue();
		assertThat(this.givenUp.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		assertThat(server.server().stats().abandonedThreadNum()).isEqualTo(1);
	}

	/** A worker has handled what was posted to it before, and all that comes of it. */
	private void awaitIdle(TestServer server, int workerId) throws InterruptedException {
		assertThat(server.server().sendMessage(workerId, workerId)).isTrue();
		assertThat(this.messages.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(workerId);
	}

	private void comeBack(TestServer server) {
		this.release.countDown();
		Awaitility.await().until(() -> server.server().stats().abandonedThreadNum() == 0);
	}

	/** The callback that does not return. */
	private enum Hang {

		RECEIVE, CLOSE, PACKET

	}

}
