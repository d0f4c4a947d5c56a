package io.swoole.server.listener;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.swoole.server.Listener;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ListenerType;
import io.swoole.server.SwooleError;
import io.swoole.server.TransportType;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.limit.AddressFilter;
import io.swoole.server.transport.Transport;
import io.swoole.server.worker.Reactor;
import io.swoole.testing.FailingAllocator;
import io.swoole.testing.TestDatagrams;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of a socket for datagrams for which there is no memory.
 */
class DatagramSocketTests {

	private static final String TRANSPORTS = "io.swoole.testing.Transports#available";

	private final FailingAllocator allocator = new FailingAllocator();

	private final ServerCounters counters = new ServerCounters(this, 1);

	/** Nothing gets further than the filter. */
	private final ListenerOptions options = ListenerOptions.builder("udp")
		.type(ListenerType.UDP)
		.denyFrom(List.of("127.0.0.0/8"))
		.socketBufferSize(2500)
		.build();

	private interface Check {

		void accept(DatagramSocket socket, TestDatagrams peer) throws Exception;

	}

	private void check(TransportType type, Check check) throws Exception {
		Transport transport = Transport.choose(type);
		EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlerFactory(() -> false));
		try (TestDatagrams peer = new TestDatagrams()) {
			Channel channel = new Bootstrap().group(loops)
				.channelFactory(transport.datagramChannelFactory(ListenerType.UDP))
				.option(ChannelOption.AUTO_READ, false)
				.option(ChannelOption.ALLOCATOR, this.allocator)
				.option(ChannelOption.RECVBUF_ALLOCATOR, new ReceiveBuffers(2048))
				.handler(new ChannelInboundHandlerAdapter())
				.bind(new InetSocketAddress("127.0.0.1", 0))
				.sync()
				.channel();
			DatagramSocket socket = new DatagramSocket(this.options, channel, new Reactor(0, loops.next()),
					this.counters);
			check.accept(socket, peer);
		}
		finally {
			loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
		}
	}

	@ParameterizedTest
	@MethodSource(TRANSPORTS)
	void whenMemoryIsMissingToSendThenTheNextDatagramsAreSent(TransportType type) throws Exception {
		check(type, (socket, peer) -> {
			for (int i = 0; i < 5; i++) {
				this.allocator.failAfter(0);
				assertThat(socket.send(peer.address(), new byte[1000])).isEqualTo(SwooleError.NONE);
				Awaitility.await().until(() -> socket.pending() == 0);
				assertThat(this.allocator.hasFailed()).isTrue();
			}
			assertThat(socket.send(peer.address(), new byte[] { 1 })).isEqualTo(SwooleError.NONE);
			assertThat(peer.receive().getLength()).isEqualTo(1);
		});
	}

	@ParameterizedTest
	@MethodSource(TRANSPORTS)
	void whenMemoryIsMissingToReceiveThenReceivesLater(TransportType type) throws Exception {
		check(type, (socket, peer) -> {
			Listener listener = ListenAddress.describe(this.options, socket.channel());
			socket.channel()
				.pipeline()
				.addLast(new DatagramHandler(listener, new AddressFilter(this.options), socket, new TestHandler(), null,
						this.counters));
			this.allocator.failAfter(0);
			socket.receive(true);
			peer.send("first", listener.port());
			Awaitility.await().until(() -> this.counters.discarded.sum() == 1);
			assertThat(this.allocator.hasFailed()).isTrue();
			peer.send("second", listener.port());
			Awaitility.await().until(() -> this.counters.discarded.sum() == 2);
			assertThat(socket.channel().isOpen()).isTrue();
		});
	}

}
