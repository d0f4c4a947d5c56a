package io.swoole.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests of {@link SwooleServer#sendFile}: SEND-11, SEND-12, SEND-13.
 */
@Timeout(60)
class SendFileTests {

	private static final int LENGTH = 5_000_003;

	@TempDir
	private Path directory;

	private Path file;

	private byte[] content;

	/** How a file can leave: from the operating system itself, or piece by piece. */
	private enum Way {

		REGION, PIECES

	}

	private static Stream<Arguments> ways() {
		return Stream.of(ServerMode.values())
			.flatMap((mode) -> Stream.of(Way.values())
				.flatMap((way) -> Stream.of(TransportType.AUTO, TransportType.NIO)
					.map((transport) -> Arguments.of(mode, way, transport))));
	}

	@BeforeEach
	void createFile() throws IOException {
		this.content = new byte[LENGTH];
		new Random(3).nextBytes(this.content);
		this.file = Files.write(this.directory.resolve("content"), this.content);
	}

	private static TestServer start(ServerMode mode, Way way, TransportType transport, TestHandler handler,
			Consumer<ServerOptions.Builder> settings) {
		return TestServer.start(handler, (options) -> {
			options.mode(mode).workerNum(1);
			if (transport != TransportType.AUTO) {
				options.transport(transport);
			}
			if (way == Way.PIECES) {
				options.pipelineCustomizer((pipeline) -> pipeline.addFirst(new ChannelOutboundHandlerAdapter()));
			}
			settings.accept(options);
		});
	}

	private static TestServer start(ServerMode mode, TestHandler handler) {
		return start(mode, Way.REGION, TransportType.AUTO, handler, (options) -> {
		});
	}

	private byte[] part(int from, int to) {
		return Arrays.copyOfRange(this.content, from, to);
	}

	/** SEND-11: whole or in part, in a callback or from any thread. */
	@ParameterizedTest
	@MethodSource("ways")
	void whenFileIsSentThenArrives(ServerMode mode, Way way, TransportType transport) {
		TestHandler handler = new TestHandler()
			.receive((server, connection, packet) -> server.sendFile(connection.fd(), this.file));
		try (TestServer server = start(mode, way, transport, handler, (options) -> {
		}); TestClient client = server.connect()) {
			assertThat(Arrays.equals(client.send("x").read(LENGTH), this.content)).isTrue();
			assertThat(server.server().sendFile(1, this.file, 100, 200)).isTrue();
			assertThat(server.server().getLastError()).isEqualTo(SwooleError.NONE);
			assertThat(client.read(200)).isEqualTo(part(100, 300));
			assertThat(server.server().sendFile(1, this.file, LENGTH - 7, 0)).isTrue();
			assertThat(client.read(7)).isEqualTo(part(LENGTH - 7, LENGTH));
			assertThat(server.server().sendFile(1, this.file, 1, LENGTH - 1)).isTrue();
			assertThat(Arrays.equals(client.read(LENGTH - 1), part(1, LENGTH))).isTrue();
			awaitClosedFiles();
			Awaitility.await().until(() -> server.server().getClientInfo(1).orElseThrow().sendQueuedBytes() == 0);
		}
	}

	/** SEND-11, SEND-13: in order with other sends, also to a slow reader. */
	@ParameterizedTest
	@MethodSource("ways")
	void whenFileIsSentBetweenOtherDataThenOrderIsKept(ServerMode mode, Way way, TransportType transport) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send("head");
			server.sendFile(connection.fd(), this.file);
			connection.send("middle");
			connection.send(new byte[100_000]);
			server.sendFile(connection.fd(), this.file, 0, 1000);
			connection.send("tail");
			connection.close();
		});
		try (TestServer server = start(mode, way, transport, handler, (options) -> {
		}); TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x");
			assertThat(client.readText(4)).isEqualTo("head");
			assertThat(Arrays.equals(client.read(LENGTH), this.content)).isTrue();
			assertThat(client.readText(6)).isEqualTo("middle");
			assertThat(client.read(100_000)).containsOnly(0);
			assertThat(client.read(1000)).isEqualTo(part(0, 1000));
			assertThat(client.readAll()).isEqualTo("tail".getBytes());
			awaitClosedFiles();
		}
	}

	/** A file takes no memory, so there is room behind it; but not for another file. */
	@ParameterizedTest
	@MethodSource("ways")
	void whenFileIsLargerThanSocketBufferSizeThenDataStillFollow(ServerMode mode, Way way, TransportType transport) {
		try (TestServer running = start(mode, way, transport, TestHandler.echo(),
				(options) -> options.main((main) -> main.socketBufferSize(1000)));
				TestClient client = TestClient.connect(running.port(), 8192)) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			assertThat(server.sendFile(1, this.file)).isTrue();
			assertThat(server.send(1, "tail")).isTrue();
			assertThat(server.sendFile(1, this.file)).isFalse();
			assertThat(server.getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			assertThat(server.getClientInfo(1).orElseThrow().sendQueuedBytes()).isBetween(1L, LENGTH + 5L);
			client.read(LENGTH);
			assertThat(client.readText(4)).isEqualTo("tail");
			awaitClosedFiles();
		}
	}

	/** Descriptors are limited, too. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTooManyFilesWaitThenMoreAreRefused(ServerMode mode) throws Exception {
		Path small = Files.writeString(this.directory.resolve("small"), "s");
		try (TestServer running = start(mode, TestHandler.echo());
				TestClient client = TestClient.connect(running.port(), 8192)) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			assertThat(server.send(1, new byte[7_000_000])).isTrue();
			int accepted = 0;
			while (server.sendFile(1, small)) {
				accepted++;
				assertThat(accepted).isLessThan(1000);
			}
			assertThat(server.getLastError()).isEqualTo(SwooleError.OUTPUT_BUFFER_OVERFLOW);
			assertThat(accepted).isEqualTo(64);
			client.read(7_000_000);
			assertThat(client.readText(64)).isEqualTo("s".repeat(64));
			awaitClosedFiles();
			Awaitility.await().until(() -> server.sendFile(1, small));
			client.read(1);
		}
	}

	/** SEND-11, SEND-12: what cannot be sent is refused at once. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenFileCannotBeSentThenSaysWhy(ServerMode mode) throws IOException {
		Path empty = Files.createFile(this.directory.resolve("empty"));
		try (TestServer running = start(mode, TestHandler.echo()); TestClient client = running.connect()) {
			client.send("x").read(1);
			SwooleServer server = running.server();
			assertRefused(server, 1, this.directory.resolve("missing"), 0, 0, SwooleError.SYSTEM_CALL_FAIL);
			assertRefused(server, 1, this.directory, 0, 0, SwooleError.IS_NOT_REGULAR_FILE);
			assertRefused(server, 1, empty, 0, 0, SwooleError.SYSTEM_CALL_FAIL);
			assertRefused(server, 1, this.file, LENGTH, 0, SwooleError.SYSTEM_CALL_FAIL);
			assertRefused(server, 1, this.file, Long.MAX_VALUE, Long.MAX_VALUE, SwooleError.SYSTEM_CALL_FAIL);
			assertRefused(server, 1, this.file, 1, LENGTH, SwooleError.INVALID_PARAMS);
			assertRefused(server, 1, this.file, LENGTH - 1, Long.MAX_VALUE, SwooleError.INVALID_PARAMS);
			assertRefused(server, 1, this.directory.resolve("x".repeat(5000)), 0, 0, SwooleError.NAME_TOO_LONG);
			assertRefused(server, 1, this.directory.resolve("x".repeat(300)), 0, 0, SwooleError.NAME_TOO_LONG);
			for (long fd : new long[] { 4711, 0, -1 }) {
				assertRefused(server, fd, this.file, 0, 0, SwooleError.SESSION_NOT_EXIST);
			}
			assertThatIllegalArgumentException().isThrownBy(() -> server.sendFile(1, this.file, -1, 0))
				.withMessageContaining("-1");
			assertThatIllegalArgumentException().isThrownBy(() -> server.sendFile(1, this.file, 0, -2))
				.withMessageContaining("-2");
			assertThat(openFiles()).isZero();
			assertThat(server.send(1, "alive")).isTrue();
			assertThat(client.readText(5)).isEqualTo("alive");
		}
	}

	private static void assertRefused(SwooleServer server, long fd, Path file, long offset, long length,
			SwooleError error) {
		assertThat(server.sendFile(fd, file, offset, length)).isFalse();
		assertThat(server.getLastError()).as("%s from %d", file, offset).isEqualTo(error);
	}

	/** A named pipe is refused and not waited for. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	@EnabledOnOs(OS.LINUX)
	void whenFileIsNamedPipeThenIsRefused(ServerMode mode) throws Exception {
		Path pipe = this.directory.resolve("pipe");
		assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
		try (TestServer server = start(mode, TestHandler.echo()); TestClient client = server.connect()) {
			client.send("x").read(1);
			assertRefused(server.server(), 1, pipe, 0, 0, SwooleError.IS_NOT_REGULAR_FILE);
		}
	}

	/** A file that is half sent when the connection dies is closed. */
	@ParameterizedTest
	@MethodSource("ways")
	void whenConnectionDiesThenFileIsClosed(ServerMode mode, Way way, TransportType transport) {
		try (TestServer running = start(mode, way, transport, TestHandler.echo(), (options) -> {
		})) {
			SwooleServer server = running.server();
			for (long fd = 1; fd <= 3; fd++) {
				TestClient client = TestClient.connect(running.port(), 8192);
				client.send("x").read(1);
				assertThat(server.sendFile(fd, this.file)).isTrue();
				assertThat(server.send(fd, new byte[1000])).isTrue();
				assertThat(server.sendFile(fd, this.file)).isTrue();
				client.read(1000);
				switch ((int) fd) {
					case 1 -> client.reset();
					case 2 -> server.close(fd, true);
					default -> client.close();
				}
				Awaitility.await().until(() -> server.stats().connectionNum() == 0);
				awaitClosedFiles();
				client.close();
			}
		}
	}

	/** A file that becomes shorter cannot be sent to its end: the client must notice. */
	@ParameterizedTest
	@MethodSource("ways")
	void whenFileBecomesShorterThenConnectionIsClosed(ServerMode mode, Way way, TransportType transport)
			throws IOException {
		try (LogCapture log = LogCapture.of("io.swoole.server.connection");
				TestServer server = start(mode, way, transport, TestHandler.echo(), (options) -> {
				});
				TestClient client = TestClient.connect(server.port(), 8192)) {
			client.send("x").read(1);
			assertThat(server.server().sendFile(1, this.file)).isTrue();
			Awaitility.await().until(() -> server.server().getClientInfo(1).orElseThrow().sendQueuedBytes() < LENGTH);
			try (FileChannel channel = FileChannel.open(this.file, StandardOpenOption.WRITE)) {
				// at once, where a file that is written anew is empty for a moment
				channel.truncate(10);
			}
			assertThat(client.readAll().length).isLessThan(LENGTH);
			Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
			awaitClosedFiles();
			assertThat(log.messages(Level.WARN)).singleElement()
				.asString()
				.contains(this.file.toString(), "has become shorter", "10 bytes");
		}
	}

	/** A path need not be one of the operating system. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenFileIsInsideArchiveThenArrives(ServerMode mode) throws Exception {
		URI archive = URI.create("jar:" + this.directory.resolve("archive.zip").toUri());
		try (FileSystem files = FileSystems.newFileSystem(archive, Map.of("create", "true"));
				TestServer server = start(mode, TestHandler.echo());
				TestClient client = server.connect()) {
			Path inside = Files.write(files.getPath("/inside"), this.content);
			client.send("x").read(1);
			assertThat(server.server().sendFile(1, inside, 3, 0)).isTrue();
			assertThat(server.server().send(1, "tail")).isTrue();
			assertThat(Arrays.equals(client.read(LENGTH - 3), part(3, LENGTH))).isTrue();
			assertThat(client.readText(4)).isEqualTo("tail");
		}
	}

	/** What the client still sends must not cost it the end of such a file. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenConnectionIsClosedBehindFileInsideArchiveThenArrives(ServerMode mode) throws Exception {
		URI archive = URI.create("jar:" + this.directory.resolve("archive.zip").toUri());
		try (FileSystem files = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
			Path inside = Files.write(files.getPath("/inside"), this.content);
			TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
				server.sendFile(connection.fd(), inside);
				connection.close();
			});
			try (TestServer server = start(mode, handler);
					TestClient client = TestClient.connect(server.port(), 8192)) {
				Thread writer = new Thread(() -> sendOn(client));
				writer.start();
				assertThat(Arrays.equals(client.read(LENGTH), this.content)).isTrue();
				client.shutdownOutput();
				writer.join();
			}
		}
	}

	private static void sendOn(TestClient client) {
		try {
			while (true) {
				client.send(new byte[100]);
			}
		}
		catch (UncheckedIOException ex) {
			// closed
		}
	}

	/** Zero copy where it is possible: nothing is added to the pipeline. */
	@ParameterizedTest
	@MethodSource("ways")
	void whenNothingHasToSeeTheBytesThenFileIsNotRead(ServerMode mode, Way way, TransportType transport)
			throws Exception {
		CompletableFuture<io.netty.channel.ChannelPipeline> pipeline = new CompletableFuture<>();
		try (TestServer server = start(mode, way, transport, TestHandler.echo(), (options) -> {
			options.pipelineCustomizer(pipeline::complete);
		}); TestClient client = server.connect()) {
			client.send("x").read(1);
			assertThat(server.server().sendFile(1, this.file, 0, 10)).isTrue();
			client.read(10);
			ChunkedWriteHandler writer = pipeline.get(20, TimeUnit.SECONDS).get(ChunkedWriteHandler.class);
			assertThat(writer != null).isEqualTo(way == Way.PIECES);
		}
	}

	private void awaitClosedFiles() {
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> openFiles() == 0);
	}

	/** How many descriptors of this process are open on files of the test; Linux only. */
	private long openFiles() throws IOException {
		Path descriptors = Path.of("/proc/self/fd");
		if (!Files.isDirectory(descriptors)) {
			return 0;
		}
		try (Stream<Path> all = Files.list(descriptors)) {
			return all.filter(this::isOfTest).count();
		}
	}

	private boolean isOfTest(Path descriptor) {
		try {
			return Files.readSymbolicLink(descriptor).startsWith(this.directory);
		}
		catch (IOException ex) {
			return false; // closed meanwhile
		}
	}

}
