package io.swoole.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of the start: LIFE-01, LIFE-02, LIFE-03, LIFE-04, LIFE-10, LIFE-11, LIFE-14,
 * LIFE-15, ERR-05.
 */
class StartupTests {

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStartedThenWorkersComeBeforeStartAndStartBeforeConnections(ServerMode mode) {
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo()
			.workerStart((server, workerId) -> events.add("workerStart " + workerId))
			.start((server) -> events.add("start"))
			.connect((server, connection, reactorId) -> events.add("connect"));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(2)); TestClient client = server.connect()) {
			client.send("x").read(1);
			assertThat(events.subList(0, 4)).containsExactlyInAnyOrder("workerStart 0", "workerStart 1",
					"workerStart 2", "workerStart 3");
			assertThat(events.subList(4, 6)).containsExactly("start", "connect");
		}
	}

	/** LIFE-02. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenStartCallbackRunsThenClientsWaitInTheBacklog(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		List<String> events = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo().start((server) -> {
			entered.countDown();
			goOn.await();
			events.add("start");
		}).connect((server, connection, reactorId) -> events.add("connect"));
		SwooleServer server = SwooleServers.create(TestServer.options().mode(mode).build(), handler);
		Thread starter = new Thread(server::start);
		starter.start();
		assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
		try (TestClient client = TestClient.connect(server.getAddress().getPort())) {
			client.send("hello");
			Awaitility.await()
				.during(Duration.ofMillis(100))
				.until(() -> events.isEmpty() && server.stats().acceptCount() == 0
						&& server.stats().sessionRound() == 0);
			goOn.countDown();
			assertThat(client.readText(5)).isEqualTo("hello");
			assertThat(events).containsExactly("start", "connect");
			assertThat(server.stats().acceptCount()).isOne();
		}
		finally {
			goOn.countDown();
			starter.join();
			server.shutdown();
			server.awaitTermination(Duration.ofSeconds(10));
		}
	}

	@Test
	void whenWorkerStartsThenItKnowsWhoItIs() {
		List<String> known = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo()
			.workerStart((server, workerId) -> known
				.add(workerId + " " + server.getWorkerId() + " " + server.isTaskWorker()));
		try (TestServer server = TestServer.start(handler, (options) -> options.workerNum(1).taskWorkerNum(1))) {
			assertThat(known).containsExactlyInAnyOrder("0 0 false", "1 1 true");
			assertThat(server.server().getWorkerId()).isEqualTo(-1);
			assertThat(server.server().isTaskWorker()).isFalse();
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenStartedThenLogsItsTransportOnce(TransportType transport) {
		try (LogCapture log = LogCapture.of("io.swoole", Level.INFO);
				TestServer server = TestServer.start(TestHandler.echo(),
						(options) -> options.transport(transport).workerNum(2));
				TestClient client = server.connect()) {
			assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			assertThat(log.messages(Level.INFO)).filteredOn((message) -> message.contains("transport"))
				.containsExactly("Using transport " + transport.name().toLowerCase(Locale.ROOT));
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenPortIsTakenThenStartFailsAndNothingStays(TransportType transport) throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			SwooleServer server = SwooleServers.create(
					ServerOptions.builder().port(taken.getLocalPort()).transport(transport).build(),
					TestHandler.echo());
			assertThatExceptionOfType(PortInUseException.class).isThrownBy(server::start)
				.satisfies((ex) -> assertThat(ex.getPort()).isEqualTo(taken.getLocalPort()))
				.withMessageContaining("in use");
			assertThat(server.isRunning()).isFalse();
		}
	}

	@Test
	void whenSecondListenerCannotBeBoundThenFirstIsFreed() throws IOException {
		int free;
		try (ServerSocket probe = new ServerSocket(0)) {
			free = probe.getLocalPort();
		}
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			SwooleServer server = SwooleServers.create(TestServer.options()
				.port(free)
				.listener(ListenerOptions.builder("second").port(taken.getLocalPort()).build())
				.build(), TestHandler.echo());
			assertThatExceptionOfType(PortInUseException.class).isThrownBy(server::start)
				.satisfies((ex) -> assertThat(ex.getListener()).isEqualTo("second"));
			try (ServerSocket again = new ServerSocket(free, 1, InetAddress.getByName("127.0.0.1"))) {
				assertThat(again.isBound()).isTrue();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenWorkerStartThrowsThenStartFails(ServerMode mode) {
		for (int failing = 0; failing < 2; failing++) {
			int id = failing;
			TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> {
				if (workerId == id) {
					throw new IllegalStateException("no cache");
				}
			});
			SwooleServer server = SwooleServers
				.create(TestServer.options().mode(mode).workerNum(1).taskWorkerNum(1).build(), handler);
			assertThatIllegalStateException().isThrownBy(server::start).withMessage("no cache");
		}
	}

	/** LIFE-02: what the server cannot be built with can be tried again. */
	@Test
	@EnabledOnOs(OS.LINUX)
	void whenTransportIsNotThereThenStartFailsEachTime() {
		SwooleServer server = SwooleServers.create(TestServer.options().transport(TransportType.KQUEUE).build(),
				TestHandler.echo());
		for (ThrowingCallable start : List.<ThrowingCallable>of(server::start, server::start, server::restart,
				server::restart)) {
			assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(start)
				.withMessageContaining("transport");
			assertThat(server.isRunning()).isFalse();
		}
	}

	/** LIFE-02: the event loops are there by then. */
	@Test
	@EnabledOnOs(OS.LINUX)
	void whenServerCannotBeBuiltThenNothingStays() throws IOException {
		TaskInterceptor broken = new TaskInterceptor() {
			@Override
			public boolean supportsAfterCommit() {
				throw new IllegalStateException("no transactions");
			}
		};
		SwooleServer server = SwooleServers
			.create(TestServer.options().taskWorkerNum(1).taskInterceptor(broken).build(), TestHandler.echo());
		long before = selectors();
		for (int i = 0; i < 10; i++) {
			assertThatIllegalStateException().isThrownBy(server::start).withMessage("no transactions");
		}
		Awaitility.await().until(() -> selectors() <= before);
	}

	/** What this process waits for sockets with. */
	private static long selectors() throws IOException {
		try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
			return open.filter((file) -> {
				try {
					return Files.readSymbolicLink(file).toString().contains("eventpoll");
				}
				catch (IOException ex) {
					return false; // closed meanwhile
				}
			}).count();
		}
	}

	@Test
	void whenStartCallbackThrowsThenStartFails() {
		TestHandler handler = TestHandler.echo().start((server) -> {
			throw new IOException("no licence");
		});
		SwooleServer server = SwooleServers.create(TestServer.options().build(), handler);
		assertThatExceptionOfType(ServerException.class).isThrownBy(server::start).withMessageContaining("no licence");
	}

	@Test
	void whenStartedTwiceThenRefused() throws InterruptedException {
		SwooleServer server = SwooleServers.create(TestServer.options().build(), TestHandler.echo());
		server.start();
		assertThatIllegalStateException().isThrownBy(server::start).withMessageContaining("running");
		server.shutdown();
		assertThat(server.awaitTermination(Duration.ofSeconds(10))).isTrue();
		assertThatIllegalStateException().isThrownBy(server::start).withMessageContaining("restart()");
	}

	/** LIFE-11: what is set later holds for servers built later. */
	@Test
	void whenSettingsChangeLaterThenTheServerKeepsItsOwn() {
		ServerOptions.Builder builder = TestServer.options().workerNum(1);
		ServerOptions options = builder.build();
		SwooleServer server = SwooleServers.create(options, TestHandler.echo());
		builder.workerNum(3).listener(ListenerOptions.builder("late").port(0).build()).process("late", (ignored) -> {
		});
		server.start();
		try {
			assertThat(server.stats().workerNum()).isEqualTo(1);
			assertThat(server.stats().userWorkerNum()).isZero();
			assertThat(server.getListeners()).extracting(Listener::name).containsExactly("main");
			assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> options.listeners().clear());
		}
		finally {
			server.shutdown();
		}
	}

	/** CONN-01: an answer that comes late must not reach a client of the next run. */
	@Test
	void whenRestartedThenFdsOfTheEarlierRunAreUnknown() throws InterruptedException {
		List<Long> fds = new CopyOnWriteArrayList<>();
		SwooleServer server = SwooleServers.create(TestServer.options().build(),
				new TestHandler().receive((self, connection, packet) -> {
					fds.add(connection.fd());
					connection.send(packet.retain());
				}));
		for (int i = 0; i < 3; i++) {
			server.restart();
			try (TestClient client = TestClient.connect(server.getAddress().getPort())) {
				client.send("x").read(1);
				for (long earlier : fds.subList(0, i)) {
					assertThat(server.send(earlier, "late")).isFalse();
					assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
				}
			}
			server.shutdown();
			assertThat(server.awaitTermination(Duration.ofSeconds(10))).isTrue();
		}
		assertThat(fds).containsExactly(1L, 2L, 3L);
	}

	@Test
	void whenRestartedThenItServesAgain() throws InterruptedException {
		SwooleServer server = SwooleServers.create(TestServer.options().build(), TestHandler.echo());
		for (int i = 0; i < 3; i++) {
			server.restart();
			try (TestClient client = TestClient.connect(server.getAddress().getPort())) {
				assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			}
			server.shutdown();
			assertThat(server.awaitTermination(Duration.ofSeconds(10))).isTrue();
		}
	}

	@Test
	void whenNotStartedThenOperationsSaySo() {
		SwooleServer server = SwooleServers.create(TestServer.options().build(), TestHandler.echo());
		assertThatIllegalStateException().isThrownBy(server::getAddress);
		assertThatIllegalStateException().isThrownBy(() -> server.task("x"));
		assertThat(server.exists(1)).isFalse();
		assertThat(server.getListeners()).isEmpty();
		server.shutdown();
		assertThat(server.isRunning()).isFalse();
	}

}
