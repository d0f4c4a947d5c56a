package io.swoole.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.PipeMessage;
import io.swoole.server.PipeMessageHandler;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.UserProcess;
import io.swoole.server.WorkerError;
import io.swoole.spring.annotation.OnAfterReload;
import io.swoole.spring.annotation.OnBeforeReload;
import io.swoole.spring.annotation.OnPipeMessage;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnWorkerError;
import io.swoole.spring.annotation.OnWorkerExit;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.spring.annotation.WorkerScope;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.support.ScopeNotActiveException;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests of what applications see of the life of workers, of messages and processes:
 * WORK-04, WORK-05, WORK-06, WORK-14, MSG-01, LIFE-09, ERR-05.
 */
class WorkerIntegrationTests {

	private static final int SECONDS = 30;

	/** WORK-05, LIFE-09. */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenReloadedThenHandlersAreCalled(String mode) {
		try (ConfigurableApplicationContext context = run(Reloading.class, "mode=" + mode, "worker-num=1",
				"task-worker-num=1")) {
			Reloading handlers = context.getBean(Reloading.class);
			handlers.events.clear();
			context.getBean(SwooleServer.class).reload();
			await().atMost(Duration.ofSeconds(SECONDS)).until(() -> handlers.events.contains("afterReload"));
			assertThat(handlers.events).startsWith("beforeReload").endsWith("afterReload");
			assertThat(handlers.events).containsSubsequence("exit 0", "stop 0", "start 0");
			assertThat(handlers.events).containsSubsequence("stop 1", "start 1").doesNotContain("exit 1");
		}
	}

