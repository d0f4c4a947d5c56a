package io.swoole.spring;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.HandlerError;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.SwooleError;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnBeforeShutdown;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnShutdown;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.task.TaskRejectedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for whole applications with real sockets.
 */
@ExtendWith(OutputCaptureExtension.class)
class SwooleServerIntegrationTests {

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenHandlerReturnsTextThenClientReceivesIt(String mode) throws IOException {
		try (ConfigurableApplicationContext context = run(TextEcho.class, "mode=" + mode);
				Socket client = connect(context)) {
			assertThat(exchange(client, "grüße")).isEqualTo("echo grüße");
		}
	}

	@Test
	void whenHandlerReturnsPacketThenClientReceivesIt() throws IOException {
		try (ConfigurableApplicationContext context = run(BufferEcho.class); Socket client = connect(context)) {
			for (int i = 0; i < 100; i++) {
				assertThat(exchange(client, "packet " + i)).isEqualTo("packet " + i);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenHandlerReturnsPacketsOfOneReadThenEachClientReceivesItsOwn(String mode) throws IOException {
		try (ConfigurableApplicationContext context = run(BufferEcho.class, "mode=" + mode, "worker-num=2",
				"open-eof-split=true", "package-eof=;"); Socket one = connect(context); Socket two = connect(context)) {
			String first = ("a".repeat(99) + ";").repeat(64);
			String second = ("b".repeat(99) + ";").repeat(64);
			for (int round = 0; round < 200; round++) {
				one.getOutputStream().write(first.getBytes(StandardCharsets.UTF_8));
				two.getOutputStream().write(second.getBytes(StandardCharsets.UTF_8));
				assertThat(read(one, first.length())).isEqualTo(first);
				assertThat(read(two, second.length())).isEqualTo(second);
			}
		}
	}

	private static String read(Socket client, int length) throws IOException {
		return new String(client.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
	}

	@Test
	void whenTerminatorIsConfiguredThenHandlerGetsPackets() throws IOException {
		try (ConfigurableApplicationContext context = run(TextEcho.class, "open-eof-split=true", "package-eof=;");
				Socket client = connect(context)) {
			client.getOutputStream().write("a;b;c".getBytes(StandardCharsets.UTF_8));
			assertThat(new String(client.getInputStream().readNBytes(14), StandardCharsets.UTF_8))
				.isEqualTo("echo a;echo b;");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenTaskFinishesThenResultIsSentToClient(String mode) throws IOException {
		try (ConfigurableApplicationContext context = run(TaskHandlers.class, "mode=" + mode, "worker-num=2",
				"task-worker-num=2"); Socket client = connect(context)) {
			assertThat(exchange(client, "work")).isEqualTo("WORK by worker of connection: true");
			assertThat(exchange(client, "12")).isEqualTo("13");
		}
	}

	@Test
	void whenNoHandlerTakesTaskThenRejects() {
		try (ConfigurableApplicationContext context = run(TaskHandlers.class, "task-worker-num=1")) {
			SwooleServer server = context.getBean(SwooleServer.class);
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> server.task(1L));
		}
	}

	@Test
	void whenApplicationRunsThenCallsLifeHandlersInOrder() throws IOException {
		Queue<String> events;
		try (ConfigurableApplicationContext context = run(LifeHandlers.class)) {
			events = context.getBean(LifeHandlers.class).events;
			try (Socket client = connect(context)) {
				assertThat(exchange(client, "data")).isEqualTo("ok");
			}
			await().atMost(Duration.ofSeconds(30)).until(() -> events.stream().anyMatch("close"::equals));
		}
		assertThat(events).containsExactly("workerStart 0", "start", "connect", "receive", "close", "workerStop 0",
				"shutdown");
	}

	@Test
	void whenHandlerThrowsThenErrorHandlerIsToldAndServerGoesOn() throws Exception {
		try (ConfigurableApplicationContext context = run(Throwing.class); Socket client = connect(context)) {
			client.getOutputStream().write("x".getBytes(StandardCharsets.UTF_8));
			Throwing handler = context.getBean(Throwing.class);
			assertThat(handler.told.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(handler.error.event()).isEqualTo("receive");
			assertThat(handler.error.cause()).isInstanceOf(IOException.class).hasMessage("x");
			assertThat(exchange(client, "y")).isEqualTo("y");
		}
	}

	/** CONN-01: a late answer to a client from before reaches nobody. */
	@Test
	void whenContextIsRestartedThenServesAgain() throws IOException {
		try (ConfigurableApplicationContext context = run(TextEcho.class)) {
			SwooleServer server = context.getBean(SwooleServer.class);
			long earlier;
			try (Socket client = connect(context)) {
				assertThat(exchange(client, "first")).isEqualTo("echo first");
				earlier = server.getClientList(0, 1).get(0);
			}
			context.stop();
			assertThat(server.isRunning()).isFalse();
			context.start();
			try (Socket client = connect(context)) {
				assertThat(exchange(client, "again")).isEqualTo("echo again");
				assertThat(server.send(earlier, "late")).isFalse();
				assertThat(server.getLastError()).isEqualTo(SwooleError.SESSION_NOT_EXIST);
			}
		}
	}

	/** LIFE-05: there is no web server that would say so. */
	@Test
	void whenContextStopsAndStartsAgainThenReadinessGoesWithIt() {
		Readiness readiness;
		try (ConfigurableApplicationContext context = run(Readiness.class)) {
			readiness = context.getBean(Readiness.class);
			context.stop();
			context.start();
			assertThat(readiness.events).containsExactly("ACCEPTING_TRAFFIC", "REFUSING_TRAFFIC", "beforeShutdown",
					"ACCEPTING_TRAFFIC");
			readiness.events.clear();
		}
		assertThat(readiness.events).containsExactly("REFUSING_TRAFFIC", "beforeShutdown");
	}

	@Test
	void whenServerIsStoppedAloneThenReadinessStays() throws Exception {
		try (ConfigurableApplicationContext context = run(Readiness.class)) {
			SwooleServer server = context.getBean(SwooleServer.class);
			server.shutdown();
			assertThat(server.awaitTermination(Duration.ofSeconds(30))).isTrue();
			assertThat(context.getBean(Readiness.class).events).containsExactly("ACCEPTING_TRAFFIC", "beforeShutdown");
		}
	}

	/** LIFE-14. */
	@Test
	void whenPortIsTakenThenFailsSayingWhatToDo(CapturedOutput output) throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertThatException().isThrownBy(() -> run(TextEcho.class, "port=" + taken.getLocalPort()));
			assertThat(output).contains("APPLICATION FAILED TO START")
				.contains("The server could not listen on 127.0.0.1:" + taken.getLocalPort())
				.contains("set swoole.server.port to another port");
		}
		assertNoThreadIsLeft();
	}

	/** LIFE-12, LIFE-13, ERR-05. */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "NoHandler |  | no bean has an @OnReceive method",
					"TextEcho | task-worker-num=1 | no bean has an @OnTask method",
					"TwoReceivers | | There are two @OnReceive methods",
					"BadParameter | | has an unsupported parameter: 'java.lang.Thread thread'",
					"TextEcho | package-eof=123456789 | must be 1 to 8 bytes, but is 9",
					"TextEcho | worker-num=-1 | Property 'swoole.server.worker-num' has an invalid value",
					"FailsOnStart | | handler says no", "FailsOnWorkerStart | | handler says no",
					"FailsLater | | lifecycle says no" })
	void whenStartFailsThenSaysWhyAndNothingStaysBound(String type, String property, String message,
			CapturedOutput output) throws Exception {
		int port = freePort();
		Class<?> handlers = Class.forName(SwooleServerIntegrationTests.class.getName() + "$" + type);
		assertThatException()
			.isThrownBy(() -> run(handlers, "port=" + port, (property != null) ? property : "backlog=10"));
		assertThat(output).contains(message);
		new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
		assertNoThreadIsLeft();
	}

	private static ConfigurableApplicationContext run(Class<?> handlers, String... properties) {
		SpringApplication application = new SpringApplication(TestApplication.class, handlers);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setRegisterShutdownHook(false);
		application.setBannerMode(Banner.Mode.OFF);
		String[] arguments = new String[properties.length + 2];
		arguments[0] = "--swoole.server.port=0";
		arguments[1] = "--swoole.server.worker-num=1";
		for (int i = 0; i < properties.length; i++) {
			arguments[i + 2] = "--swoole.server." + properties[i];
			if (properties[i].startsWith("port=")) {
				arguments[0] = arguments[i + 2];
			}
			if (properties[i].startsWith("worker-num=")) {
				arguments[1] = arguments[i + 2];
			}
		}
		return application.run(Arrays.stream(arguments).distinct().toArray(String[]::new));
	}

	private static Socket connect(ConfigurableApplicationContext context) throws IOException {
		InetSocketAddress address = context.getBean(SwooleServer.class).getAddress();
		Socket client = new Socket(address.getAddress(), address.getPort());
		client.setSoTimeout(30_000);
		return client;
	}

	private static String exchange(Socket client, String text) throws IOException {
		client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
		byte[] buffer = new byte[1024];
		int length = client.getInputStream().read(buffer);
		return new String(buffer, 0, length, StandardCharsets.UTF_8);
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static void assertNoThreadIsLeft() {
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.noneMatch((name) -> name.startsWith("swoole-")));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	static class TestApplication {

	}

	static class TextEcho {

		@OnReceive
		String receive(String data) {
			return "echo " + data;
		}

	}

	static class BufferEcho {

		@OnReceive
		ByteBuf receive(ByteBuf packet) {
			return packet;
		}

	}

	static class TaskHandlers {

		@OnReceive
		void receive(SwooleServer server, long fd, int workerId, String data) {
			if (Character.isDigit(data.charAt(0))) {
				server.task(new Increment(fd, Integer.parseInt(data)));
			}
			else {
				server.task(new Job(fd, workerId, data));
			}
		}

		@OnTask
		Job task(Job job) {
			return new Job(job.fd(), job.workerId(), job.text().toUpperCase());
		}

		@OnTask
		void task(SwooleServer server, Increment increment) {
			server.finish(new Increment(increment.fd(), increment.number() + 1));
		}

		@OnFinish
		void finish(SwooleServer server, int workerId, Job job) {
			server.send(job.fd(), job.text() + " by worker of connection: " + (workerId == job.workerId()));
		}

		@OnFinish
		void finish(SwooleServer server, Increment increment) {
			server.send(increment.fd(), String.valueOf(increment.number()));
		}

	}

	record Job(long fd, int workerId, String text) {
	}

	record Increment(long fd, int number) {
	}

	static class LifeHandlers {

		final Queue<String> events = new ConcurrentLinkedQueue<>();

		@OnStart
		void start() {
			this.events.add("start");
		}

		@OnWorkerStart
		void workerStart(int workerId) {
			this.events.add("workerStart " + workerId);
		}

		@OnConnect
		void connect() {
			this.events.add("connect");
		}

		@OnReceive
		void receive(Connection connection) {
			this.events.add("receive");
			connection.send("ok");
		}

		@OnClose
		void close() {
			this.events.add("close");
		}

		@OnWorkerStop
		void workerStop(int workerId) {
			this.events.add("workerStop " + workerId);
		}

		@OnShutdown
		void shutdown() {
			this.events.add("shutdown");
		}

	}

	static class Throwing implements HandlerErrorHandler {

		final CountDownLatch told = new CountDownLatch(1);

		HandlerError error;

		@OnReceive
		String receive(String data) throws IOException {
			if (data.equals("x")) {
				throw new IOException(data);
			}
			return data;
		}

		@Override
		public void handle(SwooleServer server, HandlerError error) {
			this.error = error;
			this.told.countDown();
		}

	}

	@Import(TextEcho.class)
	static class Readiness {

		final Queue<String> events = new ConcurrentLinkedQueue<>();

		@EventListener
		void changed(AvailabilityChangeEvent<ReadinessState> event) {
			this.events.add(event.getState().name());
		}

		@OnBeforeShutdown
		void beforeShutdown() {
			this.events.add("beforeShutdown");
		}

	}

	static class NoHandler {

	}

	@Import(TextEcho.class)
	static class TwoReceivers {

		@OnReceive
		void receive() {
		}

	}

	static class BadParameter {

		@OnReceive
		void receive(Thread thread) {
		}

	}

	@Import(TextEcho.class)
	static class FailsOnStart {

		@OnStart
		void start() {
			throw new IllegalStateException("handler says no");
		}

	}

	@Import(TextEcho.class)
	static class FailsOnWorkerStart {

		@OnWorkerStart
		void start() {
			throw new IllegalStateException("handler says no");
		}

	}

	@Import(TextEcho.class)
	static class FailsLater implements SmartLifecycle {

		@Override
		public void start() {
			throw new IllegalStateException("lifecycle says no");
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return false;
		}

	}

}
