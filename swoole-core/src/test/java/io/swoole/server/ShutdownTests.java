package io.swoole.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.swoole.task.execution.TaskPipeline;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the stop: LIFE-05, LIFE-06, LIFE-07, LIFE-08.
 */
class ShutdownTests {

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStoppedWithWorkThatFitsThenEverythingIsAnswered(ServerMode mode) throws Exception {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			for (int i = 0; i < packet.readableBytes(); i++) {
				server.task(connection.fd());
			}
		}).task((server, task) -> {
			TimeUnit.MILLISECONDS.sleep(2);
			return task.data();
		}).finish((server, result) -> server.send((Long) result.data(), "."));
		TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(8).maxWaitTime(Duration.ofSeconds(20)));
		try (TestClient client = server.connect()) {
			client.send(".".repeat(1000));
			Awaitility.await().until(() -> server.server().stats().taskCount() == 1000);
			server.server().shutdown();
			assertThat(client.readAll()).hasSize(1000);
		}
		finally {
			server.close();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStoppedWithTooMuchWorkThenTheRestIsNamedAndTimeIsKept(ServerMode mode) throws Exception {
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		Logger logger = (Logger) LoggerFactory.getLogger(TaskPipeline.class);
		logger.setAdditive(false);
		log.start();
		logger.addAppender(log);
		AtomicInteger executed = new AtomicInteger();
		Set<Object> interrupted = ConcurrentHashMap.newKeySet();
		CountDownLatch never = new CountDownLatch(1);
		TestHandler handler = new TestHandler().task((server, task) -> {
			if ((int) task.data() < 500) {
				executed.incrementAndGet();
				return task.data();
			}
			try {
				never.await();
			}
			catch (InterruptedException ex) {
				interrupted.add(task.data());
			}
			return null;
		});
		TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).taskWorkerNum(4).maxWaitTime(Duration.ofMillis(300)));
		long begin;
		try {
			for (int i = 0; i < 1000; i++) {
				server.server().task(i);
			}
			begin = System.nanoTime();
		}
		finally {
			server.close();
			logger.detachAppender(log);
			logger.setAdditive(true);
		}
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofMillis(250),
				Duration.ofSeconds(10));
		assertThat(executed).hasValue(500);
		assertThat(interrupted).hasSize(4);
		assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage)
			.filteredOn((message) -> message.contains("max-wait-time"))
			.singleElement()
			.asString()
			.contains("500 tasks", "4 running", "496 waiting", "java.lang.Integer=500");
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStoppedThenEventsComeInOrder(ServerMode mode) {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo()
			.beforeShutdown((server) -> events.add("beforeShutdown"))
			.close((server, connection, reactorId) -> events.add("close " + connection.fd() + " " + reactorId))
			.workerStop((server, workerId) -> events.add("workerStop " + workerId))
			.shutdown((server) -> events.add("shutdown"));
		TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(2).taskWorkerNum(2));
		try (TestClient one = server.connect(); TestClient two = server.connect()) {
			one.send("x").read(1);
			two.send("x").read(1);
			server.close();
			assertThat(one.readAll()).isEmpty();
		}
		assertThat(events.get(0)).isEqualTo("beforeShutdown");
		assertThat(events.subList(1, 3)).containsExactlyInAnyOrder("close 1 -1", "close 2 -1");
		assertThat(events.subList(3, 5)).containsExactlyInAnyOrder("workerStop 0", "workerStop 1");
		assertThat(events.subList(5, 7)).containsExactlyInAnyOrder("workerStop 2", "workerStop 3");
		assertThat(events.subList(7, events.size())).containsExactly("shutdown");
	}

	/** CONN-11: the client has not read all of it when everything else has ended. */
	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenStoppedWhileClientStillSendsThenNoResetDestroysOutput(ServerMode mode, TransportType transport)
			throws Exception {
		boolean inTime = false;
		for (int i = 0; i < 20 && !inTime; i++) {
			inTime = getsAllFromStoppingServer(mode, transport);
		}
		Assumptions.assumeTrue(inTime, "this machine is too slow for the time a stop gives to clients");
	}

	/** Returns whether the client was quick enough for the server to wait for it. */
	private static boolean getsAllFromStoppingServer(ServerMode mode, TransportType transport) throws Exception {
		int length = 2_000_000;
		AtomicBoolean asked = new AtomicBoolean();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (asked.compareAndSet(false, true)) {
				connection.send(new byte[length]);
				server.shutdown();
			}
		});
		TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode)
					.transport(transport)
					.maxWaitTime(Duration.ofSeconds(20))
					.main((main) -> main.kernelSocketSendBufferSize(65536)));
		int count = 0;
		long before = System.nanoTime();
		Exception failure = null;
		try (TestClient client = TestClient.connect(server.port(), 16384)) {
			count += client.send("x").read(length - 30_000).length;
			before = System.nanoTime();
			Awaitility.await().until(() -> server.server().getConnectionCount() == 0);
			server.server().awaitTermination(Duration.ofMillis(100));
			InputStream in = client.socket().getInputStream();
			byte[] buffer = new byte[1024];
			for (int read = 0; read >= 0; read = in.read(buffer)) {
				count += read;
				client.send("x");
			}
		}
		catch (IOException | UncheckedIOException ex) {
			failure = ex;
		}
		boolean inTime = System.nanoTime() - before < TimeUnit.MILLISECONDS.toNanos(400);
		server.close();
		if (inTime) {
			assertThat(failure).isNull();
			assertThat(count).isEqualTo(length);
		}
		return inTime;
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenShutdownIsCalledInAnyHandlerThenItReturnsAtOnceAndTheServerStops(ServerMode mode) throws Exception {
		for (String where : List.of("receive", "task", "finish", "connect")) {
			TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
				if (where.equals("connect")) {
					server.shutdown();
				}
			}).receive((server, connection, packet) -> {
				if (where.equals("receive")) {
					server.shutdown();
				}
				else if (!where.equals("connect")) {
					server.task(packet.toString(StandardCharsets.UTF_8));
				}
			}).task((server, task) -> {
				if (where.equals("task")) {
					server.shutdown();
				}
				return "done";
			}).finish((server, result) -> {
				if (where.equals("finish")) {
					server.shutdown();
				}
			});
			try (TestServer server = TestServer.start(handler,
					(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1));
					TestClient client = server.connect()) {
				client.send("x");
				assertThat(client.readAll()).isEmpty();
				assertThat(server.server().awaitTermination(Duration.ofSeconds(20))).isTrue();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerHoldsItsWorkerThenTheStopKeepsItsDeadline(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			entered.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
		});
		TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).maxWaitTime(Duration.ofMillis(200)));
		try (TestClient client = server.connect()) {
			client.send("x");
			entered.await(20, TimeUnit.SECONDS);
			server.close();
			assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
		}
	}

}
