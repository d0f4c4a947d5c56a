package io.swoole.server;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the shortest way through a server.
 */
class EchoTests {

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenBytesAreSentThenTheyComeBack(ServerMode mode) {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			assertThat(client.send("hello").readText(5)).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenTransportIsChosenThenItServes(TransportType transport) {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.transport(transport));
				TestClient client = server.connect()) {
			assertThat(client.send("hello").readText(5)).isEqualTo("hello");
		}
	}

}
