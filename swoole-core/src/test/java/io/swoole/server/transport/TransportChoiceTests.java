package io.swoole.server.transport;

import java.net.SocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.kqueue.KQueue;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerType;
import io.swoole.server.TransportType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TransportChoice}: what Linux, macOS and Windows take.
 */
class TransportChoiceTests {

	private static TransportChoice on(String system) {
		return new TransportChoice(List.of(new FakeTransport(TransportType.EPOLL, "linux".equals(system)),
				new FakeTransport(TransportType.KQUEUE, "macos".equals(system)),
				new FakeTransport(TransportType.NIO, true)));
	}

	@ParameterizedTest
	@CsvSource({ "linux, EPOLL", "macos, KQUEUE", "windows, NIO" })
	void whenTransportIsAutoThenTheBestOfTheSystemIsTaken(String system, TransportType expected) {
		assertThat(on(system).choose(TransportType.AUTO).type()).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "linux, EPOLL", "linux, NIO", "macos, KQUEUE", "macos, NIO", "windows, NIO" })
	void whenTransportIsNamedAndWorksThenItIsTaken(String system, TransportType wanted) {
		assertThat(on(system).choose(wanted).type()).isEqualTo(wanted);
	}

	@ParameterizedTest
	@CsvSource({ "linux, KQUEUE", "macos, EPOLL", "windows, EPOLL", "windows, KQUEUE" })
	void whenTransportIsNamedAndDoesNotWorkThenStartFails(String system, TransportType wanted) {
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> on(system).choose(wanted))
			.satisfies((ex) -> assertThat(ex.getOption()).isEqualTo("transport"))
			.withMessageContaining("no library for " + wanted)
			.withMessageContaining("set transport to auto");
	}

	@Test
	void whenThisSystemIsAskedThenTakesWhatItHas() {
		TransportType expected = Epoll.isAvailable() ? TransportType.EPOLL
				: KQueue.isAvailable() ? TransportType.KQUEUE : TransportType.NIO;
		assertThat(Transport.choose(TransportType.AUTO).type()).isEqualTo(expected);
		assertThat(Transport.choose(TransportType.NIO)).isInstanceOf(NioTransport.class);
	}

	/**
	 * Works or doesn't, and does nothing else.
	 *
	 * @param type its type
	 * @param works whether it works
	 */
	private record FakeTransport(TransportType type, boolean works) implements Transport {

		@Override
		public @Nullable Throwable unavailabilityCause() {
			return this.works ? null : new UnsatisfiedLinkError("no library for " + this.type);
		}

		@Override
		public IoHandlerFactory ioHandlerFactory(BooleanSupplier expecting) {
			throw new UnsupportedOperationException();
		}

		@Override
		public ChannelFactory<? extends ServerChannel> streamChannelFactory(ListenerType type) {
			throw new UnsupportedOperationException();
		}

		@Override
		public ChannelFactory<? extends Channel> datagramChannelFactory(ListenerType type) {
			throw new UnsupportedOperationException();
		}

		@Override
		public SocketAddress unixAddress(String path) {
			throw new UnsupportedOperationException();
		}

		@Override
		public TcpOptions tcpOptions() {
			throw new UnsupportedOperationException();
		}

	}

}
