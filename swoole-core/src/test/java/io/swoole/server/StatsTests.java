package io.swoole.server;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * STATS: counters.
 */
class StatsTests {

	/** STATS-01. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenServerHasJustStartedThenEverythingIsZeroButItsShape(ServerMode mode) {
		Instant before = Instant.now();
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode).workerNum(3).taskWorkerNum(2))) {
			Awaitility.await().until(() -> server.server().stats().idleWorkerNum() == 3);
			Awaitility.await().until(() -> server.server().stats().taskIdleWorkerNum() == 2);
			ServerStats stats = server.server().stats();
			assertThat(stats.startTime()).isBetween(before, Instant.now());
			assertThat(stats.workerNum()).isEqualTo(3);
			assertThat(stats.taskWorkerNum()).isEqualTo(2);
			assertThat(stats.userWorkerNum()).isZero();
			assertThat(stats.connectionNum()).isZero();
			assertThat(stats.acceptCount() + stats.closeCount() + stats.abortCount()).isZero();
			assertThat(stats.dispatchCount() + stats.requestCount() + stats.responseCount()).isZero();
			assertThat(stats.totalRecvBytes() + stats.totalSendBytes()).isZero();
			assertThat(stats.taskingNum() + stats.taskCount() + stats.openTaskNum()).isZero();
			assertThat(stats.sessionRound()).isZero();
			assertThat(stats.concurrency() + stats.coroutineNum() + stats.coroutinePeakNum()).isZero();
		}
	}

	/** STATS-01, STATS-05. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenPacketsAreAnsweredThenRequestsResponsesAndBytesAreCounted(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.getByte(0) == 'e') {
				throw new IllegalStateException("expected");
			}
			connection.send("12");
			connection.send("345");
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			for (int i = 0; i < 10; i++) {
				assertThat(client.send("ab").readText(5)).isEqualTo("12345");
			}
			client.send("error");
			Awaitility.await().until(() -> server.server().stats().requestCount() == 11);
			server.server().send(1, "x");
			assertThat(server.server().send(99, "x")).isFalse();
			assertThat(client.readText(1)).isEqualTo("x");
			Awaitility.await().until(() -> server.server().stats().totalSendBytes() == 51);
			ServerStats stats = server.server().stats();
			assertThat(stats.dispatchCount()).isEqualTo(11);
			assertThat(stats.responseCount()).isEqualTo(21);
			assertThat(stats.totalRecvBytes()).isEqualTo(25);
			assertThat(stats.handlerErrorCount()).isOne();
			assertThat(stats.sessionRound()).isOne();
		}
	}

	/** STATS-02. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkerAsksThenIsToldItsOwnCounters(ServerMode mode) throws Exception {
		BlockingQueue<ServerStats> seen = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(packet.retain());
			if (packet.getByte(0) == '?') {
				seen.add(server.stats());
			}
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(2));
				TestClient odd = server.connect();
				TestClient even = server.connect()) {
			for (int i = 0; i < 5; i++) {
				odd.send("a").readText(1);
			}
			even.send("a").readText(1);
			Awaitility.await().until(() -> server.server().stats().requestCount() == 6);
			even.send("?").readText(1);
			ServerStats stats = seen.poll(10, TimeUnit.SECONDS);
			assertThat(stats).isNotNull();
			assertThat(stats.workerRequestCount()).isEqualTo(1);
			assertThat(stats.workerDispatchCount()).isEqualTo(2);
			assertThat(stats.workerResponseCount()).isEqualTo(2);
			assertThat(stats.workerConcurrency()).isOne();
			assertThat(stats.requestCount()).isEqualTo(6);
			assertThat(stats.dispatchCount()).isEqualTo(7);
			stats = server.server().stats();
			assertThat(stats.workerRequestCount() + stats.workerDispatchCount() + stats.workerResponseCount()
					+ stats.workerConcurrency())
				.isZero();
		}
	}

	/** STATS-03. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTasksWaitAndRunThenAreCounted(ServerMode mode) throws Exception {
		CountDownLatch block = new CountDownLatch(1);
		TestHandler handler = TestHandler.echo().task((server, task) -> {
			block.await();
			return task.data();
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).taskWorkerNum(2))) {
			for (int i = 0; i < 5; i++) {
				server.server().task(i);
			}
			Awaitility.await().until(() -> server.server().stats().taskingNum() == 3);
			ServerStats stats = server.server().stats();
			assertThat(stats.taskCount()).isEqualTo(5);
			assertThat(stats.openTaskNum()).isEqualTo(5);
			assertThat(stats.taskIdleWorkerNum()).isZero();
			block.countDown();
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			Awaitility.await().until(() -> server.server().stats().taskIdleWorkerNum() == 2);
			assertThat(server.server().stats().taskCount()).isEqualTo(5);
		}
		finally {
			block.countDown();
		}
	}

	/** STATS-04: in every snapshot, and nothing is left in the end. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenConnectionsComeAndGoThenAcceptedAreClosedAndOpenOnes(ServerMode mode) throws Exception {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode))) {
			Thread clients = new Thread(() -> {
				for (int i = 0; i < 300; i++) {
					try (TestClient client = server.connect()) {
						client.send("x").readText(1);
						if (i % 3 == 0) {
							client.reset();
						}
					}
				}
			});
			clients.start();
			while (clients.isAlive()) {
				ServerStats stats = server.server().stats();
				assertThat(stats.acceptCount()).isEqualTo(stats.closeCount() + stats.connectionNum());
				assertThat(stats.connectionNum()).isNotNegative();
			}
			clients.join();
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(server.server().stats().acceptCount()).isEqualTo(300);
			assertThat(server.server().stats().abortCount()).isZero();
			assertThat(server.server().stats().sessionRound()).isEqualTo(300);
		}
	}

	/** STATS-06. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkerAsksThenIsNotIdle(ServerMode mode) throws Exception {
		BlockingQueue<ServerStats> seen = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> seen.add(server.stats()));
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(2));
				TestClient client = server.connect()) {
			Awaitility.await().until(() -> server.server().stats().idleWorkerNum() == 2);
			client.send("x");
			ServerStats stats = seen.poll(10, TimeUnit.SECONDS);
			assertThat(stats).isNotNull();
			assertThat(stats.idleWorkerNum()).isOne();
			assertThat(stats.concurrency()).isOne();
		}
	}

	@Test
	void whenServerDoesNotRunThenThrows() {
		SwooleServer server = SwooleServers.create(TestServer.options().build(), TestHandler.echo());
		assertThatIllegalStateException().isThrownBy(server::stats);
		server.start();
		server.shutdown();
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> server.awaitTermination(Duration.ofSeconds(5)));
		assertThatIllegalStateException().isThrownBy(server::stats);
	}

}
