package io.swoole.server;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of stops at awkward moments and from awkward places: LIFE-05, LIFE-06, LIFE-08,
 * LIFE-10, CONN-17.
 */
class ShutdownRaceTests {

	private static final int SECONDS = 20;

	/** LIFE-08: from every kind of thread. */
	@ParameterizedTest
	@CsvSource({ "timer,BASE", "timer,PROCESS", "taskTimer,BASE", "taskTimer,PROCESS", "message,BASE",
			"message,PROCESS", "close,BASE", "close,PROCESS", "workerStart,BASE", "workerStart,PROCESS", "start,BASE",
			"start,PROCESS", "beforeReload,BASE", "afterReload,PROCESS", "workerStop,BASE", "workerStop,PROCESS" })
	void whenShutdownIsCalledAnywhereThenTheServerStops(String where, ServerMode mode) throws Exception {
		AtomicInteger starts = new AtomicInteger();
		AtomicInteger shutdowns = new AtomicInteger();
		TestHandler handler = new TestHandler().workerStart((server, workerId) -> {
			starts.incrementAndGet();
			if (where.equals("taskTimer") && server.isTaskWorker()) {
				server.after(Duration.ofMillis(1), server::shutdown);
			}
			else if (where.equals("timer") && workerId == 0) {
				server.after(Duration.ofMillis(1), server::shutdown);
			}
			stopIn("workerStart", where, server);
		})
			.start((server) -> stopIn("start", where, server))
			.pipeMessage((server, message) -> stopIn("message", where, server))
			.close((server, connection, reactorId) -> stopIn("close", where, server))
			.beforeReload((server) -> stopIn("beforeReload", where, server))
			.afterReload((server) -> stopIn("afterReload", where, server))
			.workerStop((server, workerId) -> stopIn("workerStop", where, server))
			.shutdown((server) -> shutdowns.incrementAndGet());
		SwooleServer server = SwooleServers
			.create(TestServer.options().mode(mode).workerNum(1).taskWorkerNum(1).build(), handler);
		server.start();
		switch (where) {
			case "message" -> server.sendMessage("stop", 1);
			case "close" -> TestClient.connect(server.getAddress().getPort()).close();
			case "beforeReload", "afterReload", "workerStop" -> server.reload();
			default -> {
				// it stops without further ado
			}
		}
		Awaitility.await().atMost(Duration.ofSeconds(SECONDS)).until(() -> !server.isRunning());
		assertThat(server.awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
		assertThat(shutdowns).hasValue(1);
		assertThat(handler.errors).isEmpty();
		assertThat(starts.get()).isBetween(2, 4);
	}

	private static void stopIn(String here, String where, SwooleServer server) {
		if (here.equals(where)) {
			server.shutdown();
		}
	}

	/** LIFE-10: the second call changes nothing. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStoppedByManyThenItStopsOnce(ServerMode mode) throws Exception {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo()
			.beforeShutdown((server) -> events.add("beforeShutdown"))
			.workerStop((server, workerId) -> events.add("workerStop"))
			.shutdown((server) -> events.add("shutdown"));
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1))) {
			List<Thread> threads = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				Thread thread = new Thread(server.server()::shutdown);
				threads.add(thread);
				thread.start();
			}
			for (Thread thread : threads) {
				thread.join();
			}
		}
		assertThat(events).containsExactly("beforeShutdown", "workerStop", "shutdown");
	}

	/** LIFE-02, LIFE-08: a stop while onStart runs; nothing is accepted. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStoppedWhileItStartsThenNothingIsAccepted(ServerMode mode) throws Exception {
		CountDownLatch inStart = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicBoolean connected = new AtomicBoolean();
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo().start((server) -> {
			inStart.countDown();
			goOn.await();
			events.add("start");
		})
			.connect((server, connection, reactorId) -> connected.set(true))
			.workerStop((server, workerId) -> events.add("workerStop"))
			.shutdown((server) -> events.add("shutdown"));
		SwooleServer server = SwooleServers.create(TestServer.options().mode(mode).workerNum(1).build(), handler);
		Thread starter = new Thread(server::start);
		starter.start();
		assertThat(inStart.await(SECONDS, TimeUnit.SECONDS)).isTrue();
		try (TestClient client = TestClient.connect(server.getAddress().getPort())) {
			server.shutdown();
			goOn.countDown();
			assertThat(client.readAll()).isEmpty();
		}
		starter.join();
		assertThat(server.awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
		assertThat(connected).isFalse();
		assertThat(events).containsExactly("start", "workerStop", "shutdown");
	}

	/**
	 * LIFE-08: a first callback that hangs does not keep a stop from working.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenFirstCallbackHangsThenAStopEndsTheStart(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		AtomicReference<Throwable> failure = new AtomicReference<>();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
			if (workerId == 0) {
				entered.countDown();
				release.await();
			}
		});
		SwooleServer server = SwooleServers.create(TestServer.options()
			.mode(mode)
			.workerNum(2)
			.taskWorkerNum(1)
			.maxWaitTime(Duration.ofMillis(100))
			.build(), handler);
		Thread starter = new Thread(() -> {
			try {
				server.start();
			}
			catch (ServerException ex) {
				failure.set(ex);
			}
		});
		starter.start();
		try {
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			server.shutdown();
			starter.join(TimeUnit.SECONDS.toMillis(SECONDS));
			assertThat(starter.isAlive()).isFalse();
			assertThat(failure.get()).isInstanceOf(ServerException.class).hasMessageContaining("worker 0");
			assertThat(server.isRunning()).isFalse();
		}
		finally {
			release.countDown();
		}
	}

	/** LIFE-06, CONN-17: who connects in the last moment gets both events or none. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientsConnectInTheLastMomentThenEveryConnectHasItsClose(ServerMode mode) throws Exception {
		for (int round = 0; round < 2; round++) {
			Set<Long> open = ConcurrentHashMap.newKeySet();
			AtomicInteger connects = new AtomicInteger();
			List<String> wrong = new CopyOnWriteArrayList<>();
			AtomicBoolean stopping = new AtomicBoolean();
			AtomicBoolean stopped = new AtomicBoolean();
			TestHandler handler = TestHandler.echo().connect((server, connection, reactorId) -> {
				connects.incrementAndGet();
				if (!open.add(connection.fd())) {
					wrong.add("connected twice");
				}
			}).close((server, connection, reactorId) -> {
				if (!open.remove(connection.fd())) {
					wrong.add("closed without having connected, or twice");
				}
			}).workerStop((server, workerId) -> {
				if (!open.isEmpty()) {
					wrong.add("worker stopped before its connections");
				}
			});
			try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(2))) {
				int port = server.port();
				List<Thread> clients = new ArrayList<>();
				for (int i = 0; i < 4; i++) {
					Thread client = new Thread(() -> connectUntilRefused(port, stopping, stopped));
					clients.add(client);
					client.start();
				}
				Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> connects.get() > 20);
				stopping.set(true);
				server.server().shutdown();
				assertThat(server.server().awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
				stopped.set(true);
				for (Thread client : clients) {
					client.join();
				}
			}
			assertThat(open).isEmpty();
			assertThat(wrong).isEmpty();
		}
	}

	/** So few at the end that they fit into the backlog: one more would have to wait. */
	private static void connectUntilRefused(int port, AtomicBoolean stopping, AtomicBoolean stopped) {
		List<TestClient> clients = new ArrayList<>();
		int late = 0;
		while (!stopped.get() && clients.size() < 2000 && late < 50) {
			try {
				late += stopping.get() ? 1 : 0;
				clients.add(TestClient.connect(port));
			}
			catch (UncheckedIOException ex) {
				Thread.yield();
			}
		}
		clients.forEach(TestClient::close);
	}

	/** LIFE-10. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStoppedThenOperationsSaySo(ServerMode mode) throws Exception {
		SwooleServer server = SwooleServers.create(TestServer.options().mode(mode).build(), TestHandler.echo());
		server.start();
		server.shutdown();
		assertThat(server.awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
		assertThat(server.getWorkerStatus(0)).isEmpty();
		assertThat(server.clearTimer(1)).isFalse();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(server::reload);
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> server.after(Duration.ofSeconds(1), () -> {
			}));
		server.shutdown();
		assertThat(server.isRunning()).isFalse();
	}

}
