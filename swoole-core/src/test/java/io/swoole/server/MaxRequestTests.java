package io.swoole.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of event workers that begin anew after so many packets: WORK-09, WORK-10.
 */
class MaxRequestTests {

	/** WORK-10: exact up to 10 by default, and with a grace of 0. */
	@ParameterizedTest
	@CsvSource({ "BASE,10,-1", "BASE,12,0", "PROCESS,10,-1", "PROCESS,12,0" })
	void whenLimitIsReachedThenTheWorkerBeginsAnewBetweenTwoPackets(ServerMode mode, int limit, int grace) {
		List<String> events = new CopyOnWriteArrayList<>();
		AtomicInteger packets = new AtomicInteger();
		TestHandler handler = new TestHandler()
			.workerStart((server, workerId) -> events.add("start after " + packets.get()))
			.workerStop((server, workerId) -> events.add("stop after " + packets.get()))
			.receive((server, connection, packet) -> {
				packets.incrementAndGet();
				connection.send(packet.retain());
			});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode)
					.workerNum(1)
					.maxRequest(limit)
					.maxRequestGrace(grace)
					.main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = server.connect();
				TestClient other = server.connect()) {
			// all at once: none of them is lost
			client.send("x\n".repeat(2 * limit + 1));
			assertThat(client.readText(2 * (2 * limit + 1))).hasSize(2 * (2 * limit + 1));
			other.send("x\n").read(2);
			assertThat(events).containsExactly("start after 0", "stop after " + limit, "start after " + limit,
					"stop after " + 2 * limit, "start after " + 2 * limit);
		}
	}

	/** WORK-10: by default up to half of the limit more, by chance. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThereIsGraceThenTheWorkerBeginsAnewWithinIt(ServerMode mode) {
		List<Integer> lives = new CopyOnWriteArrayList<>();
		AtomicInteger packets = new AtomicInteger();
		TestHandler handler = new TestHandler().workerStop((server, workerId) -> lives.add(packets.getAndSet(0)))
			.receive((server, connection, packet) -> {
				packets.incrementAndGet();
				connection.send(packet.retain());
			});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode)
					.workerNum(1)
					.maxRequest(20)
					.main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = server.connect()) {
			client.send("x\n".repeat(1000));
			client.read(2000);
			assertThat(lives).hasSizeGreaterThanOrEqualTo(1000 / 30).allMatch((count) -> count >= 21 && count <= 30);
		}
	}

	/** WORK-09: only packets count. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenOtherEventsHappenThenTheyDoNotCount(ServerMode mode) {
		AtomicInteger starts = new AtomicInteger();
		AtomicInteger finished = new AtomicInteger();
		TestHandler handler = new TestHandler().workerStart((server, workerId) -> {
			if (workerId == 0) {
				starts.incrementAndGet();
			}
		})
			.task((server, task) -> task.data())
			.finish((server, result) -> finished.incrementAndGet())
			.pipeMessage((server, message) -> finished.incrementAndGet());
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1).maxRequest(5))) {
			for (int i = 0; i < 10; i++) {
				server.connect().close();
				server.server().task(i);
				server.server().sendMessage(i, 0);
			}
			Awaitility.await().until(() -> finished.get() == 20 && server.server().stats().closeCount() == 10);
			assertThat(starts).hasValue(1);
		}
	}

	/** WORK-09: a reload begins to count anew. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenReloadedThenCountingBeginsAnew(ServerMode mode) {
		AtomicInteger starts = new AtomicInteger();
		TestHandler handler = TestHandler.echo().workerStart((server, workerId) -> starts.incrementAndGet());
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1).maxRequest(5));
				TestClient client = server.connect()) {
			for (int i = 0; i < 4; i++) {
				client.send("x").read(1);
			}
			server.server().reload();
			Awaitility.await().until(() -> starts.get() == 2);
			for (int i = 0; i < 4; i++) {
				client.send("x").read(1);
			}
			assertThat(starts).hasValue(2);
			client.send("x").read(1);
			Awaitility.await().until(() -> starts.get() == 3);
		}
	}

	@Test
	void whenLimitsAreInvalidThenRefused() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptions.builder().maxRequest(-1).build())
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("max-request"));
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptions.builder().maxRequestGrace(-2).build())
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("max-request-grace"));
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptions.builder().taskMaxAbandonedThreads(-1).build())
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("task-max-abandoned-threads"));
		WorkerSettings settings = ServerOptions.builder().maxRequest(21).build().workers();
		assertThat(settings.maxRequestGrace()).isEqualTo(10);
		assertThat(ServerOptions.builder().maxRequest(10).build().workers().maxRequestGrace()).isZero();
		assertThat(ServerOptions.builder().maxRequest(100).maxRequestGrace(0).build().workers().maxRequestGrace())
			.isZero();
	}

}