	/** WORK-06: the return value of a handler that was given up is dropped. */
	@Test
	void whenWorkerIsGivenUpThenHandlerIsToldAndItsReplyIsDropped() throws Exception {
		try (ConfigurableApplicationContext context = run(Hanging.class, "mode=process", "worker-num=1",
				"max-wait-time=200ms", "open-eof-split=true", "package-eof=;"); Client client = connect(context)) {
			Hanging handlers = context.getBean(Hanging.class);
			client.send("hang;");
			assertThat(handlers.entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			client.send("next;");
			context.getBean(SwooleServer.class).reload();
			assertThat(client.readText(5)).isEqualTo("next;");
			await().atMost(Duration.ofSeconds(SECONDS)).until(() -> handlers.errors.contains("0 0 9 0"));
			handlers.release.countDown();
			assertThat(handlers.left.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(client.send("last;").readText(5)).isEqualTo("last;");
		}
	}

	/** MSG-01: a message by type, and by its parts. */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenMessagesAreSentThenHandlersGetThemByTheirTypes(String mode) {
		try (ConfigurableApplicationContext context = run(Messages.class, "mode=" + mode, "worker-num=2")) {
			Messages handlers = context.getBean(Messages.class);
			SwooleServer server = context.getBean(SwooleServer.class);
			server.sendMessage("text", 1);
			server.sendMessage(List.of("list"), 0);
			server.sendMessage(1.5, 0);
			await().atMost(Duration.ofSeconds(SECONDS)).until(() -> handlers.events.size() == 2);
			await().atMost(Duration.ofSeconds(SECONDS)).until(() -> handlers.failures.size() == 1);
			assertThat(handlers.events).containsExactlyInAnyOrder("text -1 in 1", "[list] in 0");
			assertThat(handlers.failures.get(0)).contains("pipeMessage", "No @OnPipeMessage method takes",
					"java.lang.Double");
		}
	}

	@Test
	void whenBeanIsAMessageHandlerThenItGetsMessages() {
		try (ConfigurableApplicationContext context = run(MessageHandlerBean.class, "worker-num=1")) {
			List<Object> messages = context.getBean(MessageHandlerBean.class).messages;
			context.getBean(SwooleServer.class).sendMessage("hello", 0);
			await().atMost(Duration.ofSeconds(SECONDS)).until(() -> messages.contains("hello"));
		}
	}

	/** MSG-02. */
	@Test
	void whenThereIsNoMessageHandlerThenSendMessageSaysSo() {
		try (ConfigurableApplicationContext context = run(Hanging.class)) {
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(SwooleServer.class).sendMessage("x", 0))
				.withMessageContaining("sendMessage() needs a handler");
		}
	}

	/** WORK-14: a bean of the type, which may need the server. */
	@Test
	void whenBeanIsAProcessThenItRunsWithTheServer() {
		Sweeper sweeper;
		try (ConfigurableApplicationContext context = run(Processes.class, "worker-num=1")) {
			sweeper = context.getBean(Sweeper.class);
			await().atMost(Duration.ofSeconds(SECONDS)).until(() -> sweeper.runs.get() == 3);
			assertThat(context.getBean(SwooleServer.class).stats().userWorkerNum()).isEqualTo(1);
			assertThat(sweeper.ids).containsOnly(1);
		}
		assertThat(sweeper.interrupted).isTrue();
	}

	/** WORK-04: one instance per worker, made anew by a reload, destroyed at the end. */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenBeanHasTheScopeOfWorkersThenEveryWorkerHasItsOwn(String mode) {
		Scoped handlers;
		try (ConfigurableApplicationContext context = run(Scoped.class, "mode=" + mode, "worker-num=2",
				"task-worker-num=1"); Client one = connect(context); Client two = connect(context)) {
			handlers = context.getBean(Scoped.class);
			String first = one.send("x").readText(4);
			String second = two.send("x").readText(4);
			assertThat(List.of(first.charAt(0), second.charAt(0))).containsExactlyInAnyOrder('0', '1');
			assertThat(first.substring(1, 2)).isNotEqualTo(second.substring(1, 2));
			assertThat(one.send("x").readText(4)).startsWith(first.substring(0, 2)).endsWith("2;");
			assertThat(two.send("x").readText(4)).startsWith(second.substring(0, 2)).endsWith("2;");
			assertThat(handlers.events).containsExactly("create", "create");
			reload(context, handlers.events);
			assertThat(handlers.events).containsExactlyInAnyOrder("create", "create", "stop", "stop", "stop", "start",
					"start", "start", "destroy", "destroy", "afterReload");
			assertThat(one.send("x").readText(4)).doesNotStartWith(first.substring(0, 2)).endsWith("1;");
			assertThat(handlers.events).filteredOn("create"::equals).hasSize(3);
			assertThatExceptionOfType(ScopeNotActiveException.class)
				.isThrownBy(() -> context.getBean(Counter.class).next())
				.havingRootCause()
				.isInstanceOf(IllegalStateException.class)
				.withMessageContaining("swoole-worker")
				.withMessageContaining("'" + Thread.currentThread().getName() + "' is no worker");
		}
		assertThat(handlers.events).filteredOn("destroy"::equals).hasSize(3);
	}

	/** ERR-05: when the first callback throws on reload, the worker keeps its beans. */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenWorkerCannotBeginAnewThenItKeepsItsBeans(String mode) {
		try (ConfigurableApplicationContext context = run(Scoped.class, "mode=" + mode, "worker-num=1",
				"task-worker-num=1"); Client client = connect(context)) {
			Scoped handlers = context.getBean(Scoped.class);
			String first = client.send("x").readText(4);
			handlers.broken = true;
			reload(context, handlers.events);
			assertThat(handlers.events).containsExactlyInAnyOrder("create", "stop", "stop", "create", "destroy",
					"afterReload");
			handlers.broken = false;
			assertThat(client.send("x").readText(4)).startsWith(first.substring(0, 2)).endsWith("2;");
			reload(context, handlers.events);
			assertThat(client.send("x").readText(4)).doesNotStartWith(first.substring(0, 2)).endsWith("1;");
		}
	}

	/** A handler bean may have the scope itself. */
	@Test
	void whenHandlerHasTheScopeOfWorkersThenEveryWorkerCallsItsOwn() {
		try (ConfigurableApplicationContext context = run(ScopedHandler.class, "worker-num=2");
				Client one = connect(context);
				Client two = connect(context)) {
			assertThat(one.send("x").readText(1)).isEqualTo("1");
			assertThat(two.send("x").readText(1)).isEqualTo("1");
			assertThat(one.send("x").readText(1)).isEqualTo("2");
			assertThat(two.send("x").readText(1)).isEqualTo("2");
		}
	}

	/** A process has an id as workers have, but no reload would ever renew its bean. */
	@Test
	void whenProcessUsesABeanOfWorkersThenItIsRefused() {
		try (ConfigurableApplicationContext context = run(ScopedProcess.class, "worker-num=1")) {
			ScopedProcess process = context.getBean(ScopedProcess.class);
			await().atMost(Duration.ofSeconds(SECONDS)).until(() -> process.failure.get() != null);
			assertThat(process.failure.get()).isInstanceOf(ScopeNotActiveException.class)
				.rootCause()
				.isInstanceOf(IllegalStateException.class)
				.hasMessageContaining("is no worker");
		}
	}

	@Test
	void whenHandlersAreNotAnnotatedThenScopeIsRefusedAtTheStart() {
		assertThatException().isThrownBy(() -> run(OwnServerHandler.class).close())
			.havingRootCause()
			.withMessageContaining("swoole-worker")
			.withMessageContaining("ServerHandler");
	}

	private static void reload(ConfigurableApplicationContext context, List<String> events) {
		events.removeIf("afterReload"::equals);
		context.getBean(SwooleServer.class).reload();
		await().atMost(Duration.ofSeconds(SECONDS)).until(() -> events.contains("afterReload"));
	}

	private static Client connect(ConfigurableApplicationContext context) {
		return new Client(context.getBean(SwooleServer.class).getAddress());
	}

	private static ConfigurableApplicationContext run(Class<?> handlers, String... properties) {
		SpringApplication application = new SpringApplication(Application.class, handlers);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		application.setRegisterShutdownHook(false);
		List<String> arguments = new ArrayList<>(
				List.of("--swoole.server.port=0", "--spring.main.lazy-initialization=true"));
		Arrays.stream(properties).forEach((property) -> arguments.add("--swoole.server." + property));
		return application.run(arguments.toArray(String[]::new));
	}

	private static final class Client implements AutoCloseable {

		private final Socket socket;

		Client(InetSocketAddress address) {
			try {
				this.socket = new Socket(address.getAddress(), address.getPort());
				this.socket.setSoTimeout(30_000);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		Client send(String text) {
			try {
				this.socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
				return this;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		String readText(int length) {
			try {
				return new String(this.socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		@Override
		public void close() {
			try {
				this.socket.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	static class Application {

	}

	static class Reloading {

		final List<String> events = new CopyOnWriteArrayList<>();

		private final Map<Integer, Long> timers = new ConcurrentHashMap<>();

		@OnReceive
		void receive() {
		}

		@OnTask
		void task() {
		}

		@OnBeforeReload
		void beforeReload(SwooleServer server) {
			this.events.add("beforeReload");
		}

		@OnAfterReload
		void afterReload() {
			this.events.add("afterReload");
		}

		@OnWorkerStart
		void start(SwooleServer server, int workerId) {
			if (!server.isTaskWorker()) {
				this.timers.put(workerId, server.tick(Duration.ofHours(1), () -> {
				}));
			}
			this.events.add("start " + workerId);
		}

		@OnWorkerExit
		void exit(SwooleServer server, int workerId) {
			server.clearTimer(this.timers.get(workerId));
			this.events.add("exit " + workerId);
		}

		@OnWorkerStop
		void stop(int workerId) {
			this.events.add("stop " + workerId);
		}

	}

	static class Hanging {

		final CountDownLatch entered = new CountDownLatch(1);

		final CountDownLatch release = new CountDownLatch(1);

		final CountDownLatch left = new CountDownLatch(1);

		final List<String> errors = new CopyOnWriteArrayList<>();

		@OnReceive
		String receive(String data) {
			if (data.startsWith("hang")) {
				this.entered.countDown();
				while (this.release.getCount() > 0) {
					Thread.onSpinWait();
				}
				this.left.countDown();
			}
			return data;
		}

		@OnWorkerError
		void error(WorkerError error, int workerId, int exitCode, int signal) {
			this.errors.add(workerId + " " + exitCode + " " + signal + " " + error.workerId());
		}

	}

	static class Messages implements HandlerErrorHandler {

		final List<String> events = new CopyOnWriteArrayList<>();

		final List<String> failures = new CopyOnWriteArrayList<>();

		@OnReceive
		void receive() {
		}

		@OnPipeMessage
		void text(String text, int srcWorkerId, int workerId) {
			this.events.add(text + " " + srcWorkerId + " in " + workerId);
		}

		@OnPipeMessage
		void list(SwooleServer server, PipeMessage message, List<String> list) {
			assertThat(message.data()).isSameAs(list);
			this.events.add(list + " in " + server.getWorkerId());
		}

		@Override
		public void handle(SwooleServer server, io.swoole.server.HandlerError error) {
			this.failures.add(error.event() + " " + error.cause().getMessage());
		}

	}

	static class MessageHandlerBean {

		final List<Object> messages = new CopyOnWriteArrayList<>();

		@OnReceive
		void receive() {
		}

		@Bean
		@OnPipeMessage
		PipeMessageHandler messageHandler() {
			return (server, message) -> this.messages.add(message.data());
		}

	}

	@Import(Sweeper.class)
	static class Processes {

		@OnReceive
		void receive() {
		}

	}

	static class Sweeper implements UserProcess {

		final AtomicInteger runs = new AtomicInteger();

		final List<Integer> ids = new CopyOnWriteArrayList<>();

		volatile boolean interrupted;

		private final SwooleServer injected;

		Sweeper(SwooleServer injected) {
			this.injected = injected;
		}

		@Override
		public void run(SwooleServer server) throws InterruptedException {
			assertThat(server).isSameAs(this.injected);
			this.ids.add(server.getWorkerId());
			if (this.runs.incrementAndGet() == 3) {
				try {
					Thread.sleep(Long.MAX_VALUE);
				}
				catch (InterruptedException ex) {
					this.interrupted = true;
					throw ex;
				}
			}
		}

	}

	@Import({ Journal.class, Counter.class })
	static class ScopedProcess implements UserProcess {

		final AtomicReference<Throwable> failure = new AtomicReference<>();

		private final Counter counter;

		ScopedProcess(Counter counter) {
			this.counter = counter;
		}

		@OnReceive
		void receive() {
		}

		@Override
		public void run(SwooleServer server) throws InterruptedException {
			try {
				this.counter.next();
			}
			catch (RuntimeException ex) {
				this.failure.set(ex);
			}
			Thread.sleep(Long.MAX_VALUE);
		}

	}

	static class Journal {

		final List<String> events = new CopyOnWriteArrayList<>();

		final AtomicInteger instances = new AtomicInteger();

	}

	@Import({ Journal.class, Counter.class })
	static class Scoped {

		final List<String> events;

		volatile boolean broken;

		private final Counter counter;

		Scoped(Journal journal, Counter counter) {
			this.events = journal.events;
			this.counter = counter;
		}

		@OnWorkerStart
		void start(SwooleServer server) {
			if (this.broken) {
				if (!server.isTaskWorker()) {
					this.counter.next();
				}
				throw new IllegalStateException("broken");
			}
			if (!this.events.isEmpty()) {
				this.events.add("start");
			}
		}

		@OnWorkerStop
		void stop() {
			this.events.add("stop");
		}

		@OnAfterReload
		void afterReload() {
			this.events.add("afterReload");
		}

		@OnReceive
		void receive(SwooleServer server, Connection connection) {
			connection.send(server.getWorkerId() + this.counter.next());
		}

		@OnTask
		void task() {
		}

	}

	@WorkerScope
	static class Counter implements DisposableBean {

		private final Journal journal;

		private final int instance;

		private int count;

		Counter(Journal journal) {
			this.journal = journal;
			this.instance = journal.instances.incrementAndGet();
			journal.events.add("create");
		}

		String next() {
			return this.instance + "" + ++this.count + ";";
		}

		@Override
		public void destroy() {
			this.journal.events.add("destroy");
		}

	}

	@WorkerScope
	static class ScopedHandler {

		private int count;

		@OnReceive
		String receive() {
			return String.valueOf(++this.count);
		}

	}

	@Import(ScopedHandler.class)
	static class OwnServerHandler implements ServerHandler {

		@Override
		public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) throws IOException {
			connection.send("x".getBytes(StandardCharsets.UTF_8));
		}

	}

}
