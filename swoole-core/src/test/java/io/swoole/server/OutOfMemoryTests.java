package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import ch.qos.logback.classic.Level;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.IllegalReferenceCountException;
import io.swoole.testing.FailingAllocator;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of a connection for which there is no memory: it ends, and nothing else does.
 */
@Timeout(60)
class OutOfMemoryTests {

	private static final String MODES = "io.swoole.testing.Transports#inEachMode";

	/** More than the sends of {@link #send} need. */
	private static final int BUFFERS = 14;

	private final FailingAllocator allocator = new FailingAllocator();

	/** A server in which only connections with odd fds may run out of memory. */
	private TestServer start(ServerMode mode, TransportType transport, TestHandler handler) {
		AtomicInteger connections = new AtomicInteger();
		return TestServer.start(handler,
				(options) -> options.mode(mode).transport(transport).workerNum(1).pipelineCustomizer((pipeline) -> {
					int fd = connections.incrementAndGet();
					if (fd % 2 == 1) {
						pipeline.channel().config().setAllocator(this.allocator);
					}
					if (fd % 4 == 1) {
						pipeline.addFirst(new Careless());
					}
				}));
	}

	/** Sends in every way; returns what a client should get. */
	private static byte[] send(Connection connection) {
		byte[] all = new byte[400_000];
		for (int i = 0; i < all.length; i++) {
			all[i] = (byte) ('a' + (i / 7 + i / 4001) % 26);
		}
		int end = 0;
		for (int length : new int[] { 100, 3000, 100_000 }) {
			connection.send(Arrays.copyOfRange(all, end, end += length));
			connection.send(new String(all, end, length, StandardCharsets.US_ASCII));
			end += length;
			connection.send(Unpooled.copiedBuffer(all, end, length));
			end += length;
		}
		return Arrays.copyOf(all, end);
	}

	/** CONN-11: what a client gets has no holes. */
	@ParameterizedTest
	@MethodSource(MODES)
	void whenMemoryIsMissingForASendThenOnlyThatConnectionEnds(ServerMode mode, TransportType transport) {
		AtomicReference<byte[]> sent = new AtomicReference<>();
		LinkedBlockingQueue<Connection> closed = new LinkedBlockingQueue<>();
		AtomicInteger buffers = new AtomicInteger();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (connection.fd() % 2 == 0) {
				connection.send(packet.retain());
				return;
			}
			this.allocator.failAfter(buffers.get());
			sent.set(send(connection));
			connection.close();
		}).close((server, connection, reactorId) -> closed.add(connection));
		int failures = 0;
		try (TestServer server = start(mode, transport, handler); LogCapture log = LogCapture.of("io.swoole.server")) {
			for (; buffers.get() < BUFFERS; buffers.incrementAndGet()) {
				try (TestClient broken = server.connect()) {
					Awaitility.await().until(() -> server.server().getConnectionCount() == 1);
					try (TestClient other = server.connect()) {
						broken.send("x");
						byte[] received = broken.readAll();
						Connection connection = Awaitility.await().until(closed::poll, (next) -> next != null);
						Awaitility.await().until(() -> server.server().getConnectionCount() == 1);
						byte[] all = sent.get();
						assertThat(received).isEqualTo(Arrays.copyOf(all, received.length));
						if (this.allocator.hasFailed()) {
							failures++;
							assertThat(received.length).isLessThan(all.length);
						}
						else {
							assertThat(received.length).isEqualTo(all.length);
						}
						assertThat(connection.clientInfo().sendQueuedBytes()).isZero();
						assertThat(other.send("alive").readText(5)).isEqualTo("alive");
					}
					Awaitility.await().until(closed::poll, (next) -> next != null);
				}
			}
			assertThat(server.server().stats().handlerErrorCount()).isZero();
			assertThat(closed).isEmpty();
			assertThat(log.messages(Level.ERROR)).isNotEmpty()
				.allMatch(
						(message) -> message.matches("Connection\\[fd=\\d+, .*is closed after an unexpected failure"));
		}
		assertThat(failures).isBetween(5, BUFFERS - 1);
	}

	/** The client notices, and others go on. */
	@ParameterizedTest
	@MethodSource(MODES)
	void whenMemoryIsMissingForAReadThenOnlyThatConnectionEnds(ServerMode mode, TransportType transport) {
		List<Long> closed = new CopyOnWriteArrayList<>();
		TestHandler handler = TestHandler.echo().close((server, connection, reactorId) -> closed.add(connection.fd()));
		try (TestServer server = start(mode, transport, handler); TestClient broken = server.connect()) {
			broken.send("first").readText(5);
			try (TestClient other = server.connect()) {
				other.send("other").readText(5);
				this.allocator.failAfter(0);
				broken.send("second");
				assertThat(broken.readAll()).isEmpty();
				assertThat(this.allocator.hasFailed()).isTrue();
				Awaitility.await().until(() -> server.server().getConnectionCount() == 1);
				assertThat(other.send("alive").readText(5)).isEqualTo("alive");
				assertThat(closed).containsExactly(1L);
			}
		}
	}

	/** Misuse throws at once, in whatever thread, and harms nobody. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenBufferHasBeenReleasedThenSendThrows(ServerMode mode) {
		AtomicReference<Throwable> failure = new AtomicReference<>();
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			ByteBuf released = PooledByteBufAllocator.DEFAULT.buffer().writeLong(1);
			released.release();
			try {
				connection.send(released);
			}
			catch (IllegalReferenceCountException ex) {
				failure.set(ex);
			}
			connection.send(packet.retain());
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode));
				TestClient client = server.connect()) {
			assertThat(client.send("x").readText(1)).isEqualTo("x");
			assertThat(failure.get()).hasMessageContaining("released");
			Awaitility.await().until(() -> server.server().getClientInfo(1).orElseThrow().sendQueuedBytes() == 0);
		}
	}

	/** A handler of the application that thinks failures are not its business. */
	private static final class Careless extends ChannelInboundHandlerAdapter {

		@Override
		public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		}

	}

}
