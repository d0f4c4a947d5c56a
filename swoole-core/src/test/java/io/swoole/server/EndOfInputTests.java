package io.swoole.server;

import java.util.concurrent.CountDownLatch;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of clients that end their side while the server is busy (CONN-06, CONN-11): what
 * they have sent is handled, and answered in full.
 */
class EndOfInputTests {

	private static final int ANSWER = 64 * 1024;

	/**
	 * More packets than may wait, so that reading pauses, and answers that do not fit
	 * into the socket, so that writing has to wait after the client's end has been read.
	 */
	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenClientEndsWhileReadingPausesThenGetsAllAnswers(ServerMode mode, TransportType transport) {
		CountDownLatch blocked = new CountDownLatch(1);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (mode == ServerMode.PROCESS) {
				blocked.await();
			}
			assertThat(connection.send(new byte[ANSWER])).isTrue();
		});
		try (LogCapture log = LogCapture.of("io.swoole"); TestServer server = TestServer.start(handler, (options) -> {
			options.mode(mode).transport(transport).workerNum(1);
			options.main((main) -> main.openEofSplit(true).packageEof("\n").socketBufferSize(0));
		}); TestClient client = TestClient.connect(server.port(), 32 * 1024)) {
			client.send("x\n".repeat(300)).shutdownOutput();
			if (mode == ServerMode.PROCESS) {
				Awaitility.await().until(() -> server.server().stats().dispatchCount() >= 64);
			}
			blocked.countDown();
			assertThat(client.readAll()).hasSize(300 * ANSWER);
			assertThat(log.messages(Level.ERROR)).isEmpty();
		}
		finally {
			blocked.countDown();
		}
	}

}
