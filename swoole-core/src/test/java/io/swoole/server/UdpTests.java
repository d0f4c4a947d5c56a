package io.swoole.server;

import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestDatagrams;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import io.swoole.testing.Transports;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests of datagrams: UDP-01, UDP-02, UDP-03, UDP-04, UDP-05, SEND-15, DISP-13, PORT-01,
 * PORT-04, PORT-05.
 */
class UdpTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final PacketHandler ECHO = (server, packet) -> server.sendTo(packet.address(), packet.data(),
			packet.serverPort());

	private static Consumer<ServerOptions.Builder> udp(String... names) {
		return (options) -> Stream.of(names)
			.forEach((name) -> options.listener(ListenerOptions.builder(name).type(ListenerType.UDP).build()));
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenDatagramArrivesThenHandlerKnowsSenderAndListener(ServerMode mode, TransportType transport)
			throws Exception {
		BlockingQueue<Packet> packets = new LinkedBlockingQueue<>();
		TestHandler handler = new TestHandler().packet((server, packet) -> packets.add(packet));
		try (TestServer server = TestServer.start(handler,
				udp("events").andThen((options) -> options.mode(mode).transport(transport)));
				TestDatagrams client = new TestDatagrams()) {
			client.send("hello", server.port("events"));
			Packet packet = packets.poll(20, TimeUnit.SECONDS);
			assertThat(packet).isNotNull();
			assertThat(packet.data()).asString().isEqualTo("hello");
			assertThat(packet.address()).isEqualTo(client.address());
			assertThat(packet.listener()).isEqualTo("events");
			assertThat(packet.serverPort()).isEqualTo(server.port("events"));
			assertThat(Duration.between(packet.dispatchTime(), Instant.now())).isLessThan(PATIENCE);
			assertThat(server.server().getListeners())
				.contains(new Listener("events", ListenerType.UDP, "127.0.0.1", server.port("events"), false));
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenDatagramIsAsLargeAsPossibleThenPassesBothWays(ServerMode mode, TransportType transport) {
		byte[] large = new byte[65507];
		new Random(1).nextBytes(large);
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO),
				udp("events").andThen((options) -> options.mode(mode).transport(transport)));
				TestDatagrams client = new TestDatagrams()) {
			InetSocketAddress to = new InetSocketAddress("127.0.0.1", server.port("events"));
			for (int i = 0; i < 20; i++) {
				assertThat(client.send(large, to).receiveBytes()).isEqualTo(large);
				assertThat(client.send("small", to.getPort()).receiveText()).isEqualTo("small");
			}
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenDatagramIsEmptyThenServerGoesOn(TransportType transport) {
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO),
				udp("events").andThen((options) -> options.transport(transport)));
				TestDatagrams client = new TestDatagrams()) {
			for (int i = 0; i < 50; i++) {
				client.send("", server.port("events"));
			}
			assertThat(client.send("hello", server.port("events")).receiveText()).isEqualTo("hello");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().requestCount() == 1);
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenListenersAreSeveralThenAnswerLeavesFromTheRightOne(TransportType transport) {
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO),
				udp("first", "second").andThen((options) -> options.transport(transport)));
				TestDatagrams client = new TestDatagrams()) {
			for (String listener : List.of("first", "second")) {
				client.send("hello", server.port(listener));
				assertThat(client.receive().getPort()).isEqualTo(server.port(listener));
			}
		}
	}

	@Test
	void whenListenersShareAPortNumberThenAnswerLeavesFromTheAddressThePacketCameTo() {
		Transports.assumeAddress("127.0.0.2");
		int port;
		try (TestDatagrams free = new TestDatagrams()) {
			port = free.address().getPort();
		}
		Consumer<ServerOptions.Builder> settings = (options) -> Stream.of("127.0.0.2", "127.0.0.3")
			.forEach((host) -> options
				.listener(ListenerOptions.builder(host).type(ListenerType.UDP).host(host).port(port).build()));
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO), settings);
				TestDatagrams client = new TestDatagrams()) {
			for (String host : List.of("127.0.0.2", "127.0.0.3")) {
				client.send("hello".getBytes(StandardCharsets.UTF_8), new InetSocketAddress(host, port));
				assertThat(client.receive().getAddress().getHostAddress()).isEqualTo(host);
			}
			assertThat(server.server().getListeners()).filteredOn((listener) -> listener.port() == port).hasSize(2);
		}
	}

	@Test
	void whenNoServerPortIsGivenThenTheLastListenerOfTheFamilySends() {
		try (TestServer server = TestServer.start(new TestHandler(), udp("first", "second"));
				TestDatagrams client = new TestDatagrams()) {
			assertThat(server.server().sendTo(client.address(), "hello".getBytes(StandardCharsets.UTF_8))).isTrue();
			DatagramPacket received = client.receive();
			assertThat(received.getPort()).isEqualTo(server.port("second"));
			assertThat(server.server()
				.sendTo(client.address(), "hello".getBytes(StandardCharsets.UTF_8), server.port("first"))).isTrue();
			assertThat(client.receive().getPort()).isEqualTo(server.port("first"));
		}
	}

	@Test
	void whenDatagramCannotBeSentThenSendToSaysWhy() {
		try (TestServer server = TestServer.start(new TestHandler(), udp("events"));
				TestDatagrams client = new TestDatagrams()) {
			SwooleServer swoole = server.server();
			assertThat(swoole.sendTo(client.address(), new byte[0])).isFalse();
			assertThat(swoole.getLastError()).isEqualTo(SwooleError.NO_PAYLOAD);
			assertThat(swoole.sendTo(client.address(), new byte[65508])).isFalse();
			assertThat(swoole.getLastError()).isEqualTo(SwooleError.DATA_LENGTH_TOO_LARGE);
			assertThatIllegalArgumentException()
				.isThrownBy(() -> swoole.sendTo(client.address(), new byte[1], server.port()))
				.withMessageContaining("listener of type udp on port " + server.port());
			assertThatIllegalArgumentException()
				.isThrownBy(() -> swoole.sendTo(new InetSocketAddress("::1", 9), new byte[1]))
				.withMessageContaining("listener of type udp6");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> swoole.sendTo(UnixDomainSocketAddress.of("nobody.sock"), new byte[1]))
				.withMessageContaining("listener of type unix_dgram");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> swoole.sendTo(InetSocketAddress.createUnresolved("nobody", 9), new byte[1]))
				.withMessageContaining("resolved");
			assertThat(swoole.sendTo(client.address(), new byte[1])).isTrue();
			assertThat(swoole.getLastError()).isEqualTo(SwooleError.NONE);
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenListenerIsIpv6ThenServesIt(TransportType transport) {
		Transports.assumeAddress("::1");
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO),
				(options) -> options.transport(transport)
					.listener(ListenerOptions.builder("six").type(ListenerType.UDP6).build()));
				TestDatagrams client = new TestDatagrams("::1")) {
			client.send("hello".getBytes(StandardCharsets.UTF_8), new InetSocketAddress("::1", server.port("six")));
			assertThat(client.receiveText()).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenIpv6ListenerServesBothFamiliesThenAnswersBoth(TransportType transport) {
		Transports.assumeAddress("::1");
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO),
				(options) -> options.transport(transport)
					.listener(ListenerOptions.builder("both").type(ListenerType.UDP6).host("::").build()));
				TestDatagrams four = new TestDatagrams();
				TestDatagrams six = new TestDatagrams("::1")) {
			int port = server.port("both");
			assertThat(four.send("hello", port).receiveText()).isEqualTo("hello");
			six.send("hello".getBytes(StandardCharsets.UTF_8), new InetSocketAddress("::1", port));
			assertThat(six.receiveText()).isEqualTo("hello");
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenMainListenerIsUdpThenServerHasNoConnections(ServerMode mode) {
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO),
				(options) -> options.mode(mode).main((main) -> main.type(ListenerType.UDP)));
				TestDatagrams client = new TestDatagrams()) {
			for (int i = 0; i < 10; i++) {
				assertThat(client.send("hello", server.port()).receiveText()).isEqualTo("hello");
			}
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().requestCount() == 10);
			ServerStats stats = server.server().stats();
			assertThat(stats.connectionNum()).isZero();
			assertThat(stats.acceptCount()).isZero();
			assertThat(stats.responseCount()).isEqualTo(10);
			assertThat(stats.totalRecvBytes()).isEqualTo(50);
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().totalSendBytes() == 50);
		}
	}

	@Test
	void whenPacketHandlerThrowsThenServerGoesOn() {
		TestHandler handler = new TestHandler().packet((server, packet) -> {
			if (packet.data()[0] == '!') {
				throw new IllegalStateException("on purpose");
			}
			ECHO.onPacket(server, packet);
		});
		try (TestServer server = TestServer.start(handler, udp("events")); TestDatagrams client = new TestDatagrams()) {
			client.send("!", server.port("events"));
			assertThat(client.send("hello", server.port("events")).receiveText()).isEqualTo("hello");
			assertThat(handler.errors).singleElement()
				.satisfies((error) -> assertThat(error.event()).isEqualTo("packet"));
		}
	}

	@Test
	void whenWorkerDoesNotKeepUpThenDatagramsAreDroppedAndCounted() throws Exception {
		CountDownLatch blocked = new CountDownLatch(1);
		TestHandler handler = TestHandler.echo().packet((server, packet) -> blocked.await(60, TimeUnit.SECONDS));
		try (TestServer server = TestServer.start(handler,
				udp("events").andThen((options) -> options.mode(ServerMode.PROCESS).workerNum(1)));
				TestDatagrams client = new TestDatagrams()) {
			InetSocketAddress to = new InetSocketAddress("127.0.0.1", server.port("events"));
			byte[] large = new byte[60_000];
			try {
				Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
					client.send(large, to);
					return server.server().stats().packetDropCount() > 0;
				});
				ServerStats stats = server.server().stats();
				assertThat(stats.dispatchCount() * large.length).isBetween(30_000_000L, 34_000_000L);
			}
			finally {
				blocked.countDown();
			}
			try (TestClient other = server.connect()) {
				assertThat(other.send("hello").readText(5)).isEqualTo("hello");
			}
			client.send("again", to.getPort());
			Awaitility.await().atMost(PATIENCE).until(() -> {
				ServerStats stats = server.server().stats();
				return stats.requestCount() == stats.dispatchCount();
			});
		}
	}

	@Test
	void whenServerStopsThenQueuedDatagramsAreAnswered() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch proceed = new CountDownLatch(1);
		TestHandler handler = new TestHandler().packet((server, packet) -> {
			entered.countDown();
			proceed.await(60, TimeUnit.SECONDS);
			ECHO.onPacket(server, packet);
		}).beforeShutdown((server) -> proceed.countDown());
		try (TestDatagrams client = new TestDatagrams()) {
			try (TestServer server = TestServer.start(handler,
					udp("events").andThen((options) -> options.mode(ServerMode.PROCESS).workerNum(1)))) {
				client.send("1", server.port("events")).send("2", server.port("events"));
				assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
				Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().dispatchCount() == 2);
			}
			assertThat(List.of(client.receiveText(), client.receiveText())).containsExactly("1", "2");
		}
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenPortMayBeSharedThenEveryEventLoopReceives(ServerMode mode) {
		Transports.assume(TransportType.EPOLL);
		try (TestServer server = TestServer.start(new TestHandler().packet(ECHO),
				udp("events").andThen((options) -> options.mode(mode)
					.transport(TransportType.EPOLL)
					.enableReusePort(true)
					.workerNum(2)
					.reactorNum(2)))) {
			assertThat(LinuxUdp.sockets(server.port("events"))).hasSize(2);
			for (int i = 0; i < 20; i++) {
				try (TestDatagrams client = new TestDatagrams()) {
					client.send("hello", server.port("events"));
					assertThat(client.receive().getPort()).isEqualTo(server.port("events"));
				}
			}
		}
	}

	/** UDP-05, with what the operating system says it has dropped. */
	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#inEachMode")
	void whenDatagramsComeInAFloodThenEachIsHandledOrDroppedByTheSystem(ServerMode mode, TransportType transport) {
		Assumptions.assumeTrue(Files.exists(Path.of("/proc/net/udp")), "only Linux says what it drops");
		int sent = 100_000;
		try (TestServer server = TestServer.start(new TestHandler(),
				udp("events").andThen((options) -> options.mode(mode).transport(transport)));
				TestDatagrams client = new TestDatagrams()) {
			InetSocketAddress to = new InetSocketAddress("127.0.0.1", server.port("events"));
			byte[] data = "a small datagram".getBytes(StandardCharsets.UTF_8);
			for (int i = 0; i < sent; i++) {
				client.send(data, to);
			}
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.untilAsserted(() -> assertThat(server.server().stats().requestCount() + LinuxUdp.drops(to.getPort()))
					.isEqualTo(sent));
			assertThat(server.server().stats().packetDropCount()).isZero();
			assertThat(server.server().stats().requestCount()).isGreaterThan(100);
		}
	}

	@Test
	void whenPortIsTakenThenStartFails() {
		try (TestDatagrams taken = new TestDatagrams()) {
			int port = taken.address().getPort();
			assertThatExceptionOfType(PortInUseException.class)
				.isThrownBy(() -> TestServer.start(new TestHandler(),
						(options) -> options
							.listener(ListenerOptions.builder("events").type(ListenerType.UDP).port(port).build())))
				.satisfies((ex) -> assertThat(ex.getPort()).isEqualTo(port));
		}
	}

}
