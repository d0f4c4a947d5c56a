package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.swoole.server.connection.NettyConnection;
import io.swoole.testing.LogCapture;
import io.swoole.testing.Setup;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@code half-close}: CONN-06.
 */
@Timeout(60)
class HalfCloseTests {

	private static final String SETUPS = "io.swoole.testing.Setup#available";

	private final List<String> events = new CopyOnWriteArrayList<>();

	private static TestServer start(Setup setup, TestHandler handler, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			setup.accept(options);
			settings.accept(options.workerNum(2)
				.taskWorkerNum(4)
				.main((main) -> main.halfClose(true).openEofSplit(true).packageEof(";")));
		});
	}

	private static TestServer start(Setup setup, TestHandler handler) {
		return start(setup, handler, (options) -> {
		});
	}

	/** A handler whose answers come from tasks. */
	private TestHandler tasks(CountDownLatch release) {
		return new TestHandler()
			.receive((server, connection, packet) -> server
				.task(connection.fd() + "/" + packet.toString(StandardCharsets.UTF_8)))
			.task((server, task) -> {
				release.await(20, TimeUnit.SECONDS);
				return task.data();
			})
			.finish((server, result) -> {
				String[] parts = String.valueOf(result.data()).split("/");
				this.events.add("finish " + server.send(Long.parseLong(parts[0]), parts[1]));
			})
			.close((server, connection, reactorId) -> this.events.add("close " + (reactorId >= 0)));
	}

	private static void awaitNoConnection(TestServer server) {
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> server.server().stats().connectionNum() == 0);
	}

	/** The answers of all tasks reach a client that has ended its side. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenClientEndsItsSideThenTasksAreAnsweredBeforeTheClose(Setup setup) {
		CountDownLatch release = new CountDownLatch(1);
		try (TestServer server = start(setup, tasks(release)); TestClient client = server.connect()) {
			client.send("a;b;c;d;e;").shutdownOutput();
			Awaitility.await().until(() -> server.server().stats().taskCount() == 5);
			assertThat(server.server().exists(1)).isTrue();
			release.countDown();
			assertThat(new String(client.readAll(), StandardCharsets.UTF_8)).hasSize(10)
				.contains("a;", "b;", "c;", "d;", "e;");
			awaitNoConnection(server);
			assertThat(this.events).hasSize(6)
				.endsWith("close true")
				.contains("finish true")
				.doesNotContain("finish false");
		}
	}

	/** Also a large answer that comes long after, and a client that reads slowly. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenAnswerIsLargeThenAllOfItArrives(Setup setup) {
		CountDownLatch release = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection.fd()))
			.task((server, task) -> {
				release.await(20, TimeUnit.SECONDS);
				return task.data();
			})
			.finish((server, result) -> server.send((Long) result.data(), new byte[8_000_000]));
		try (TestServer server = start(setup, handler);
				TestClient client = TestClient.connect(server.port(), 8192);
				TestClient other = server.connect()) {
			client.send("x;").shutdownOutput();
			Awaitility.await().until(() -> server.server().stats().taskCount() == 1);
			other.shutdownOutput();
			assertThat(other.readAll()).isEmpty();
			release.countDown();
			assertThat(client.readAll().length).isEqualTo(8_000_000);
			awaitNoConnection(server);
		}
	}

	/** Without tasks it is closed at once, after its packets and their answers. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenThereAreNoTasksThenConnectionIsClosedAtOnce(Setup setup) {
		TestHandler handler = TestHandler.echo();
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.halfCloseTimeout(Duration.ofMinutes(10))));
				TestClient client = server.connect();
				TestClient silent = server.connect()) {
			client.send("a;b;").shutdownOutput();
			assertThat(client.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("a;b;");
			silent.shutdownOutput();
			assertThat(silent.readAll()).isEmpty();
			awaitNoConnection(server);
		}
	}

	/** Tasks that end without a result do not keep the connection. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenTasksFailOrReturnNothingThenConnectionIsClosed(Setup setup) {
		TestHandler handler = new TestHandler()
			.receive((server, connection, packet) -> server.task(packet.toString(StandardCharsets.UTF_8)))
			.task((server, task) -> {
				if (task.data().equals("fail;")) {
					throw new IllegalStateException("expected by the test");
				}
				return null;
			});
		try (TestServer server = start(setup, handler,
				(options) -> options.main((main) -> main.halfCloseTimeout(Duration.ofMinutes(10))));
				TestClient client = server.connect()) {
			client.send("fail;nothing;").shutdownOutput();
			assertThat(client.readAll()).isEmpty();
			awaitNoConnection(server);
		}
	}

	/** A task posted in the callback of a result counts for the same connection. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenResultLeadsToAnotherTaskThenThatIsWaitedForToo(Setup setup) {
		AtomicInteger steps = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> server.task(connection))
			.task((server, task) -> {
				NettyConnection connection = (NettyConnection) task.data();
				Awaitility.await().until(connection.life()::hasInputEnded);
				return connection;
			})
			.finish((server, result) -> {
				if (steps.incrementAndGet() < 4) {
					server.task(result.data());
				}
				else {
					((Connection) result.data()).send("done");
				}
			});
		try (TestServer server = start(setup, handler); TestClient client = server.connect()) {
			client.send("x;").shutdownOutput();
			assertThat(client.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("done");
			awaitNoConnection(server);
		}
	}

	/** Patience has an end. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenTaskTakesTooLongThenConnectionIsClosed(Setup setup) {
		CountDownLatch release = new CountDownLatch(1);
		try (LogCapture log = LogCapture.of("io.swoole.server.connection", Level.INFO);
				TestServer server = start(setup, tasks(release),
						(options) -> options.main((main) -> main.halfCloseTimeout(Duration.ofMillis(200))));
				TestClient client = server.connect()) {
			client.send("a;").shutdownOutput();
			assertThat(client.readAll()).isEmpty();
			awaitNoConnection(server);
			release.countDown();
			Awaitility.await().until(() -> this.events.size() == 2);
			assertThat(this.events).containsExactly("close true", "finish false");
			assertThat(log.messages(Level.INFO)).anySatisfy(
					(message) -> assertThat(message).contains("fd=1", "1 tasks were not answered within 200 ms"));
		}
	}

	/** A client that breaks off meanwhile is not waited for. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenServerClosesHalfClosedConnectionThenEventComesOnce(Setup setup) {
		CountDownLatch release = new CountDownLatch(1);
		try (TestServer server = start(setup, tasks(release)); TestClient client = server.connect()) {
			client.send("a;").shutdownOutput();
			Awaitility.await().until(() -> server.server().stats().taskCount() == 1);
			assertThat(server.server().send(1, "bye")).isTrue();
			assertThat(server.server().close(1)).isTrue();
			assertThat(client.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("bye");
			awaitNoConnection(server);
			release.countDown();
			Awaitility.await().until(() -> this.events.size() == 2);
			assertThat(this.events).containsExactly("close false", "finish false");
		}
	}

	/** A reset shows when something is sent, and ends the wait. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenHalfClosedClientResetsThenConnectionEnds(Setup setup) {
		CountDownLatch release = new CountDownLatch(1);
		try (TestServer server = start(setup, tasks(release))) {
			TestClient client = TestClient.connect(server.port(), 8192);
			client.send("a;").shutdownOutput();
			Awaitility.await().until(() -> server.server().stats().taskCount() == 1);
			assertThat(server.server().send(1, new byte[20_000_000])).isTrue();
			client.read(1000);
			client.reset();
			awaitNoConnection(server);
			release.countDown();
			Awaitility.await().until(() -> this.events.size() == 2);
			assertThat(this.events).containsExactly("close true", "finish false");
		}
	}

	/**
	 * Packets that other workers have in their queues are handled although their client
	 * is gone, and the end comes after all of them (DISP-11).
	 */
	@ParameterizedTest
	@CsvSource({ "ROUND_ROBIN, false", "ROUND_ROBIN, true", "IDLE_FIRST, false" })
	void whenHalfClosedClientResetsThenPacketsInOtherWorkersAreStillHandled(DispatchMode mode, boolean closeEvents) {
		CountDownLatch release = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			// its owner, which runs the close callback, is quicker than the other one
			if (mode != DispatchMode.ROUND_ROBIN || server.getWorkerId() != 1) {
				release.await(20, TimeUnit.SECONDS);
			}
			handled.incrementAndGet();
		}).close((server, connection, reactorId) -> this.events.add("close " + handled));
		try (TestServer server = start(Setup.PROCESS, handler,
				(options) -> options.dispatchMode(mode).enableUnsafeEvent(closeEvents))) {
			TestClient client = TestClient.connect(server.port(), 8192);
			client.send("x;".repeat(20)).shutdownOutput();
			Awaitility.await().until(() -> server.server().stats().dispatchCount() == 20);
			NettyConnection connection = (NettyConnection) server.server().getConnections().iterator().next();
			Awaitility.await().until(connection.life()::hasInputEnded);
			assertThat(connection.send(new byte[20_000_000])).isTrue();
			client.read(1000);
			client.reset();
			Awaitility.await().until(() -> !connection.send("x"));
			release.countDown();
			awaitNoConnection(server);
			assertThat(handled).hasValue(20);
			assertThat(server.server().stats().closeCount()).isEqualTo(1);
			assertThat(server.server().stats().discardCount()).isZero();
			assertThat(this.events).isEqualTo(closeEvents ? List.of("close 20") : List.of());
		}
		finally {
			release.countDown();
		}
	}

	/** A client that breaks off at once ends as without half-close (DISP-12). */
	@ParameterizedTest
	@CsvSource({ "false", "true" })
	void whenClientResetsThenTheStrategyIsAskedAboutTheClose(boolean discard) {
		AtomicInteger asked = new AtomicInteger();
		DispatchStrategy strategy = (server, connection, event, data) -> {
			if (event != DispatchEvent.CLOSE) {
				return DispatchStrategy.DEFAULT;
			}
			asked.incrementAndGet();
			return discard ? DispatchStrategy.DISCARD : DispatchStrategy.DEFAULT;
		};
		TestHandler handler = TestHandler.echo().close((server, connection, reactorId) -> this.events.add("close"));
		try (TestServer server = start(Setup.PROCESS, handler, (options) -> options.dispatchStrategy(strategy))) {
			TestClient client = server.connect();
			assertThat(client.send("a;").readText(2)).isEqualTo("a;");
			client.reset();
			awaitNoConnection(server);
			assertThat(asked).hasValue(1);
			assertThat(this.events).isEqualTo(discard ? List.of() : List.of("close"));
		}
	}

	/** Every listener decides for itself. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenOtherListenerHasNoHalfCloseThenItsConnectionsDoNotWait(Setup setup) {
		CountDownLatch release = new CountDownLatch(1);
		try (TestServer server = start(setup, tasks(release),
				(options) -> options
					.listener(ListenerOptions.builder("full").openEofSplit(true).packageEof(";").build()));
				TestClient client = TestClient.connect(server.port("full"))) {
			client.send("a;").shutdownOutput();
			assertThat(client.readAll()).isEmpty();
			awaitNoConnection(server);
			release.countDown();
			Awaitility.await().until(() -> this.events.size() == 2);
			assertThat(this.events).containsExactly("close true", "finish false");
		}
	}

	/** The stop of the server waits for the answer, too. */
	@ParameterizedTest
	@MethodSource(SETUPS)
	void whenServerStopsThenHalfClosedClientGetsItsAnswer(Setup setup) {
		CountDownLatch release = new CountDownLatch(1);
		TestServer server = start(setup, tasks(release), (options) -> options.maxWaitTime(Duration.ofSeconds(20)));
		try (TestClient client = server.connect()) {
			client.send("a;").shutdownOutput();
			Awaitility.await().until(() -> server.server().stats().taskCount() == 1);
			server.server().shutdown();
			release.countDown();
			assertThat(client.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("a;");
		}
		finally {
			server.close();
		}
	}

}
