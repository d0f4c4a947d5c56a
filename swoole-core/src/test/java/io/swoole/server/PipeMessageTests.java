package io.swoole.server;

import java.time.Instant;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests of messages between workers: MSG-01 to MSG-09.
 */
class PipeMessageTests {

	private static final int SECONDS = 20;

	private final List<String> events = new CopyOnWriteArrayList<>();

	/** MSG-01, MSG-05, MSG-08: from everywhere to everywhere. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkersSendMessagesThenTheyArriveInTheOthers(ServerMode mode) {
		ConcurrentMap<String, PipeMessage> received = new ConcurrentHashMap<>();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
			for (int target = 0; target < 4; target++) {
				if (target != workerId) {
					assertThat(server.sendMessage(workerId + ">" + target, target)).isTrue();
				}
			}
			this.events.add("start " + workerId);
		}).pipeMessage((server, message) -> {
			assertThat(this.events).contains("start " + server.getWorkerId());
			received.put(message.data() + " in " + server.getWorkerId(), message);
		});
		Instant begin = Instant.now().minusSeconds(1);
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(2))) {
			for (int target = 0; target < 4; target++) {
				assertThat(server.server().sendMessage("out>" + target, target)).isTrue();
			}
			Awaitility.await().until(() -> received.size() == 4 * 3 + 4);
			for (int target = 0; target < 4; target++) {
				for (int source = 0; source < 4; source++) {
					if (source != target) {
						PipeMessage message = received.get(source + ">" + target + " in " + target);
						assertThat(message.sourceWorkerId()).isEqualTo(source);
						assertThat(message.dispatchTime()).isBetween(begin, Instant.now().plusSeconds(1));
					}
				}
				assertThat(received.get("out>" + target + " in " + target).sourceWorkerId()).isEqualTo(-1);
			}
			assertThat(handler.errors).isEmpty();
		}
	}

	/** MSG-06: any object, by reference, and any size. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenMessageIsAnObjectThenItIsTheSameOne(ServerMode mode) {
		List<Object> received = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo().pipeMessage((server, message) -> received.add(message.data()));
		List<Object> messages = List.of(new byte[2_000_000], new IllegalStateException("as a message"), 42, List.of(1));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			messages.forEach((message) -> server.server().sendMessage(message, 0));
			Awaitility.await().until(() -> received.size() == messages.size());
			assertThat(received).containsExactlyElementsOf(messages);
			received.clear();
			messages.forEach((message) -> server.server().sendMessage(message, 1));
			Awaitility.await().until(() -> received.size() == messages.size());
			assertThat(received).containsExactlyElementsOf(messages);
		}
	}

	/** MSG-07: between tasks, in the order of its queue. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTaskWorkerHasTasksThenMessagesKeepTheirPlaceAmongThem(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = TestHandler.echo().task((server, task) -> {
			entered.countDown();
			goOn.await();
			this.events.add("task " + task.data());
			return null;
		}).pipeMessage((server, message) -> this.events.add("message " + message.data()));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			server.server().task(0);
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			server.server().sendMessage(1, 1);
			server.server().task(2);
			server.server().task(3, 0);
			server.server().sendMessage(4, 1);
			server.server().sendMessage(5, 1);
			server.server().task(6, 0);
			server.server().task(7);
			server.server().sendMessage(8, 1);
			goOn.countDown();
			Awaitility.await().until(() -> this.events.size() == 9);
			assertThat(this.events).containsExactly("task 0", "message 1", "task 2", "task 3", "message 4", "message 5",
					"task 6", "task 7", "message 8");
		}
	}

	/** MSG-07: the order holds however fast an idle worker wakes up. */
	@Test
	void whenTaskFollowsMessageThenNeverBeforeIt() {
		TestHandler handler = TestHandler.echo()
			.task((server, task) -> this.events.add("task " + task.data()))
			.pipeMessage((server, message) -> this.events.add("message " + message.data()));
		try (TestServer server = TestServer.start(handler, (options) -> options.workerNum(1).taskWorkerNum(1))) {
			for (int i = 0; i < 300; i++) {
				this.events.clear();
				server.server().sendMessage(i, 1);
				server.server().task(i, (i % 2 == 0) ? 0 : -1);
				Awaitility.await()
					.pollDelay(Duration.ZERO)
					.pollInterval(Duration.ofMillis(2))
					.until(() -> this.events.size() == 2);
				assertThat(this.events).containsExactly("message " + i, "task " + i);
			}
		}
	}

