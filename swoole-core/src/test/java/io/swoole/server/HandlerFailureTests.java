package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.swoole.server.callback.HandlerErrors;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what happens when callbacks throw: ERR-01, ERR-02, ERR-03, CONN-17, TASK-27.
 */
class HandlerFailureTests {

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	private final Logger logger = (Logger) LoggerFactory.getLogger(HandlerErrors.class);

	@BeforeEach
	void listen() {
		this.logger.setAdditive(false);
		this.log.start();
		this.logger.addAppender(this.log);
	}

	@AfterEach
	void stopListening() {
		this.logger.detachAppender(this.log);
		this.logger.setAdditive(true);
	}

	/** ERR-03 too: a packet whose handler has thrown does not come again. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlersThrowThenWorkerAndConnectionGoOn(ServerMode mode) {
		List<String> packets = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			throw new IllegalStateException("connect");
		}).receive((server, connection, packet) -> {
			String text = packet.toString(StandardCharsets.UTF_8);
			packets.add(text);
			switch (text) {
				case "exception" -> throw new java.io.IOException("receive");
				case "error" -> throw new AssertionError("receive");
				case "task" -> server.task(connection.fd());
				default -> connection.send(packet.retain());
			}
		}).task((server, task) -> {
			throw new StackOverflowError("task");
		}).close((server, connection, reactorId) -> {
			throw new OutOfMemoryError("close");
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			try (TestClient client = server.connect(); TestClient other = server.connect()) {
				other.send("before").read(6);
				for (String packet : new String[] { "exception", "error", "task" }) {
					client.send(packet);
					Awaitility.await().until(() -> handler.errors.stream().anyMatch((error) -> names(error, packet)));
				}
				assertThat(client.send("alive").readText(5)).isEqualTo("alive");
				assertThat(other.send("alive").readText(5)).isEqualTo("alive");
			}
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			ServerStats stats = server.server().stats();
			assertThat(stats.openTaskNum()).isZero();
			assertThat(stats.handlerErrorCount()).isEqualTo(2 + 2 + 1 + 2);
			assertThat(stats.closeCount()).isEqualTo(2);
			assertThat(packets).containsExactly("before", "exception", "error", "task", "alive", "alive");
			assertThat(stats.dispatchCount()).isEqualTo(6);
			assertThat(stats.requestCount()).isEqualTo(6);
		}
		assertThat(this.log.list).extracting(ILoggingEvent::getFormattedMessage)
			.contains("Handler of 'task' failed [fd=-1, worker=1, task=0]")
			.anyMatch((message) -> message.matches("Handler of 'receive' failed \\[fd=[12], worker=0, task=-1]"));
	}

	private static boolean names(HandlerError error, String packet) {
		return switch (packet) {
			case "exception" -> error.event().equals("receive") && error.cause() instanceof java.io.IOException;
			case "error" -> error.event().equals("receive") && error.cause() instanceof AssertionError;
			default -> error.event().equals("task") && error.taskId() == 0 && error.workerId() == 1;
		};
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenFinishThrowsThenTaskIsSettled(ServerMode mode) throws InterruptedException {
		CountDownLatch finished = new CountDownLatch(10);
		ConcurrentHashMap<Long, Boolean> seen = new ConcurrentHashMap<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			for (int i = 0; i < 10; i++) {
				server.task(i);
			}
		}).task((server, task) -> task.data()).finish((server, result) -> {
			seen.put(result.taskId(), true);
			finished.countDown();
			throw new IllegalStateException("finish");
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(2)); TestClient client = server.connect()) {
			client.send("go");
			assertThat(finished.await(20, TimeUnit.SECONDS)).isTrue();
			Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> server.server().stats().openTaskNum() == 0);
			assertThat(seen).hasSize(10);
		}
	}

}
