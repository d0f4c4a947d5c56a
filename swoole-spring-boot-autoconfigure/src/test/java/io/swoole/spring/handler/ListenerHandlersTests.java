package io.swoole.spring.handler;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.Connection;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ListenerType;
import io.swoole.server.Packet;
import io.swoole.server.PacketHandler;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleError;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnPacket;
import io.swoole.spring.annotation.OnReceive;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for handlers of listeners and of datagrams: PORT-03, UDP-01, UDP-04.
 */
class ListenerHandlersTests {

	private static final List<String> calls = new ArrayList<>();

	private final SwooleServer server = mock(SwooleServer.class);

	private final Connection connection = mock(Connection.class);

	private final Packet packet = new Packet("data".getBytes(StandardCharsets.UTF_8),
			new InetSocketAddress("127.0.0.1", 5000), "events", 9600, Instant.EPOCH);

	@BeforeEach
	void clear() {
		calls.clear();
	}

	@Test
	void whenListenerHasAHandlerOfItsOwnThenItIsCalled() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(AllHandlers.class, AdminHandlers.class);
		assertThat(callsFor(handler, "main")).containsExactly("connect", "receive", "close");
		assertThat(callsFor(handler, "other")).containsExactly("connect", "receive", "close");
		assertThat(callsFor(handler, "admin")).containsExactly("connect", "admin receive", "close");
	}

	@Test
	void whenOnlyMainHasAHandlerThenOtherListenersUseIt() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(MainHandlers.class, AdminHandlers.class);
		assertThat(callsFor(handler, "main")).containsExactly("main receive");
		assertThat(callsFor(handler, "other")).containsExactly("main receive");
		assertThat(callsFor(handler, "admin")).containsExactly("admin receive");
	}

	@Test
	void whenMainHasAHandlerBesideThoseOfAllThenOthersUseThose() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(AllHandlers.class, MainHandlers.class);
		assertThat(callsFor(handler, "main")).containsExactly("connect", "main receive", "close");
		assertThat(callsFor(handler, "other")).containsExactly("connect", "receive", "close");
	}

	private List<String> callsFor(AnnotatedServerHandler handler, String listener) throws Exception {
		calls.clear();
		ServerHandler own = handler.forListener(listener);
		own.onConnect(this.server, this.connection, 0);
		own.onReceive(this.server, this.connection, Unpooled.EMPTY_BUFFER);
		own.onClose(this.server, this.connection, 0);
		return calls;
	}

	@Test
	void whenPortIsAPlaceholderThenItIsResolved() throws Exception {
		AnnotatedServerHandler handler = Handlers
			.context(
					(context) -> context.getEnvironment()
						.getPropertySources()
						.addFirst(new MapPropertySource("test", Map.of("admin.listener", "admin"))),
					AllHandlers.class, PlaceholderHandlers.class)
			.getBean(AnnotatedServerHandler.class);
		assertThat(callsFor(handler, "admin")).contains("placeholder receive");
		assertThat(callsFor(handler, "main")).contains("receive");
	}

	@Test
	void whenMetaAnnotationNamesTheListenerThenItCounts() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(AllHandlers.class, MetaHandlers.class);
		assertThat(callsFor(handler, "admin")).contains("meta receive");
		assertThat(callsFor(handler, "main")).contains("receive");
	}

	@Test
	void whenMethodOverridesAnAnnotatedOneThenItsOwnAnnotationCounts() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(AllHandlers.class, OverridingHandlers.class);
		assertThat(callsFor(handler, "second")).contains("overriding receive");
		assertThat(callsFor(handler, "first")).contains("receive");
	}

	@Test
	void whenTwoMethodsAreForOneListenerThenStartFails() {
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> Handlers.of(AdminHandlers.class, MetaHandlers.class))
			.withMessageContaining("two @OnReceive methods for listener 'admin'")
			.withMessageContaining("AdminHandlers.receive")
			.withMessageContaining("MetaHandlers.receive");
	}

	@Test
	void whenListenerIsUnknownThenStartFails() {
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> start(tcp("second"), AllHandlers.class, AdminHandlers.class))
			.withMessageContaining("AdminHandlers.receive")
			.withMessageContaining("for listener 'admin', which does not exist; listeners are main, second");
	}

	@Test
	void whenListenerHasNoHandlerForPacketsThenStartFails() {
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> start(tcp("admin"), AdminHandlers.class))
			.withMessageContaining("The server listens on 127.0.0.1:9501, but no bean has an @OnReceive method");
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> start(ServerOptions.builder()
				.listener(ListenerOptions.builder("events").type(ListenerType.UDP).port(9600).build())
				.build(), AllHandlers.class))
			.withMessageContaining("Listener 'events' listens on 127.0.0.1:9600, but no bean has an @OnPacket method");
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> start(ServerOptions.builder()
				.listener(ListenerOptions.builder("unix").type(ListenerType.UNIX_DGRAM).host("/run/x.sock").build())
				.build(), AllHandlers.class))
			.withMessageContaining("Listener 'unix' listens on /run/x.sock, but");
	}

	@Test
	void whenEveryListenerHasWhatItNeedsThenStarts() {
		start(ServerOptions.builder()
			.listener(ListenerOptions.builder("admin").build())
			.listener(ListenerOptions.builder("events").type(ListenerType.UDP).build())
			.build(), AllHandlers.class, AdminHandlers.class, TextPacketHandler.class);
	}

	@Test
	void whenThereIsNoListenerForDatagramsThenPacketHandlersAreAllowed() {
		start(ServerOptions.builder().build(), AllHandlers.class, TextPacketHandler.class);
	}

	@Test
	void whenServerIsOnlyForDatagramsThenNeedsNoReceiveHandler() {
		start(ServerOptions.builder().main((main) -> main.type(ListenerType.UDP)).build(), TextPacketHandler.class);
	}

	private static ServerOptions tcp(String name) {
		return ServerOptions.builder().listener(ListenerOptions.builder(name).build()).build();
	}

	private static void start(ServerOptions options, Class<?>... handlers) {
		Handlers.context((context) -> context.registerBean(ServerOptions.class, () -> options), handlers).close();
	}

	@Test
	void whenDatagramComesThenHandlerGetsWhatItAsksFor() throws Exception {
		given(this.server.getWorkerId()).willReturn(3);
		Handlers.of(EverythingPacketHandler.class).onPacket(this.server, this.packet);
		assertThat(calls).containsExactly("packet true true 3 9600 data");
		for (Class<?> type : List.of(BytesPacketHandler.class, BufferPacketHandler.class, NioPacketHandler.class,
				FunctionConfiguration.class)) {
			calls.clear();
			Handlers.of(type).onPacket(this.server, this.packet);
			assertThat(calls).containsExactly("data");
		}
	}

	@Test
	void whenHandlerReturnsSomethingThenItIsSentFromThePortTheDatagramCameTo() throws Exception {
		for (Class<?> type : List.of(TextPacketHandler.class, BytesReply.class, BufferReply.class)) {
			SwooleServer server = mock(SwooleServer.class);
			given(server.sendTo(this.packet.address(), "reply".getBytes(StandardCharsets.UTF_8), 9600))
				.willReturn(true);
			Handlers.of(type).onPacket(server, this.packet);
			then(server).should().sendTo(this.packet.address(), "reply".getBytes(StandardCharsets.UTF_8), 9600);
		}
	}

	@Test
	void whenHandlerReturnsNullThenNothingIsSent() throws Exception {
		Handlers.of(NullReply.class).onPacket(this.server, this.packet);
		then(this.server).shouldHaveNoInteractions();
	}

	@Test
	void whenReplyDoesNotFitIntoADatagramThenThatIsAnError() {
		given(this.server.getLastError()).willReturn(SwooleError.DATA_LENGTH_TOO_LARGE);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Handlers.of(TextPacketHandler.class).onPacket(this.server, this.packet))
			.withMessageContaining("does not fit into a datagram");
	}

	static class AllHandlers {

		@OnConnect
		void connect() {
			calls.add("connect");
		}

		@OnReceive
		void receive() {
			calls.add("receive");
		}

		@OnClose
		void close() {
			calls.add("close");
		}

	}

	static class AdminHandlers {

		@OnReceive(port = "admin")
		void receive() {
			calls.add("admin receive");
		}

	}

	static class MainHandlers {

		@OnReceive(port = "main")
		void receive() {
			calls.add("main receive");
		}

	}

	static class PlaceholderHandlers {

		@OnReceive(port = "${admin.listener}")
		void receive() {
			calls.add("placeholder receive");
		}

	}

	@OnReceive
	@Retention(RetentionPolicy.RUNTIME)
	@Target(ElementType.METHOD)
	@interface OnReceiveOf {

		@AliasFor(annotation = OnReceive.class, attribute = "port")
		String value();

	}

	static class MetaHandlers {

		@OnReceiveOf("admin")
		void receive() {
			calls.add("meta receive");
		}

	}

	static class OverriddenHandlers {

		@OnReceive(port = "first")
		void receive() {
			calls.add("overridden receive");
		}

	}

	static class OverridingHandlers extends OverriddenHandlers {

		@Override
		@OnReceive(port = "second")
		void receive() {
			calls.add("overriding receive");
		}

	}

	static class EverythingPacketHandler {

		@OnPacket
		void packet(String data, int serverPort, SwooleServer server, int workerId, Packet packet) {
			calls.add("packet %s %s %d %d %s".formatted(server != null, packet != null, workerId, serverPort, data));
		}

	}

	static class BytesPacketHandler {

		@OnPacket
		void packet(byte[] data) {
			calls.add(new String(data, StandardCharsets.UTF_8));
		}

	}

	static class BufferPacketHandler {

		@OnPacket
		void packet(ByteBuf data) {
			calls.add(data.toString(StandardCharsets.UTF_8));
		}

	}

	static class NioPacketHandler {

		@OnPacket
		void packet(ByteBuffer data) {
			calls.add(StandardCharsets.UTF_8.decode(data).toString());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FunctionConfiguration {

		@Bean
		@OnPacket
		PacketHandler handler() {
			return (server, packet) -> calls.add(new String(packet.data(), StandardCharsets.UTF_8));
		}

	}

	static class TextPacketHandler {

		@OnPacket
		String packet() {
			return "reply";
		}

	}

	static class BytesReply {

		@OnPacket
		byte[] packet() {
			return "reply".getBytes(StandardCharsets.UTF_8);
		}

	}

	static class BufferReply {

		@OnPacket
		ByteBuf packet() {
			return Unpooled.copiedBuffer("reply", StandardCharsets.UTF_8);
		}

	}

	static class NullReply {

		@OnPacket
		@Nullable String packet() {
			return null;
		}

	}

}
