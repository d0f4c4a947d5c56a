package io.swoole.spring;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.swoole.server.HandlerError;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.UnreadablePacketException;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnPacket;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.spring.handler.InvalidHandlerException;
import io.swoole.spring.payload.PayloadConverter;
import io.swoole.task.Task;
import io.swoole.testing.TestClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for payloads of all formats, and for answers that come later, with real sockets.
 */
class PayloadIntegrationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class, JacksonAutoConfiguration.class))
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=2");

	private final ApplicationContextRunner lines = this.runner.withPropertyValues("swoole.server.open-eof-split=true",
			"swoole.server.package-eof=\\n", "swoole.server.package-strip=true");

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenPayloadIsObjectThenJsonIsReadAndWritten(String mode) {
		this.lines.withUserConfiguration(Shop.class)
			.withPropertyValues("swoole.server.mode=" + mode)
			.run(withClient((context, client) -> {
				client.send("{\"item\":\"Käse\",\"amount\":2}\n");
				assertThat(client.readUntil("\n")).isEqualTo("{\"id\":7,\"order\":{\"item\":\"Käse\",\"amount\":2}}\n");
			}));
	}

	@Test
	void whenPacketsHaveLengthThenJsonIsReadAndWritten() {
		this.runner.withUserConfiguration(Shop.class)
			.withPropertyValues("swoole.server.open-length-check=true", "swoole.server.package-strip=true")
			.run(withClient((context, client) -> {
				byte[] json = "{\"item\":\"x\",\"amount\":1}".getBytes(StandardCharsets.UTF_8);
				ByteBuf packet = Unpooled.buffer().writeInt(json.length).writeBytes(json);
				client.send(ByteBufUtil.getBytes(packet));
				int length = Unpooled.wrappedBuffer(client.read(4)).readInt();
				assertThat(client.readText(length)).isEqualTo("{\"id\":7,\"order\":{\"item\":\"x\",\"amount\":1}}");
			}));
	}

	@Test
	void whenTypesAreGenericThenElementsKeepTheirTypes() {
		this.lines.withUserConfiguration(Orders.class).run(withClient((context, client) -> {
			client.send("[{\"item\":\"a\",\"amount\":1},{\"item\":\"b\",\"amount\":2}]\n");
			assertThat(client.readUntil("\n")).isEqualTo("{\"a\":1,\"b\":2}\n");
		}));
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenPayloadIsUnreadableThenReportsCountsAndClosesConnection(String mode) {
		this.lines.withUserConfiguration(Shop.class, Errors.class)
			.withPropertyValues("swoole.server.mode=" + mode)
			.run((context) -> {
				int port = port(context);
				try (TestClient bad = TestClient.connect(port); TestClient good = TestClient.connect(port)) {
					bad.send("{\"item\":\n{\"item\":\"x\",\"amount\":1}\n");
					assertThat(bad.readAll()).isEmpty();
					good.send("{\"item\":\"x\",\"amount\":1}\n");
					assertThat(good.readUntil("\n")).startsWith("{\"id\":7");
				}
				HandlerError error = context.getBean(Errors.class).errors.remove();
				assertThat(error.event()).isEqualTo("receive");
				assertThat(error.fd()).isPositive();
				assertThat(error.cause()).isInstanceOf(UnreadablePacketException.class)
					.hasMessageContaining("Purchase")
					.hasCauseInstanceOf(JacksonException.class);
				SwooleServer server = context.getBean(SwooleServer.class);
				assertThat(server.stats().unreadablePacketCount()).isOne();
				assertThat(server.stats().handlerErrorCount()).isZero();
				assertThat(context.getBean(Errors.class).errors).isEmpty();
			});
	}

	@ParameterizedTest
	@CsvSource({ "'', 1", "[], 1", "{} {}, 1", "null, 0" })
	void whenPayloadIsNoOrderThenIsUnreadable(String packet, int unreadable) {
		this.lines.withUserConfiguration(Shop.class, Errors.class).run(withClient((context, client) -> {
			client.send(packet + "\n").shutdownOutput();
			client.readAll();
			assertThat(context.getBean(SwooleServer.class).stats().unreadablePacketCount()).isEqualTo(unreadable);
		}));
	}

	@ParameterizedTest
	@ValueSource(strings = { "heartbeat-idle-time=60s", "open-eof-split=true", "open-length-check=true",
			"open-mqtt-protocol=true" })
	void whenPacketsAreNotStrippedThenJsonFailsStart(String property) {
		this.runner.withUserConfiguration(Shop.class)
			.withPropertyValues("swoole.server." + property)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidHandlerException.class)
				.hasMessageContaining("Shop.receive(Purchase, long)")
				.hasMessageContaining("takes JSON, but listener 'main' does not hand out packets without header")
				.hasMessageContaining("package-strip to true"));
	}

	@Test
	void whenOnlyOtherListenerTakesJsonThenMainNeedsNoFraming() {
		this.runner.withUserConfiguration(JsonOfInner.class)
			.withPropertyValues("swoole.server.listeners[0].name=inner", "swoole.server.listeners[0].port=0",
					"swoole.server.listeners[0].open-eof-split=true", "swoole.server.listeners[0].package-strip=true")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(classes = { Shop.class, Answers.class, LaterAnswers.class })
	void whenThereIsNoJacksonThenStartFailsSayingWhatToAdd(Class<?> handlers) {
		this.lines.withUserConfiguration(handlers)
			.withClassLoader(new FilteredClassLoader("tools.jackson"))
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidHandlerException.class)
				.hasMessageContaining("spring-boot-starter-jackson"));
	}

	@Test
	void whenThereIsNoJacksonThenOthersWork() {
		this.lines.withUserConfiguration(Later.class, Texts.class)
			.withClassLoader(new FilteredClassLoader("tools.jackson"))
			.run((context) -> assertThat(context).getFailure().hasMessageContaining("java.lang.Object"));
		this.lines.withUserConfiguration(Texts.class)
			.withClassLoader(new FilteredClassLoader("tools.jackson"))
			.run(withClient((context, client) -> {
				client.send("x\n");
				assertThat(client.readUntil("\n")).isEqualTo("x!\n");
			}));
	}

	@ParameterizedTest
	@ValueSource(classes = { Misspelled.class, NumberPayload.class, Abstract.class, Stream.class })
	void whenTypeIsNoPayloadThenStartFails(Class<?> handlers) {
		this.lines.withUserConfiguration(handlers)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidHandlerException.class)
				.hasMessageMatching("(?s).*(unsupported parameter|not supported).*"));
	}

	@Test
	void whenDatagramIsJsonThenAnswersSender() {
		this.runner.withUserConfiguration(Datagrams.class, Errors.class)
			.withPropertyValues("swoole.server.type=udp")
			.run((context) -> {
				try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
					socket.setSoTimeout(30_000);
					socket.connect(InetAddress.getLoopbackAddress(), port(context));
					send(socket, "no json");
					send(socket, "{\"item\":\"x\",\"amount\":1}");
					assertThat(receive(socket)).isEqualTo("{\"id\":1,\"order\":{\"item\":\"x\",\"amount\":1}}");
				}
				assertThat(context.getBean(SwooleServer.class).stats().unreadablePacketCount()).isOne();
				assertThat(context.getBean(Errors.class).errors).extracting(HandlerError::event)
					.containsExactly("packet");
			});
	}

	@Test
	void whenThereAreConvertersThenTheirOrderDecidesAndJsonIsLast() {
		this.lines.withUserConfiguration(Converters.class, Shop.class).run(withClient((context, client) -> {
			client.send("Brot*3\n");
			assertThat(client.readUntil("\n")).isEqualTo("{\"id\":7,\"order\":{\"item\":\"Brot\",\"amount\":3}}\n");
			assertThat(context.getBean(Converters.class).asked).containsExactly("first", "second");
		}));
	}

	@Test
	void whenConverterWritesThenAnswerIsNoJson() {
		this.runner.withUserConfiguration(RawConverter.class).run(withClient((context, client) -> {
			client.send("4");
			assertThat(client.readText(3)).isEqualTo("<4>");
		}));
	}

	@ParameterizedTest
	@CsvSource({ "base, stage", "base, mono", "process, stage", "process, mono", "base, object", "base, bytes",
			"base, buffer", "base, text" })
	void whenAnswerComesLaterThenLaterPacketsGoOn(String mode, String kind) {
		this.lines.withUserConfiguration(Later.class)
			.withPropertyValues("swoole.server.mode=" + mode)
			.run(withClient((context, client) -> {
				Later later = context.getBean(Later.class);
				client.send(kind + "\nnow\nempty\n");
				assertThat(client.readUntil("\n")).isEqualTo("now\n");
				Thread completing = new Thread(() -> later.waiting.remove().run());
				completing.start();
				assertThat(client.readUntil("\n")).isEqualTo(switch (kind) {
					case "stage", "mono", "object" -> "{\"item\":\"later\",\"amount\":1}\n";
					default -> "later\n";
				});
				completing.join();
			}));
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenAnswerFailsLaterThenReportsWithConnection(String mode) {
		this.lines.withUserConfiguration(Later.class, Errors.class)
			.withPropertyValues("swoole.server.mode=" + mode)
			.run(withClient((context, client) -> {
				Errors errors = context.getBean(Errors.class);
				client.send("fail\nfailed\n");
				Later later = context.getBean(Later.class);
				await().pollInterval(Duration.ofMillis(5))
					.atMost(Duration.ofSeconds(30))
					.until(() -> later.waiting.size() == 1);
				later.waiting.remove().run();
				await().pollInterval(Duration.ofMillis(5))
					.atMost(Duration.ofSeconds(30))
					.until(() -> errors.errors.size() == 2);
				assertThat(errors.errors).allSatisfy((error) -> {
					assertThat(error.event()).isEqualTo("receive");
					assertThat(error.fd()).isPositive();
					assertThat(error.workerId()).isBetween(0, 1);
					assertThat(error.cause()).isInstanceOf(IOException.class);
				});
				assertThat(errors.threads).allMatch((name) -> name.startsWith("swoole-worker-"));
				assertThat(context.getBean(SwooleServer.class).stats().handlerErrorCount()).isEqualTo(2);
				client.send("now\n");
				assertThat(client.readUntil("\n")).isEqualTo("now\n");
			}));
	}

	@Test
	void whenConnectionIsGoneThenLateAnswerIsDropped() {
		this.lines.withUserConfiguration(Later.class, Errors.class).run((context) -> {
			Later later = context.getBean(Later.class);
			try (TestClient client = TestClient.connect(port(context))) {
				client.send("buffer\n");
				await().pollInterval(Duration.ofMillis(5))
					.atMost(Duration.ofSeconds(30))
					.until(() -> later.waiting.size() == 1);
			}
			SwooleServer server = context.getBean(SwooleServer.class);
			await().pollInterval(Duration.ofMillis(5))
				.atMost(Duration.ofSeconds(30))
				.until(() -> server.getConnectionCount() == 0);
			later.waiting.remove().run();
			assertThat(context.getBean(Errors.class).errors).isEmpty();
		});
	}

	@Test
	void whenOtherEventFailsLaterThenReports() {
		this.lines.withUserConfiguration(LaterConnect.class, Errors.class).run(withClient((context, client) -> {
			Errors errors = context.getBean(Errors.class);
			await().pollInterval(Duration.ofMillis(5))
				.atMost(Duration.ofSeconds(30))
				.until(() -> context.getBean(LaterConnect.class).failing.getNumberOfDependents() > 0);
			context.getBean(LaterConnect.class).failing.completeExceptionally(new IOException("later"));
			await().pollInterval(Duration.ofMillis(5))
				.atMost(Duration.ofSeconds(30))
				.until(() -> errors.errors.size() == 1);
			assertThat(errors.errors.remove().event()).isEqualTo("connect");
		}));
	}

	@Test
	void whenTaskReturnsMonoInWhateverTypeThenItIsAwaited() {
		this.lines.withUserConfiguration(MonoTasks.class)
			.withPropertyValues("swoole.server.task-worker-num=1")
			.run((context) -> {
				SwooleServer server = context.getBean(SwooleServer.class);
				assertThat(server.<Object>taskWait("a", Duration.ofSeconds(30))).isEqualTo("a!");
				assertThat(server.<Object>taskWait(1, Duration.ofSeconds(30))).isEqualTo(2);
			});
	}

	private static ContextTest withClient(ClientTest test) {
		return new ContextTest(test);
	}

	private static int port(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean(SwooleServer.class).getAddress().getPort();
	}

	private static void send(DatagramSocket socket, String text) throws IOException {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		socket.send(new DatagramPacket(bytes, bytes.length));
	}

	private static String receive(DatagramSocket socket) throws IOException {
		DatagramPacket packet = new DatagramPacket(new byte[1000], 1000);
		socket.receive(packet);
		return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
	}

	record Purchase(String item, int amount) {

	}

	record Receipt(int id, @Nullable Purchase order) {

	}

	record Count(int value) {

	}

	interface ClientTest {

		void run(AssertableApplicationContext context, TestClient client) throws Exception;

	}

	private record ContextTest(ClientTest test) implements ContextConsumer<AssertableApplicationContext> {

		@Override
		public void accept(AssertableApplicationContext context) throws Throwable {
			try (TestClient client = TestClient.connect(port(context))) {
				this.test.run(context, client);
			}
		}

	}

	static class Shop {

		@OnReceive
		Receipt receive(Purchase order, long fd) {
			return new Receipt(7, order);
		}

	}

	static class JsonOfInner {

		@OnReceive
		void receive(byte[] packet) {
		}

		@OnReceive(port = "inner")
		void receive(Purchase order) {
		}

	}

	static class Answers {

		@OnReceive
		Receipt receive(String line) {
			return new Receipt(1, null);
		}

	}

	static class LaterAnswers {

		@OnReceive
		CompletionStage<List<Receipt>> receive(String line) {
			return CompletableFuture.completedFuture(List.of());
		}

	}

	static class Texts {

		@OnReceive
		CompletionStage<?> receive(String line) {
			return CompletableFuture.completedFuture(line + "!");
		}

	}

	static class Misspelled {

		@OnReceive
		void receive(Task task) {
		}

	}

	static class NumberPayload {

		@OnReceive
		void receive(long id) {
		}

	}

	static class Abstract {

		@OnReceive
		void receive(Runnable runnable) {
		}

	}

	static class Stream {

		@OnReceive
		Flux<String> receive(String line) {
			return Flux.just(line);
		}

	}

	static class Orders {

		@OnReceive
		Map<String, Integer> receive(List<Purchase> orders) {
			Map<String, Integer> amounts = new TreeMap<>();
			orders.forEach((order) -> amounts.put(order.item(), order.amount()));
			return amounts;
		}

	}

	static class Datagrams {

		@OnPacket
		CompletionStage<Receipt> packet(Purchase order) {
			return CompletableFuture.supplyAsync(() -> new Receipt(1, order));
		}

	}

	static class Errors implements HandlerErrorHandler {

		final Queue<HandlerError> errors = new ConcurrentLinkedQueue<>();

		final Queue<String> threads = new ConcurrentLinkedQueue<>();

		@Override
		public void handle(SwooleServer server, HandlerError error) {
			this.threads.add(Thread.currentThread().getName());
			this.errors.add(error);
		}

	}

	static class Converters {

		final Queue<String> asked = new ConcurrentLinkedQueue<>();

		@Bean
		@Order(2)
		PayloadConverter second() {
			return new PayloadConverter() {

				@Override
				public @Nullable Reader reader(ResolvableType type) {
					Converters.this.asked.add("second");
					return (type.toClass() != Purchase.class) ? null : (packet) -> {
						String[] parts = packet.toString(StandardCharsets.UTF_8).split("\\*");
						return new Purchase(parts[0], Integer.parseInt(parts[1]));
					};
				}

			};
		}

		@Bean
		@Order(1)
		PayloadConverter first() {
			return new PayloadConverter() {

				@Override
				public @Nullable Reader reader(ResolvableType type) {
					Converters.this.asked.add("first");
					return null;
				}

			};
		}

	}

	static class RawConverter implements PayloadConverter {

		@OnReceive
		Count receive(Count number) {
			return number;
		}

		@Override
		public @Nullable Reader reader(ResolvableType type) {
			return (type.toClass() == Count.class)
					? (packet) -> new Count(Integer.parseInt(packet.toString(StandardCharsets.US_ASCII))) : null;
		}

		@Override
		public @Nullable Writer writer(ResolvableType type) {
			return (type.toClass() == Count.class) ? (value, packet) -> packet
				.writeCharSequence("<" + ((Count) value).value() + ">", StandardCharsets.US_ASCII) : null;
		}

	}

	static class Later {

		final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

		@OnReceive
		@Nullable Object receive(String line) {
			return switch (line) {
				case "now" -> "now";
				case "empty" -> CompletableFuture.completedFuture(null);
				case "stage" -> stage(new Purchase("later", 1));
				case "object" ->
					stage(Map.copyOf(Map.of("item", "later"))).thenApply((map) -> new Purchase("later", 1));
				case "mono" -> Mono.fromFuture(stage(new Purchase("later", 1)));
				case "bytes" -> stage("later".getBytes(StandardCharsets.UTF_8));
				case "buffer" -> later(() -> Unpooled.copiedBuffer("later", StandardCharsets.UTF_8));
				case "text" -> stage("later");
				case "fail" -> fail();
				case "failed" -> CompletableFuture.failedFuture(new IOException("at once"));
				default -> throw new IllegalArgumentException(line);
			};
		}

		private <T> CompletableFuture<T> stage(T value) {
			return later(() -> value);
		}

		private <T> CompletableFuture<T> later(Supplier<T> value) {
			CompletableFuture<T> future = new CompletableFuture<>();
			this.waiting.add(() -> future.complete(value.get()));
			return future;
		}

		private CompletionStage<String> fail() {
			CompletableFuture<String> future = new CompletableFuture<>();
			this.waiting.add(() -> future.completeExceptionally(new IOException("later")));
			return future.thenApply((text) -> text);
		}

	}

	static class LaterConnect {

		final CompletableFuture<Void> failing = new CompletableFuture<>();

		@OnConnect
		CompletableFuture<Void> connect() {
			return this.failing;
		}

		@OnReceive
		void receive() {
		}

	}

	static class MonoTasks {

		@OnReceive
		void receive() {
		}

		@OnTask
		Mono<String> text(String text) {
			return Mono.just(text + "!");
		}

		@OnTask
		Object number(Integer number) {
			return Mono.just(number + 1);
		}

		@OnFinish
		void finish(Object result) {
		}

	}

}
