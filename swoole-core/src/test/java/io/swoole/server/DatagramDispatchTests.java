package io.swoole.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import io.swoole.testing.TestDatagrams;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of how a datagram finds its worker (DISP-12, DISP-13). The answer to a datagram
 * is the worker that has handled it.
 */
class DatagramDispatchTests {

	private final TestHandler handler = new TestHandler().packet((server, packet) -> server.sendTo(packet.address(),
			Integer.toString(server.getWorkerId()).getBytes(), packet.serverPort()));

	@ParameterizedTest
	@CsvSource({ "BASE, FIXED", "PROCESS, FIXED", "BASE, IP_HASH", "PROCESS, IP_HASH", "BASE, UID", "PROCESS, UID" })
	void whenModeIsByAddressThenWorkerIsAddressModuloWorkerNum(ServerMode mode, DispatchMode dispatchMode) {
		try (TestServer server = start(mode, (options) -> options.dispatchMode(dispatchMode))) {
			for (int last = 1; last <= 4; last++) {
				try (TestDatagrams client = new TestDatagrams("127.0.0." + last)) {
					for (int i = 0; i < 3; i++) {
						assertThat(ask(client, server, "x")).isEqualTo((int) ((0x7f00_0000L + last) % 3));
					}
				}
			}
		}
	}

	@ParameterizedTest
	@CsvSource({ "BASE, ROUND_ROBIN", "PROCESS, ROUND_ROBIN", "BASE, PINNED", "PROCESS, PINNED", "BASE, LEAST_BUSY",
			"PROCESS, LEAST_BUSY", "BASE, IDLE_FIRST", "PROCESS, IDLE_FIRST" })
	void whenModeIsInTurnThenEveryWorkerGetsSome(ServerMode mode, DispatchMode dispatchMode) {
		try (TestServer server = start(mode, (options) -> options.dispatchMode(dispatchMode));
				TestDatagrams client = new TestDatagrams()) {
			Map<Integer, Integer> counts = new HashMap<>();
			for (int i = 0; i < 30; i++) {
				counts.merge(ask(client, server, "x"), 1, Integer::sum);
			}
			assertThat(counts).containsOnlyKeys(0, 1, 2);
			if (dispatchMode == DispatchMode.ROUND_ROBIN) {
				assertThat(counts.values()).containsOnly(10);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThereIsStrategyThenItChoosesOrDiscards(ServerMode mode) {
		Queue<String> asked = new ConcurrentLinkedQueue<>();
		DispatchStrategy strategy = (server, connection, event, data) -> {
			asked.add(event + " " + connection);
			return data.readByte() - '0';
		};
		try (TestServer server = start(mode, (options) -> options.dispatchStrategy(strategy));
				TestDatagrams client = new TestDatagrams()) {
			for (int worker : new int[] { 2, 0, 1, 1, 2 }) {
				assertThat(ask(client, server, worker + "")).isEqualTo(worker);
			}
			assertThat(asked).hasSize(5).containsOnly("DATAGRAM null");
			client.send("/", server.port("events")).send("9", server.port("events"));
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> server.server().stats().discardCount() == 2);
			assertThat(ask(client, server, "1")).isEqualTo(1);
		}
	}

	private TestServer start(ServerMode mode, Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(this.handler, (options) -> {
			options.mode(mode).workerNum(3);
			options.listener(ListenerOptions.builder("events").type(ListenerType.UDP).port(0).build());
			settings.accept(options);
		});
	}

	private static int ask(TestDatagrams client, TestServer server, String question) {
		return Integer.parseInt(client.send(question, server.port("events")).receiveText());
	}

}
