package io.swoole.server;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import io.swoole.testing.Transports;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of unix sockets: UNIX-01, UNIX-02, LIFE-14, BUF-07.
 */
class UnixSocketTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	@TempDir
	private Path directory;

	/** NIO has no unix datagrams. */
	static Stream<ListenerType> types() {
		return Stream.of(ListenerType.UNIX_STREAM, ListenerType.UNIX_DGRAM).filter(TestServer::supports);
	}

	private Path path() {
		return this.directory.resolve("swoole.sock");
	}

	private Consumer<ServerOptions.Builder> unix(ListenerType type) {
		return (options) -> options
			.listener(ListenerOptions.builder("unix").type(type).host(path().toString()).build());
	}

	private static SocketChannel connect(Path path) throws IOException {
		return SocketChannel.open(UnixDomainSocketAddress.of(path));
	}

	private static String roundTrip(SocketChannel client, String text) throws IOException {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		client.write(ByteBuffer.wrap(bytes));
		ByteBuffer answer = ByteBuffer.allocate(bytes.length);
		while (answer.hasRemaining() && client.read(answer) >= 0) {
			continue;
		}
		return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenSocketIsAStreamThenHasAllEventsOfAConnection(TransportType transport) throws Exception {
		BlockingQueue<String> events = new LinkedBlockingQueue<>();
		BlockingQueue<ClientInfo> infos = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo().connect((server, connection, reactorId) -> {
			events.add("connect");
			infos.add(connection.clientInfo());
		}).close((server, connection, reactorId) -> events.add("close " + (reactorId >= 0)));
		try (TestServer server = TestServer.start(handler,
				unix(ListenerType.UNIX_STREAM).andThen((options) -> options.transport(transport)))) {
			try (SocketChannel client = connect(path())) {
				assertThat(roundTrip(client, "hello")).isEqualTo("hello");
				assertThat(server.server().stats().connectionNum()).isEqualTo(1);
			}
			assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("connect");
			assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("close true");
			ClientInfo info = infos.remove();
			assertThat(info.listener()).isEqualTo("unix");
			assertThat(info.serverPort()).isZero();
			assertThat(info.remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(""));
			assertThat(server.server().getListeners())
				.contains(new Listener("unix", ListenerType.UNIX_STREAM, path().toString(), 0, false));
		}
		assertThat(path()).doesNotExist();
	}

	@Test
	void whenMainListenerIsAUnixSocketThenItHasNoAddress() throws Exception {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.main((main) -> main.type(ListenerType.UNIX_STREAM).host(path().toString())));
				SocketChannel client = connect(path())) {
			assertThat(roundTrip(client, "hello")).isEqualTo("hello");
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(server.server()::getAddress)
				.withMessageContaining("unix socket");
		}
	}

	@ParameterizedTest
	@MethodSource("types")
	void whenPermissionsAreSetThenFileHasThem(ListenerType type) throws Exception {
		Assumptions.assumeTrue(Files.getFileStore(this.directory).supportsFileAttributeView("posix"),
				"files have no permissions here");
		for (String permissions : List.of("0660", "rw-rw----")) {
			try (TestServer server = TestServer.start(TestHandler.echo(),
					(options) -> options.listener(ListenerOptions.builder("unix")
						.type(type)
						.host(path().toString())
						.unixSocketPermissions(permissions)
						.build()))) {
				assertThat(server.server().isRunning()).isTrue();
				assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path()))).isEqualTo("rw-rw----");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "432", "0999", "rw-", "rwxrwxrwxr", "" })
	void whenPermissionsAreMalformedThenStartFails(String permissions) {
		ListenerOptions.Builder options = ListenerOptions.builder("unix")
			.type(ListenerType.UNIX_STREAM)
			.host(path().toString())
			.unixSocketPermissions(permissions);
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(options::build)
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("unix-socket-permissions"));
	}

	@Test
	void whenListenerIsNoUnixSocketThenHasNoPermissions() {
		ListenerOptions.Builder options = ListenerOptions.builder("main").unixSocketPermissions("0660");
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(options::build)
			.withMessageContaining("unix-socket-permissions");
	}

	@Test
	void whenPathIsTooLongThenStartFails() {
		String path = "/" + "a".repeat(107);
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ListenerOptions.builder("unix").type(ListenerType.UNIX_STREAM).host(path).build())
			.withMessageContaining("at most 107 bytes long, this one is 108");
		assertThat(ListenerOptions.builder("unix").type(ListenerType.UNIX_STREAM).host(path.substring(1)).build())
			.isNotNull();
	}

	@Test
	void whenPathIsMissingThenStartFails() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ListenerOptions.builder("unix").type(ListenerType.UNIX_DGRAM).build())
			.withMessageContaining("must be the path of the unix socket");
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenServerIsGoneThenItsFileIsReplaced(TransportType transport) throws Exception {
		try (ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			gone.bind(UnixDomainSocketAddress.of(path()));
		}
		assertThat(path()).exists();
		try (TestServer server = TestServer.start(TestHandler.echo(),
				unix(ListenerType.UNIX_STREAM).andThen((options) -> options.transport(transport)));
				SocketChannel client = connect(path())) {
			assertThat(roundTrip(client, "hello")).isEqualTo("hello");
			assertThat(server.server().isRunning()).isTrue();
		}
	}

	@ParameterizedTest
	@MethodSource("types")
	void whenAnotherServerListensThenStartFailsAndItGoesOn(ListenerType type) throws Exception {
		try (TestServer other = TestServer.start(TestHandler.echo(), unix(type))) {
			for (ListenerType second : types().toList()) {
				assertThatExceptionOfType(PortInUseException.class)
					.isThrownBy(() -> TestServer.start(TestHandler.echo(), unix(second)))
					.satisfies((ex) -> assertThat(ex.getHost()).isEqualTo(path().toString()))
					.withMessageContaining(path() + " is in use");
			}
			assertThat(path()).exists();
			assertThat(other.server().isRunning()).isTrue();
		}
		assertThat(path()).doesNotExist();
	}

	@Test
	void whenFileIsNoSocketThenStartFailsAndItIsLeftAlone() throws Exception {
		Files.writeString(path(), "precious");
		assertThatExceptionOfType(ServerException.class)
			.isThrownBy(() -> TestServer.start(TestHandler.echo(), unix(ListenerType.UNIX_STREAM)))
			.withMessageContaining("is no socket");
		assertThat(path()).hasContent("precious");
	}

	@Test
	void whenDirectoryIsMissingThenStartFails() {
		String path = this.directory.resolve("missing/swoole.sock").toString();
		assertThatExceptionOfType(ServerException.class)
			.isThrownBy(() -> TestServer.start(TestHandler.echo(),
					(options) -> options
						.listener(ListenerOptions.builder("unix").type(ListenerType.UNIX_STREAM).host(path).build())))
			.withMessageContaining(path)
			.withMessageContaining("Check host of");
	}

	/** LIFE-14: nothing stays behind when a later listener cannot be bound. */
	@Test
	void whenStartFailsThenFileIsRemoved() throws Exception {
		try (ServerSocket taken = new ServerSocket()) {
			taken.bind(new InetSocketAddress("127.0.0.1", 0));
			assertThatExceptionOfType(PortInUseException.class)
				.isThrownBy(() -> TestServer.start(TestHandler.echo(),
						unix(ListenerType.UNIX_STREAM).andThen((options) -> options
							.listener(ListenerOptions.builder("taken").port(taken.getLocalPort()).build()))))
				.withCauseInstanceOf(IOException.class);
			assertThat(path()).doesNotExist();
		}
	}

	@Test
	void whenTransportHasNoUnixDatagramsThenStartFails() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> TestServer.start(TestHandler.echo(),
					unix(ListenerType.UNIX_DGRAM).andThen((options) -> options.transport(TransportType.NIO))))
			.withMessageContaining("unix datagrams need epoll or kqueue");
		assertThat(path()).doesNotExist();
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenSocketTakesDatagramsThenAnswersLeaveFromIt(ServerMode mode) throws Exception {
		Transports.assume(TransportType.EPOLL);
		Path second = this.directory.resolve("second.sock");
		BlockingQueue<Packet> packets = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().packet((server, packet) -> {
			packets.add(packet);
			server.sendTo(packet.address(), packet.data(), packet.serverPort());
		});
		byte[] large = new byte[100_000];
		try (TestServer server = TestServer.start(handler, unix(ListenerType.UNIX_DGRAM).andThen((options) -> options
			.mode(mode)
			.transport(TransportType.EPOLL)
			.listener(
					ListenerOptions.builder("second").type(ListenerType.UNIX_DGRAM).host(second.toString()).build())));
				UnixDatagrams client = new UnixDatagrams(this.directory.resolve("client.sock"))) {
			for (Path to : List.of(path(), second)) {
				client.send("hello".getBytes(StandardCharsets.UTF_8), to);
				assertThat(client.receive()).isEqualTo(to + " hello");
				Packet packet = packets.remove();
				assertThat(packet.listener()).isEqualTo(to.equals(second) ? "second" : "unix");
				assertThat(packet.serverPort()).isZero();
				assertThat(packet.address()).isEqualTo(new DomainSocketAddress(client.path.toString()));
			}
			client.send(large, path());
			assertThat(client.receive()).hasSize(path().toString().length() + 1 + large.length);
			assertThat(server.server()
				.sendTo(UnixDomainSocketAddress.of(client.path), "unasked".getBytes(StandardCharsets.UTF_8))).isTrue();
			assertThat(client.receive()).isEqualTo(second + " unasked");
		}
		assertThat(path()).doesNotExist();
		assertThat(second).doesNotExist();
	}

	@Test
	void whenSenderHasNoNameThenItCannotBeAnswered() throws Exception {
		Transports.assume(TransportType.EPOLL);
		List<SwooleError> answers = new ArrayList<>();
		TestHandler handler = new TestHandler().packet((server, packet) -> {
			server.sendTo(packet.address(), packet.data(), packet.serverPort());
			synchronized (answers) {
				answers.add(server.getLastError());
			}
		});
		try (TestServer server = TestServer.start(handler,
				unix(ListenerType.UNIX_DGRAM).andThen((options) -> options.transport(TransportType.EPOLL)));
				UnixDatagrams client = new UnixDatagrams(null)) {
			client.send(new byte[1], path());
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().requestCount() == 1);
			synchronized (answers) {
				assertThat(answers).containsExactly(SwooleError.SESSION_NOT_EXIST);
			}
			assertThat(handler.errors).isEmpty();
		}
	}

	/**
	 * BUF-07: a client that does not read costs the others nothing, and neither does the
	 * wait for it take a processor.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenClientDoesNotReadDatagramsThenOthersGetTheirs(ServerMode mode) throws Exception {
		Transports.assume(TransportType.EPOLL);
		TestHandler handler = new TestHandler()
			.packet((server, packet) -> server.sendTo(packet.address(), packet.data(), packet.serverPort()));
		Consumer<ServerOptions.Builder> settings = (
				options) -> options.mode(mode).transport(TransportType.EPOLL).reactorNum(1);
		try (LogCapture log = LogCapture.of("io.swoole.server.listener");
				TestServer server = TestServer.start(handler, unix(ListenerType.UNIX_DGRAM).andThen(settings));
				UnixDatagrams lazy = new UnixDatagrams(this.directory.resolve("lazy.sock"));
				UnixDatagrams other = new UnixDatagrams(this.directory.resolve("other.sock"))) {
			lazy.read(false);
			for (int i = 0; i < 50; i++) {
				for (UnixDatagrams client : List.of(lazy, other)) {
					assertThat(server.server().sendTo(UnixDomainSocketAddress.of(client.path), new byte[] { 'a' }))
						.isTrue();
				}
				assertThat(other.receive()).isEqualTo(path() + " a");
			}
			other.send("x".getBytes(StandardCharsets.UTF_8), path());
			assertThat(other.receive()).isEqualTo(path() + " x");
			assertThat(log.messages(Level.WARN)).isNotEmpty()
				.allSatisfy((line) -> assertThat(line).contains("lazy.sock", "its receiver does not read"));
			awaitIdleThreads();
			lazy.read(true);
			assertThat(lazy.receive()).isEqualTo(path() + " a");
			// its queue may still be full, and little is waited for one that was given up
			Awaitility.await().atMost(PATIENCE).until(() -> {
				lazy.send("y".getBytes(StandardCharsets.UTF_8), path());
				return lazy.received.contains(path() + " y");
			});
		}
	}

	/** None of them uses a processor most of the time. */
	private static void awaitIdleThreads() {
		ThreadMXBean threads = ManagementFactory.getThreadMXBean();
		long[] ids = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("swoole-"))
			.mapToLong(Thread::getId)
			.toArray();
		assertThat(ids).isNotEmpty();
		AtomicLong before = new AtomicLong();
		Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
			long now = LongStream.of(ids).map(threads::getThreadCpuTime).sum();
			return now - before.getAndSet(now) < 30_000_000;
		});
	}

	/**
	 * A client of unix datagrams, with or without a name.
	 */
	@SuppressWarnings("deprecation") // there is no other way to send from a socket
										// without a name
	private static final class UnixDatagrams implements AutoCloseable {

		private static final ChannelOption<Boolean> ACTIVE = ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION;

		private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

		private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

		private final Channel channel;

		private final Path path;

		UnixDatagrams(Path path) {
			this.path = path;
			Bootstrap bootstrap = new Bootstrap().group(this.loop)
				.channel(EpollDomainDatagramChannel.class)
				.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(256 * 1024))
				.handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
					@Override
					protected void channelRead0(ChannelHandlerContext ctx, DomainDatagramPacket packet) {
						UnixDatagrams.this.received
							.add(packet.sender().path() + " " + packet.content().toString(StandardCharsets.UTF_8));
					}
				});
			this.channel = ((path != null) ? bootstrap.bind(new DomainSocketAddress(path.toString()))
					: bootstrap.option(ACTIVE, true).register())
				.syncUninterruptibly()
				.channel();
		}

		void send(byte[] data, Path to) {
			this.channel
				.writeAndFlush(
						new DomainDatagramPacket(Unpooled.wrappedBuffer(data), new DomainSocketAddress(to.toString())))
				.syncUninterruptibly();
		}

		void read(boolean on) {
			this.channel.config().setAutoRead(on);
		}

		String receive() throws InterruptedException {
			return this.received.poll(20, TimeUnit.SECONDS);
		}

		@Override
		public void close() {
			this.channel.close().syncUninterruptibly();
			this.loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
		}

	}

}
