package io.swoole.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBufUtil;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for code that comes back to the worker of a callback, and for packets that are
 * not what the application expects.
 */
class WorkerExecutorTests {

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenCodeComesBackThenRunsInWorkerOfConnection(ServerMode mode) {
		assertComesBack(mode, false);
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenCodeComesBackToVirtualThreadsThenRunsInOrderWithConnection() {
		assertComesBack(ServerMode.BASE, true);
	}

	private static void assertComesBack(ServerMode mode, boolean coroutines) {
		List<String> seen = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			Executor worker = server.getWorkerExecutor("receive");
			int workerId = server.getWorkerId();
			new Thread(() -> worker.execute(() -> {
				seen.add("later in " + (server.getWorkerId() - workerId));
				server.send(connection.fd(), "ok");
			})).start();
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).enableCoroutine(coroutines));
				TestClient client = server.connect()) {
			for (int i = 1; i <= 10; i++) {
				client.send("x");
				assertThat(client.readText(2)).isEqualTo("ok");
				assertThat(seen).hasSize(i).containsOnly("later in 0");
			}
		}
	}

	@Test
	void whenCodeFailsThenIsReportedWithConnectionAndEvent() {
		TestHandler handler = new TestHandler()
			.receive((server, connection, packet) -> server.getWorkerExecutor("receive").execute(() -> {
				throw new IllegalStateException("later");
			}));
		try (TestServer server = TestServer.start(handler); TestClient client = server.connect()) {
			client.send("x");
			await().atMost(Duration.ofSeconds(30)).until(() -> !handler.errors.isEmpty());
			HandlerError error = handler.errors.get(0);
			assertThat(error.event()).isEqualTo("receive");
			assertThat(error.fd()).isOne();
			assertThat(error.cause()).hasMessage("later");
			assertThat(server.server().stats().handlerErrorCount()).isOne();
		}
	}

	@Test
	void whenThreadIsNoWorkerThenWorkerZeroRunsCode() throws Exception {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.workerNum(2))) {
			CompletableFuture<Integer> worker = CompletableFuture.supplyAsync(() -> server.server().getWorkerId(),
					server.server().getWorkerExecutor("later"));
			assertThat(worker.get(30, TimeUnit.SECONDS)).isZero();
		}
	}

	@Test
	void whenServerHasStoppedThenRejects() {
		SwooleServer stopped;
		Executor executor;
		try (TestServer server = TestServer.start(TestHandler.echo())) {
			stopped = server.server();
			executor = stopped.getWorkerExecutor("later");
		}
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> executor.execute(() -> {
		}));
		assertThatIllegalStateException().isThrownBy(() -> stopped.getWorkerExecutor("later"));
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenPacketIsUnreadableThenCountsReportsAndClosesConnection(ServerMode mode) {
		List<String> handled = new CopyOnWriteArrayList<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			String text = new String(ByteBufUtil.getBytes(packet));
			if (text.equals("bad;")) {
				connection.send("sorry");
				throw new UnreadablePacketException("no good", null);
			}
			handled.add(text);
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).main((main) -> main.openEofSplit(true).packageEof(";")));
				TestClient client = server.connect()) {
			client.send("good;bad;never;");
			assertThat(new String(client.readAll())).isEqualTo("sorry");
			assertThat(handled).containsExactly("good;");
			ServerStats stats = server.server().stats();
			assertThat(stats.unreadablePacketCount()).isOne();
			assertThat(stats.handlerErrorCount()).isZero();
			assertThat(handler.errors).singleElement()
				.extracting(HandlerError::event, HandlerError::fd)
				.containsExactly("receive", 1L);
		}
	}

}
