package io.swoole.server;

import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.netty.buffer.ByteBufUtil;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a client that breaks the framing does to itself, and not to others: FRAME-24,
 * FRAME-30, FRAME-33.
 */
class FramingViolationTests {

	private final List<String> received = new CopyOnWriteArrayList<>();

	private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();

	private final TestHandler echo = new TestHandler().receive((server, connection, packet) -> {
		this.received.add(packet.toString(StandardCharsets.ISO_8859_1));
		connection.send(ByteBufUtil.getBytes(packet));
	}).close((server, connection, reactorId) -> this.closed.add(reactorId));

	private TestServer start(ServerMode mode, Consumer<ListenerOptions.Builder> settings) {
		return TestServer.start(this.echo, (options) -> options.mode(mode).main(settings));
	}

	private int closedBy() throws InterruptedException {
		Integer reactorId = this.closed.poll(20, TimeUnit.SECONDS);
		assertThat(reactorId).as("onClose was called").isNotNull();
		return reactorId;
	}

	/** FRAME-24, FRAME-33. */
	@ParameterizedTest
	@EnumSource
	void whenPacketIsTooLongThenEarlierOnesAreAnsweredAndConnectionIsClosed(ServerMode mode) throws Exception {
		try (TestServer server = start(mode,
				(options) -> options.openLengthCheck(true)
					.packageLengthType('n')
					.packageBodyOffset(2)
					.packageMaxLength(100));
				TestClient client = server.connect();
				TestClient other = server.connect()) {
			byte[] good = "\0\3abc".repeat(50).getBytes(StandardCharsets.ISO_8859_1);
			byte[] bad = { 0, 99 };
			client.send(concat(good, bad));
			assertThat(client.readAll()).isEqualTo(good);
			assertThat(closedBy()).isNotNegative();
			assertThat(this.received).hasSize(50).containsOnly("\0\3abc");
			assertThat(other.send("\0\1x").readText(3)).isEqualTo("\0\1x");
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 1);
			assertThat(this.closed).isEmpty();
		}
	}

	/** FRAME-14, FRAME-33: also when nothing good came before. */
	@ParameterizedTest
	@EnumSource
	void whenTerminatorDoesNotComeThenConnectionIsClosed(ServerMode mode) throws Exception {
		try (TestServer server = start(mode, (options) -> options.openEofSplit(true).packageMaxLength(1000));
				TestClient client = server.connect()) {
			client.send(new byte[1000]);
			assertThat(client.readAll()).isEmpty();
			assertThat(closedBy()).isNotNegative();
			assertThat(this.received).isEmpty();
		}
	}

	/** FRAME-30: reported like every other failure of the application. */
	@ParameterizedTest
	@EnumSource
	void whenFunctionThrowsThenItIsReportedAndConnectionIsClosed(ServerMode mode) throws Exception {
		IllegalStateException failure = new IllegalStateException("bug");
		try (TestServer server = start(mode, (options) -> options.packageLengthFunc((data) -> {
			if (data.getByte(0) == '!') {
				throw failure;
			}
			return 1;
		})); TestClient client = server.connect(); TestClient other = server.connect()) {
			client.send("ab!c");
			assertThat(client.readAll()).asString().isEqualTo("ab");
			assertThat(closedBy()).isNotNegative();
			assertThat(this.echo.errors).singleElement().satisfies((error) -> {
				assertThat(error.event()).isEqualTo("packageLength");
				assertThat(error.fd()).isPositive();
				assertThat(error.workerId()).isNotNegative();
				assertThat(error.cause()).isSameAs(failure);
			});
			assertThat(server.server().stats().handlerErrorCount()).isOne();
			assertThat(other.send("x").readText(1)).isEqualTo("x");
		}
	}

	/** FRAME-31: on the event loop of the connection, whatever its worker does. */
	@ParameterizedTest
	@EnumSource
	void whenPacketIsMeasuredThenFunctionRunsOnTheEventLoop(ServerMode mode) {
		List<String> threads = new CopyOnWriteArrayList<>();
		try (TestServer server = start(mode, (options) -> options.packageLengthFunc((data) -> {
			threads.add(Thread.currentThread().getName());
			return 1;
		})); TestClient client = server.connect()) {
			assertThat(client.send("ab").readText(2)).isEqualTo("ab");
			String loops = (mode == ServerMode.PROCESS) ? "swoole-reactor-" : "swoole-worker-";
			assertThat(threads).hasSize(2).allMatch((name) -> name.startsWith(loops));
		}
	}

	/** FRAME-37. */
	@ParameterizedTest
	@EnumSource
	void whenPacketIsDiscardedThenItsConnectionGoesOn(ServerMode mode) {
		List<Consumer<ListenerOptions.Builder>> framings = List.of(
				(options) -> options.openEofSplit(true).packageEof(";"),
				(options) -> options.packageLengthFunc((data) -> 3));
		DispatchStrategy strategy = (server, connection, event,
				data) -> (event == DispatchEvent.DATA && data.getByte(data.readerIndex()) == '!')
						? DispatchStrategy.DISCARD : DispatchStrategy.DEFAULT;
		for (Consumer<ListenerOptions.Builder> framing : framings) {
			try (TestServer server = TestServer.start(this.echo,
					(options) -> options.mode(mode).dispatchStrategy(strategy).main(framing));
					TestClient client = server.connect()) {
				assertThat(client.send("aa;").readText(3)).isEqualTo("aa;");
				client.send("!x;");
				assertThat(client.send("bb;").readText(3)).isEqualTo("bb;");
			}
		}
	}

	/** Random bytes on many connections, next to one that behaves. */
	@ParameterizedTest
	@EnumSource
	void whenClientsSendRandomBytesThenOnlyTheyAreClosed(ServerMode mode) throws Exception {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		try (TestServer server = start(mode,
				(options) -> options.openLengthCheck(true).packageLengthType('l').packageMaxLength(10_000));
				TestClient other = server.connect()) {
			int count = 200;
			for (int i = 0; i < count; i++) {
				try (TestClient client = server.connect()) {
					byte[] bytes = new byte[4 + random.nextInt(2000)];
					random.nextBytes(bytes);
					bytes[3] |= 1; // more than 16 million
					send(client, bytes);
					client.readAll();
				}
				assertThat(other.send("\1\0\0\0x").readText(5)).as("seed %d", seed).isEqualTo("\1\0\0\0x");
			}
			for (int i = 0; i < count; i++) {
				assertThat(closedBy()).as("seed %d", seed).isNotNegative();
			}
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> server.server().stats().connectionNum() == 1);
			assertThat(this.closed).as("all but the one that behaves").isEmpty();
			assertThat(this.echo.errors).isEmpty();
		}
	}

	/** The server may close before it has read all, which breaks the connection. */
	private static void send(TestClient client, byte[] bytes) throws Exception {
		try {
			client.socket().getOutputStream().write(bytes);
		}
		catch (SocketException ex) {
			// closed already
		}
	}

	private static byte[] concat(byte[] first, byte[] second) {
		byte[] both = Arrays.copyOf(first, first.length + second.length);
		System.arraycopy(second, 0, both, first.length, second.length);
		return both;
	}

}
