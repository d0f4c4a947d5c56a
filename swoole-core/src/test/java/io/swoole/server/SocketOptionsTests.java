package io.swoole.server;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import io.swoole.server.transport.Transport;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import io.swoole.testing.Transports;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * FLOW-06, HEART-13, LIMIT-05, BUF-09: settings of TCP sockets reach the operating
 * system.
 */
class SocketOptionsTests {

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenNothingIsSetThenNagleIsOffAndKeepaliveToo(TransportType transport) {
		accept(transport, (options) -> {
		}, (channel) -> {
			assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
			assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isFalse();
			assertThat(channel.parent().config().getOption(ChannelOption.SO_BACKLOG)).isEqualTo(512);
		});
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenEveryTransportHasTheOptionThenIsSet(TransportType transport) {
		accept(transport,
				(options) -> options.main()
					.openTcpNodelay(false)
					.backlog(77)
					.openTcpKeepalive(true)
					.kernelSocketRecvBufferSize(65536)
					.kernelSocketSendBufferSize(32768),
				(channel) -> {
					assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isFalse();
					assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
					assertThat(channel.parent().config().getOption(ChannelOption.SO_BACKLOG)).isEqualTo(77);
					// the operating system doubles what it is asked for
					assertThat(channel.config().getOption(ChannelOption.SO_RCVBUF)).isBetween(65536, 2 * 65536);
					assertThat(channel.config().getOption(ChannelOption.SO_SNDBUF)).isBetween(32768, 2 * 32768);
				});
	}

	@Test
	void whenTransportIsEpollThenHasEveryOption() {
		Transports.assume(TransportType.EPOLL);
		try (LogCapture log = LogCapture.of("io.swoole")) {
			accept(TransportType.EPOLL, this::everything, (channel) -> {
				assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPIDLE)).isEqualTo(120);
				assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPINTVL)).isEqualTo(7);
				assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPCNT)).isEqualTo(3);
				assertThat(channel.config().getOption(EpollChannelOption.TCP_USER_TIMEOUT)).isEqualTo(2500);
				// the operating system rounds up to a number of retransmissions
				assertThat(channel.parent().config().getOption(EpollChannelOption.TCP_DEFER_ACCEPT)).isBetween(4, 10);
				assertThat(channel.parent().config().getOption(ChannelOption.TCP_FASTOPEN)).isEqualTo(512);
				assertThat(channel.parent().config().getOption(UnixChannelOption.SO_REUSEPORT)).isTrue();
			});
			assertThat(log.messages(Level.WARN)).isEmpty();
		}
	}

	@Test
	void whenTransportHasNoSuchOptionThenWarnsOnceNamingBoth() {
		try (LogCapture log = LogCapture.of("io.swoole")) {
			accept(TransportType.NIO, (options) -> {
				everything(options);
				options.listener(ListenerOptions.builder("second").tcpFastopen(true).build());
			}, (channel) -> {
			});
			// of the others it depends on the system whether NIO has them
			assertThat(log.messages(Level.WARN)).doesNotHaveDuplicates()
				.contains("tcp-defer-accept has no effect: transport nio has no such option here",
						"tcp-fastopen has no effect: transport nio has no such option here",
						"tcp-user-timeout has no effect: transport nio has no such option here");
		}
	}

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenReusePortIsEnabledThenTwoServersListenOnOnePort(TransportType transport) {
		Assumptions.assumeTrue(Transport.choose(transport).tcpOptions().reusePort() != null,
				"Windows does not share ports");
		Consumer<ServerOptions.Builder> reuse = (options) -> options.transport(transport).enableReusePort(true);
		try (TestServer first = TestServer.start(TestHandler.echo(), reuse);
				TestServer second = TestServer.start(TestHandler.echo(),
						reuse.andThen((options) -> options.port(first.port())))) {
			assertThat(second.port()).isEqualTo(first.port());
		}
	}

	private void everything(ServerOptions.Builder options) {
		options.enableReusePort(true)
			.main()
			.openTcpKeepalive(true)
			.tcpKeepidle(Duration.ofSeconds(120))
			.tcpKeepinterval(Duration.ofSeconds(7))
			.tcpKeepcount(3)
			.tcpUserTimeout(Duration.ofMillis(2500))
			.tcpDeferAccept(Duration.ofSeconds(4))
			.tcpFastopen(true);
	}

	/** Looks at the server's end of a connection. */
	private static void accept(TransportType transport, Consumer<ServerOptions.Builder> settings,
			Consumer<Channel> check) {
		BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> {
			settings.accept(options);
			options.transport(transport).pipelineCustomizer((pipeline) -> accepted.add(pipeline.channel()));
		}); TestClient client = server.connect()) {
			assertThat(client.send("hello").readText(5)).isEqualTo("hello");
			check.accept(accepted.remove());
		}
	}

}
