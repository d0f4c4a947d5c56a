package io.swoole.spring.handler;

import java.lang.annotation.Annotation;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import io.swoole.server.CloseHandler;
import io.swoole.server.ConnectHandler;
import io.swoole.server.Connection;
import io.swoole.server.FinishHandler;
import io.swoole.server.ListenerType;
import io.swoole.server.Packet;
import io.swoole.server.PacketHandler;
import io.swoole.server.PipeMessage;
import io.swoole.server.PipeMessageHandler;
import io.swoole.server.ReceiveHandler;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.server.UserProcess;
import io.swoole.server.WorkerError;
import io.swoole.spring.annotation.OnAfterReload;
import io.swoole.spring.annotation.OnBeforeReload;
import io.swoole.spring.annotation.OnBeforeShutdown;
import io.swoole.spring.annotation.OnBufferEmpty;
import io.swoole.spring.annotation.OnBufferFull;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnPacket;
import io.swoole.spring.annotation.OnPipeMessage;
import io.swoole.spring.annotation.OnProgress;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnShutdown;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.spring.annotation.OnWorkerError;
import io.swoole.spring.annotation.OnWorkerExit;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.task.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Every event reaches methods, and where there is a functional interface beans of it, in
 * a server that runs.
 */
class AllEventsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	@Test
	void whenServerHasACallbackThenThereIsAnAnnotation() {
		Set<String> callbacks = Arrays.stream(ServerHandler.class.getMethods())
			.map((method) -> method.getName())
			.filter((name) -> name.startsWith("on") && !name.equals("onError"))
			.collect(Collectors.toSet());
		Set<String> annotations = HandlerEvent.ANNOTATIONS.stream()
			.map((annotation) -> "on" + annotation.getSimpleName().substring(2))
			.collect(Collectors.toSet());
		assertThat(annotations).isEqualTo(callbacks);
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenEverythingHappensThenEveryMethodIsCalled(String mode) throws Exception {
		Journal journal;
		try (ConfigurableApplicationContext context = run(Methods.class, mode)) {
			journal = context.getBean(Journal.class);
			provoke(context.getBean(SwooleServer.class), journal, OnBufferEmpty.class);
			journal.await(OnAfterReload.class);
			journal.await(OnTaskFailed.class);
			journal.await(OnWorkerError.class);
		}
		assertThat(journal.seen.keySet()).containsExactlyInAnyOrderElementsOf(HandlerEvent.ANNOTATIONS);
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenEverythingHappensThenEveryFunctionIsCalled(String mode) throws Exception {
		Journal journal;
		try (ConfigurableApplicationContext context = run(Functions.class, mode)) {
			journal = context.getBean(Journal.class);
			provoke(context.getBean(SwooleServer.class), journal, OnReceive.class);
		}
		List<Class<? extends Annotation>> functions = HandlerEvent.ANNOTATIONS.stream()
			.filter((annotation) -> HandlerEvent.of(annotation).functionalInterface() != null)
			.toList();
		assertThat(functions).hasSize(7);
		assertThat(journal.seen.keySet()).containsAll(functions);
	}

	private static void provoke(SwooleServer server, Journal journal, Class<? extends Annotation> lastBeforeClose)
			throws Exception {
		InetSocketAddress address = server.getAddress();
		try (Socket client = new Socket()) {
			client.setReceiveBufferSize(16 * 1024);
			client.connect(address);
			client.setSoTimeout(30_000);
			client.getOutputStream().write('x');
			// the answer is larger than the high watermark
			assertThat(client.getInputStream().readNBytes(Journal.ANSWER)).hasSize(Journal.ANSWER);
			journal.await(lastBeforeClose);
		}
		try (DatagramSocket client = new DatagramSocket()) {
			int port = server.getListeners()
				.stream()
				.filter((listener) -> listener.type() == ListenerType.UDP)
				.findFirst()
				.orElseThrow()
				.port();
			client.send(new DatagramPacket(new byte[] { 1 }, 1, address.getAddress(), port));
			journal.await(OnPacket.class);
		}
		journal.await(OnClose.class);
		server.sendMessage("message", 0);
		journal.await(OnPipeMessage.class);
		journal.await(OnFinish.class);
		server.reload();
		await().atMost(PATIENCE).until(() -> server.getWorkerStatus(0).orElseThrow().name().equals("IDLE"));
	}

	private static ConfigurableApplicationContext run(Class<?> handlers, String mode) {
		SpringApplication application = new SpringApplication(Application.class, handlers);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		application.setRegisterShutdownHook(false);
		return application.run("--swoole.server.mode=" + mode, "--swoole.server.port=0", "--swoole.server.worker-num=1",
				"--swoole.server.task-worker-num=1", "--swoole.server.buffer-high-watermark=64KB",
				"--swoole.server.listeners[0].name=udp", "--swoole.server.listeners[0].type=udp",
				"--swoole.server.listeners[0].port=0");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	static class Application {

		@Bean
		Journal journal() {
			return new Journal();
		}

	}

	static class Journal {

		static final int ANSWER = 1024 * 1024;

		final Map<Class<? extends Annotation>, Boolean> seen = new ConcurrentHashMap<>();

		void see(Class<? extends Annotation> event) {
			this.seen.put(event, true);
		}

		void await(Class<? extends Annotation> event) {
			org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> this.seen.containsKey(event));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Methods {

		private final Journal journal;

		private volatile long timer;

		Methods(Journal journal) {
			this.journal = journal;
		}

		/** Fails, which is a worker error. */
		@Bean
		UserProcess broken() {
			return (server) -> {
				if (!this.journal.seen.containsKey(OnWorkerError.class)) {
					throw new IllegalStateException("broken");
				}
				Thread.sleep(Long.MAX_VALUE);
			};
		}

		@OnStart
		void start(SwooleServer server) {
			this.journal.see(OnStart.class);
			this.journal.await(OnWorkerStart.class);
		}

		@OnBeforeShutdown
		void beforeShutdown(SwooleServer server) {
			this.journal.see(OnBeforeShutdown.class);
		}

		@OnShutdown
		void shutdown() {
			this.journal.see(OnShutdown.class);
		}

		@OnWorkerStart
		void workerStart(SwooleServer server, int workerId) {
			if (workerId == 0) {
				this.timer = server.tick(Duration.ofHours(1), () -> {
				});
			}
			this.journal.see(OnWorkerStart.class);
		}

		@OnWorkerExit
		void workerExit(SwooleServer server, int workerId) {
			server.clearTimer(this.timer);
			this.journal.see(OnWorkerExit.class);
		}

		@OnWorkerStop
		void workerStop(int workerId) {
			this.journal.see(OnWorkerStop.class);
		}

		@OnWorkerError
		void workerError(WorkerError error) {
			assertThat(error.workerId()).isEqualTo(2);
			this.journal.see(OnWorkerError.class);
		}

		@OnBeforeReload
		void beforeReload(SwooleServer server) {
			this.journal.see(OnBeforeReload.class);
		}

		@OnAfterReload
		void afterReload(SwooleServer server) {
			this.journal.see(OnAfterReload.class);
		}

		@OnConnect
		void connect(long fd, int reactorId) {
			this.journal.see(OnConnect.class);
		}

		@OnReceive
		byte[] receive(SwooleServer server, byte[] data) {
			server.task("good");
			server.task(13);
			this.journal.see(OnReceive.class);
			return new byte[Journal.ANSWER];
		}

		@OnBufferFull
		void bufferFull(long fd) {
			this.journal.see(OnBufferFull.class);
		}

		@OnBufferEmpty
		void bufferEmpty(long fd) {
			this.journal.see(OnBufferEmpty.class);
		}

		@OnClose
		void close(Connection connection, int reactorId) {
			this.journal.see(OnClose.class);
		}

		@OnPacket
		void packet(Packet packet) {
			this.journal.see(OnPacket.class);
		}

		@OnTask
		String task(Task task, String data) {
			task.progress("half");
			this.journal.see(OnTask.class);
			return data;
		}

		@OnTask
		void fail(int number) {
			throw new IllegalArgumentException("unlucky");
		}

		@OnTaskFailed
		void taskFailed(long taskId, IllegalArgumentException cause) {
			this.journal.see(OnTaskFailed.class);
		}

		@OnProgress
		void progress(long taskId, String state) {
			this.journal.see(OnProgress.class);
		}

		@OnFinish
		void finish(long taskId, String data) {
			this.journal.see(OnFinish.class);
		}

		@OnPipeMessage
		void pipeMessage(PipeMessage message) {
			this.journal.see(OnPipeMessage.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Functions {

		@Bean
		@OnConnect
		ConnectHandler connect(Journal journal) {
			return (server, connection, reactorId) -> journal.see(OnConnect.class);
		}

		@Bean
		@OnReceive
		ReceiveHandler receive(Journal journal) {
			return (server, connection, packet) -> {
				journal.see(OnReceive.class);
				server.task("good");
				connection.send(new byte[Journal.ANSWER]);
			};
		}

		@Bean
		@OnClose
		CloseHandler close(Journal journal) {
			return (server, connection, reactorId) -> journal.see(OnClose.class);
		}

		@Bean
		@OnPacket
		PacketHandler packet(Journal journal) {
			return (server, packet) -> journal.see(OnPacket.class);
		}

		@Bean
		@OnTask
		TaskHandler<String, String> task(Journal journal) {
			return (server, task, data) -> {
				journal.see(OnTask.class);
				return data;
			};
		}

		@Bean
		@OnFinish
		FinishHandler<String> finish(Journal journal) {
			return (server, result, data) -> journal.see(OnFinish.class);
		}

		@Bean
		@OnPipeMessage
		PipeMessageHandler pipeMessage(Journal journal) {
			return (server, message) -> journal.see(OnPipeMessage.class);
		}

	}

}
