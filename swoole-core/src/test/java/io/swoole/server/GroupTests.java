package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Groups, users and broadcasts.
 */
class GroupTests {

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientsJoinThenGroupHasThemUntilTheyLeaveOrEnd(ServerMode mode) throws Exception {
		BlockingQueue<Boolean> joined = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> connection.join("all"))
			.close((server, connection, reactorId) -> {
				joined.add(connection.join("late"));
				joined.add(server.join(connection.fd(), "late"));
			});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode));
				TestClient first = echoing(server.connect());
				TestClient second = echoing(server.connect())) {
			TestClient third = echoing(server.connect());
			SwooleServer swoole = server.server();
			assertThat(swoole.join(1, "room")).isTrue();
			assertThat(swoole.join(1, "room")).isTrue();
			assertThat(swoole.join(3, "room")).isTrue();
			assertThat(swoole.getGroup("all")).containsExactlyInAnyOrder(1L, 2L, 3L);
			assertThat(swoole.getGroup("room")).containsExactlyInAnyOrder(1L, 3L);
			assertThat(swoole.getGroup("nobody")).isEmpty();
			assertThat(swoole.leave(1, "room")).isTrue();
			assertThat(swoole.leave(1, "room")).isTrue();
			assertThat(swoole.getLastError()).isEqualTo(SwooleError.NONE);
			assertThat(swoole.getGroup("room")).containsExactly(3L);
			third.close();
			assertThat(joined.poll(10, TimeUnit.SECONDS)).isFalse();
			assertThat(joined.poll(10, TimeUnit.SECONDS)).isFalse();
			Awaitility.await().until(() -> swoole.getGroup("room").isEmpty() && swoole.getGroup("all").size() == 2);
			Awaitility.await().until(() -> swoole.stats().connectionNum() == 2);
			assertThat(swoole.getGroup("late")).isEmpty();
			assertThat(swoole.join(3, "room")).isFalse();
			assertThat(swoole.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			assertThat(swoole.leave(99, "room")).isFalse();
			assertThat(swoole.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			echoing(first);
			echoing(second);
		}
	}

	@Test
	void whenGroupHasNoNameThenThrows() {
		try (TestServer server = TestServer.start(TestHandler.echo())) {
			assertThatNullPointerException().isThrownBy(() -> server.server().join(1, null));
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenSomethingIsBroadcastThenReachesTheRightOnes(ServerMode mode, TransportType transport) {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode).transport(transport))) {
			SwooleServer swoole = server.server();
			List<TestClient> clients = new ArrayList<>();
			for (int i = 1; i <= 150; i++) {
				clients.add(echoing(server.connect()));
				if (i % 3 == 0) {
					swoole.join(i, "third");
				}
				if (i % 50 == 0) {
					assertThat(swoole.bind(i, 7)).isTrue();
				}
			}
			long responses = swoole.stats().responseCount();
			assertThat(swoole.broadcast(bytes("all"))).isEqualTo(150);
			assertThat(swoole.broadcast("third", bytes("third"))).isEqualTo(50);
			assertThat(swoole.sendToUser(7, bytes("seven"))).isEqualTo(3);
			assertThat(swoole.broadcast(bytes("."))).isEqualTo(150);
			assertThat(swoole.stats().responseCount()).isEqualTo(responses + 150 + 50 + 3 + 150);
			for (int i = 1; i <= 150; i++) {
				String expected = "all" + ((i % 3 == 0) ? "third" : "") + ((i % 50 == 0) ? "seven" : "") + ".";
				assertThat(clients.get(i - 1).readUntil(".")).isEqualTo(expected);
			}
			Awaitility.await().until(() -> swoole.getClientInfo(150).orElseThrow().sendQueuedBytes() == 0);
			clients.forEach(TestClient::close);
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenSomethingIsBroadcastThenEachEventLoopIsWokenOnce(ServerMode mode) throws Exception {
		Set<SingleThreadEventExecutor> loops = ConcurrentHashMap.newKeySet();
		CountDownLatch held = new CountDownLatch(2);
		CountDownLatch go = new CountDownLatch(1);
		List<TestClient> clients = new ArrayList<>();
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode)
			.workerNum(2)
			.reactorNum(2)
			.pipelineCustomizer((pipeline) -> loops.add((SingleThreadEventExecutor) pipeline.channel().eventLoop())))) {
			for (int i = 0; i < 100; i++) {
				clients.add(echoing(server.connect()));
			}
			assertThat(loops).hasSize(2);
			loops.forEach((loop) -> loop.execute(() -> {
				held.countDown();
				assertThatNoException().isThrownBy(go::await);
			}));
			assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
			int before = loops.stream().mapToInt(SingleThreadEventExecutor::pendingTasks).sum();
			assertThat(server.server().broadcast(bytes("all"))).isEqualTo(100);
			assertThat(loops.stream().mapToInt(SingleThreadEventExecutor::pendingTasks).sum() - before).isEqualTo(2);
			go.countDown();
			clients.forEach((client) -> assertThat(client.readText(3)).isEqualTo("all"));
		}
		finally {
			go.countDown();
			clients.forEach(TestClient::close);
		}
	}

	/** From an event worker, a task worker and any other thread. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThreadSendsAndBroadcastsThenItsOrderHolds(ServerMode mode) {
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> connection.join("room"))
			.receive((server, connection, packet) -> {
				connection.send("1");
				if (packet.getByte(0) == 't') {
					server.task(connection.fd());
				}
				else {
					talk(server, connection.fd());
				}
			})
			.task((server, task) -> {
				talk(server, (Long) task.data());
				return null;
			});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).taskWorkerNum(1));
				TestClient speaker = server.connect();
				TestClient listener = server.connect()) {
			Awaitility.await().until(() -> server.server().getGroup("room").size() == 2);
			speaker.send("w");
			assertThat(speaker.readText(601)).isEqualTo("1" + "23".repeat(300));
			assertThat(listener.readText(300)).isEqualTo("2".repeat(300));
			speaker.send("t");
			assertThat(speaker.readText(601)).isEqualTo("1" + "23".repeat(300));
			assertThat(listener.readText(300)).isEqualTo("2".repeat(300));
			talk(server.server(), 1);
			assertThat(speaker.readText(600)).isEqualTo("23".repeat(300));
			assertThat(listener.readText(300)).isEqualTo("2".repeat(300));
		}
	}

	private static void talk(SwooleServer server, long fd) {
		for (int i = 0; i < 300; i++) {
			assertThat(server.broadcast("room", bytes("2"))).isEqualTo(2);
			assertThat(server.send(fd, bytes("3"))).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenDataAreLargeThenArriveWhole(ServerMode mode) {
		byte[] large = new byte[300_000];
		for (int i = 0; i < large.length; i++) {
			large[i] = (byte) (i * 31 >>> 3);
		}
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode))) {
			List<TestClient> clients = new ArrayList<>();
			for (int i = 0; i < 5; i++) {
				clients.add(echoing(server.connect()));
			}
			assertThat(server.server().broadcast(large)).isEqualTo(5);
			assertThat(server.server().broadcast(bytes("end"))).isEqualTo(5);
			for (TestClient client : clients) {
				assertThat(client.read(large.length)).isEqualTo(large);
				assertThat(client.readText(3)).isEqualTo("end");
				client.close();
			}
		}
	}

	/** BUF-01, BUF-07: a client that does not read is left out, the others are not. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientDoesNotReadThenIsLeftOutAndNotCounted(ServerMode mode) {
		byte[] block = new byte[64 * 1024];
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode)
					.main()
					.socketBufferSize(256 * 1024)
					.kernelSocketSendBufferSize(64 * 1024));
				TestClient slow = echoing(TestClient.connect(server.port(), 8192));
				TestClient quick = echoing(server.connect())) {
			int slowGot = 0;
			int rounds = 0;
			int accepted = 2;
			while (accepted == 2) {
				accepted = server.server().broadcast(block);
				assertThat(quick.read(block.length)).isEqualTo(block);
				slowGot += (accepted == 2) ? 1 : 0;
				assertThat(++rounds).isLessThan(2000);
			}
			assertThat(accepted).isOne();
			// the kernel may have taken some since
			assertThat(server.server().getClientInfo(1).orElseThrow().sendQueuedBytes())
				.isLessThanOrEqualTo(256 * 1024L + block.length);
			assertThat(slow.read(slowGot * block.length)).hasSize(slowGot * block.length);
			Awaitility.await().until(() -> server.server().getClientInfo(1).orElseThrow().sendQueuedBytes() == 0);
			assertThat(server.server().broadcast(bytes("back"))).isEqualTo(2);
			assertThat(slow.readText(4)).isEqualTo("back");
			assertThat(quick.readText(4)).isEqualTo("back");
		}
	}

	/**
	 * What was broadcast before a connection is closed arrives, what comes after it not.
	 */
	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenConnectionsAreClosedBetweenBroadcastsThenAreLeftOutAtOnce(ServerMode mode, TransportType transport) {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.mode(mode).transport(transport))) {
			SwooleServer swoole = server.server();
			List<TestClient> clients = new ArrayList<>();
			for (int fd = 1; fd <= 200; fd++) {
				clients.add(echoing(server.connect()));
				swoole.join(fd, "room");
			}
			assertThat(swoole.broadcast(bytes("before"))).isEqualTo(200);
			for (int fd = 3; fd <= 200; fd += 3) {
				assertThat(swoole.close(fd)).isTrue();
			}
			assertThat(swoole.broadcast(bytes("after"))).isEqualTo(134);
			assertThat(swoole.broadcast("room", bytes("room"))).isEqualTo(134);
			for (int fd = 1; fd <= 200; fd++) {
				TestClient client = clients.get(fd - 1);
				if (fd % 3 == 0) {
					assertThat(client.readAll()).isEqualTo(bytes("before"));
				}
				else {
					assertThat(client.readText(15)).isEqualTo("beforeafterroom");
				}
				client.close();
			}
			Awaitility.await().until(() -> swoole.stats().connectionNum() == 0);
			assertThat(swoole.broadcast(bytes("nobody"))).isZero();
			assertThat(swoole.getGroup("room")).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenOthersComeAndGoThenBroadcastsMissNobodyWhoStays(ServerMode mode) throws Exception {
		TestHandler handler = TestHandler.echo().connect((server, connection, reactorId) -> connection.join("room"));
		AtomicBoolean done = new AtomicBoolean();
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode))) {
			List<TestClient> staying = new ArrayList<>();
			List<TestClient> leaving = new ArrayList<>();
			for (int i = 0; i < 40; i++) {
				leaving.add(echoing(server.connect()));
				staying.add(echoing(server.connect()));
			}
			Thread others = new Thread(() -> {
				leaving.forEach(TestClient::close);
				while (!done.get()) {
					try (TestClient client = server.connect().send("x")) {
						client.read(1);
					}
				}
			});
			others.start();
			for (int i = 0; i < 300; i++) {
				assertThat(server.server().broadcast(bytes("a"))).isGreaterThanOrEqualTo(staying.size());
				assertThat(server.server().broadcast("room", bytes("b"))).isGreaterThanOrEqualTo(staying.size());
			}
			done.set(true);
			others.join();
			for (TestClient client : staying) {
				assertThat(client.readText(600)).isEqualTo("ab".repeat(300));
				client.close();
			}
		}
		finally {
			done.set(true);
		}
	}

	@Test
	void whenManySmallBroadcastsGoToASlowClientThenAllArrive() {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.main().kernelSocketSendBufferSize(8192));
				TestClient slow = echoing(TestClient.connect(server.port(), 4096))) {
			StringBuilder expected = new StringBuilder();
			for (int i = 0; i < 20_000; i++) {
				String text = "message " + i + "\n";
				assertThat(server.server().broadcast(bytes(text))).isOne();
				expected.append(text);
			}
			assertThat(slow.readText(expected.length())).isEqualTo(expected.toString());
		}
	}

	@Test
	void whenThereIsNothingToSendThenNobodyAccepts() {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.outputBufferSize(100));
				TestClient client = echoing(server.connect())) {
			assertThat(server.server().broadcast(new byte[0])).isZero();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.NO_PAYLOAD);
			assertThat(server.server().broadcast(new byte[101])).isZero();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.DATA_LENGTH_TOO_LARGE);
			assertThat(server.server().broadcast("nobody", bytes("x"))).isZero();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.NONE);
			assertThat(server.server().sendToUser(5, bytes("x"))).isZero();
			echoing(client);
		}
	}

	@Test
	void whenConnectionOfUserEndsThenUserIsReachedOnTheOthers() {
		try (TestServer server = TestServer.start(TestHandler.echo()); TestClient phone = echoing(server.connect())) {
			TestClient desk = echoing(server.connect());
			assertThat(server.server().bind(1, 42)).isTrue();
			assertThat(server.server().bind(2, 42)).isTrue();
			assertThat(server.server().bind(2, 43)).isFalse();
			assertThat(server.server().sendToUser(42, bytes("both"))).isEqualTo(2);
			assertThat(desk.readText(4)).isEqualTo("both");
			desk.close();
			Awaitility.await().until(() -> !server.server().exists(2));
			assertThat(server.server().sendToUser(42, bytes("one"))).isOne();
			assertThat(phone.readText(7)).isEqualTo("bothone");
			assertThat(server.server().sendToUser(43, bytes("none"))).isZero();
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientsComeAndGoDuringBroadcastsThenNothingIsLeft(ServerMode mode) throws Exception {
		TestHandler handler = TestHandler.echo().connect((server, connection, reactorId) -> {
			connection.join("room");
			connection.bind(1 + connection.fd() % 3);
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode))) {
			List<Thread> threads = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				boolean reset = i == 0;
				threads.add(new Thread(() -> {
					for (int j = 0; j < 100; j++) {
						TestClient client = server.connect().send("x");
						if (reset) {
							client.reset();
						}
						else {
							client.read(1);
							client.close();
						}
					}
				}));
			}
			threads.forEach(Thread::start);
			while (threads.stream().anyMatch(Thread::isAlive)) {
				server.server().broadcast("room", new byte[3000]);
				server.server().broadcast(new byte[10]);
				server.server().sendToUser(2, new byte[100]);
			}
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			assertThat(server.server().getGroup("room")).isEmpty();
			assertThat(handler.errors).isEmpty();
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static TestClient echoing(TestClient client) {
		assertThat(client.send("hello").readText(5)).isEqualTo("hello");
		return client;
	}

}