	/** MSG-02, MSG-03, MSG-04. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenMisusedThenThrowsAtOnce(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			try {
				server.sendMessage("me", server.getWorkerId());
			}
			catch (IllegalArgumentException ex) {
				connection.send("!");
			}
		}).task((server, task) -> {
			server.sendMessage("me", server.getWorkerId());
			return null;
		}).pipeMessage((server, message) -> {
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1)); TestClient client = server.connect()) {
			for (int id : new int[] { -1, 2 }) {
				assertThatIllegalArgumentException().isThrownBy(() -> server.server().sendMessage("x", id))
					.withMessageContaining("0 to 1");
			}
			assertThatNullPointerException().isThrownBy(() -> server.server().sendMessage(null, 0));
			assertThat(client.send("x").readText(1)).isEqualTo("!");
			server.server().task("x");
			Awaitility.await().until(() -> handler.errors.size() == 1);
			assertThat(handler.errors.get(0).cause()).isInstanceOf(IllegalArgumentException.class);
		}
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode))) {
			assertThatIllegalStateException().isThrownBy(() -> server.server().sendMessage("x", 0))
				.withMessageContaining("sendMessage() needs a handler")
				.withMessageContaining("@OnPipeMessage");
		}
	}

	/** MSG-02: a handler is asked what it overrides. */
	@Test
	void whenHandlerOverridesTheCallbackThenItTakesMessages() {
		ServerHandler without = (server, connection, packet) -> {
		};
		ServerHandler with = new ServerHandler() {
			@Override
			public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
			}

			@Override
			public void onPipeMessage(SwooleServer server, PipeMessage message) {
			}
		};
		assertThat(without.handles("onPipeMessage")).isFalse();
		assertThat(with.handles("onPipeMessage")).isTrue();
		assertThat(with.handles("onWorkerExit")).isFalse();
	}

	/** MSG-09. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerThrowsThenTheWorkerGoesOn(ServerMode mode) {
		TestHandler handler = TestHandler.echo().pipeMessage((server, message) -> {
			if (message.data().equals("bad")) {
				throw new java.io.IOException("bad");
			}
			this.events.add("message " + server.getWorkerId());
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			for (int id = 0; id < 2; id++) {
				server.server().sendMessage("bad", id);
				server.server().sendMessage("good", id);
			}
			Awaitility.await().until(() -> this.events.size() == 2);
			assertThat(handler.errors).extracting(HandlerError::event).containsExactly("pipeMessage", "pipeMessage");
			assertThat(handler.errors).extracting(HandlerError::workerId).containsExactlyInAnyOrder(0, 1);
		}
	}

	/** MSG-01: what waits for a worker has a bound; other workers do not notice. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkerDoesNotComeToItsMessagesThenFurtherOnesAreRefused(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		TestHandler handler = TestHandler.echo().pipeMessage((server, message) -> {
			if (server.getWorkerId() == 0) {
				entered.countDown();
				goOn.await();
			}
			handled.incrementAndGet();
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			server.server().sendMessage("first", 0);
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			int accepted = 0;
			while (accepted < 100_000 && server.server().sendMessage("more", 0)) {
				accepted++;
			}
			assertThat(accepted).isEqualTo(65_536);
			assertThat(server.server().sendMessage("other", 1)).isTrue();
			goOn.countDown();
			Awaitility.await().until(() -> handled.get() == 65_538);
			assertThat(server.server().sendMessage("again", 0)).isTrue();
			Awaitility.await().until(() -> handled.get() == 65_539);
		}
	}

	/** WORK-13 for messages: they survive a restart of the worker. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkerRestartsThenWaitingMessagesSurvive(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = TestHandler.echo()
			.workerStart((server, workerId) -> this.events.add("start"))
			.pipeMessage((server, message) -> {
				entered.countDown();
				goOn.await();
				this.events.add("message " + message.data());
			});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1))) {
			for (int i = 0; i < 3; i++) {
				server.server().sendMessage(i, 0);
			}
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			server.server().stopWorker(0);
			goOn.countDown();
			Awaitility.await().until(() -> this.events.size() == 5);
			assertThat(this.events).containsExactly("start", "message 0", "start", "message 1", "message 2");
		}
	}

}
