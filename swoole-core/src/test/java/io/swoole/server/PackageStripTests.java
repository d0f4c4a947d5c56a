package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.Unpooled;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of packets without header or terminator: FRAME-03.
 */
class PackageStripTests {

	private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

	@ParameterizedTest
	@EnumSource
	void whenTerminatorIsStrippedThenSendPacketAddsItAndSendDoesNot(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			this.received.add(packet.toString(StandardCharsets.UTF_8));
			connection.sendPacket(packet.retain());
			connection.sendPacket("text");
			connection.sendPacket("bytes".getBytes());
			connection.sendPacket("");
			connection.send("raw\n");
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode)
					.main((main) -> main.openEofSplit(true).packageEof("\\n").packageStrip(true)));
				TestClient client = server.connect()) {
			client.send("hello\n");
			assertThat(client.readUntil("raw\n")).isEqualTo("hello\ntext\nbytes\n\nraw\n");
			assertThat(this.received).containsExactly("hello");
		}
	}

	@Test
	void whenForeignThreadSendsPacketsThenTheyAreWhole() throws Exception {
		BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> connections.add(connection));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.main((main) -> main.openLengthCheck(true).packageStrip(true)));
				TestClient client = server.connect()) {
			client.send(new byte[4]);
			Connection connection = connections.poll(20, TimeUnit.SECONDS);
			assertThat(connection).isNotNull();
			for (int length : new int[] { 0, 1, 2000, 3000, 100_000 }) {
				assertThat(connection.sendPacket(Unpooled.buffer().writeZero(length))).isTrue();
				assertThat(client.read(4))
					.isEqualTo(new byte[] { 0, (byte) (length >>> 16), (byte) (length >>> 8), (byte) length });
				assertThat(client.read(length)).isEqualTo(new byte[length]);
			}
		}
	}

	@Test
	void whenNothingIsStrippedThenSendPacketIsSend() {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.sendPacket(packet.retain());
			assertThat(connection.sendPacket("")).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.NO_PAYLOAD);
			connection.sendPacket("b\n");
			connection.sendPacket("c\n".getBytes());
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.main((main) -> main.openEofSplit(true).packageEof("\\n")));
				TestClient client = server.connect()) {
			assertThat(client.send("a\n").readText(6)).isEqualTo("a\nb\nc\n");
		}
		assertThat(handler.errors).isEmpty();
	}

}
