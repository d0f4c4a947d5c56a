package io.swoole.spring;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.swoole.server.Connection;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnBeforeShutdown;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnShutdown;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnWorkerExit;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.spring.context.SwooleServerInitializedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of the end of an application, each in a JVM of its own: LIFE-05, LIFE-06,
 * LIFE-07, LIFE-08, LIFE-16, ERR-06, §25.7, §25.11, API §4.15.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
class JvmEndTests {

	private static final int CLIENTS = 8;

	/** What a signal does to a JVM: 128 and its number. */
	private static final int TERMINATED = 128 + 15;

	/** LIFE-05, LIFE-06, LIFE-16: SIGTERM in mid traffic; who is served is answered. */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenTerminatedInMidTrafficThenItEndsInOrder(String mode) throws Exception {
		try (Jvm jvm = Jvm.start("mode=" + mode, "max-wait-time=20s"); Client last = jvm.connect()) {
			AtomicInteger answers = new AtomicInteger();
			List<String> wrong = new CopyOnWriteArrayList<>();
			List<Thread> clients = new ArrayList<>();
			for (int i = 1; i < CLIENTS; i++) {
				Thread client = new Thread(() -> talk(jvm, answers, wrong));
				clients.add(client);
				client.start();
			}
			last.send("last\n");
			jvm.awaitEvent("last");
			await().atMost(Duration.ofSeconds(30)).until(() -> answers.get() > 200);
			jvm.terminate();
			// the task runs, and more than that: it begins to end when the stop does
			assertThat(last.readLine()).isEqualTo("last");
			assertThat(last.readLine()).isNull();
			for (Thread client : clients) {
				client.join();
			}
			assertThat(jvm.awaitEnd()).isEqualTo(TERMINATED);
			assertThat(wrong).isEmpty();
			assertThat(jvm.events()).isEqualTo("""
					workerStart
					workerStart
					workerStart
					start
					accepting
					last
					beforeShutdown
					workerExit
					close -1 of 8
					workerStop
					taskWorkerStop
					taskWorkerStop
					shutdown
					""");
			assertThat(jvm.log()).anyMatch((line) -> line.matches(".*SwooleServer\\b.*Stopped in \\d+ ms"));
		}
	}

	/** API §4.15, LIFE-07: max-wait-time and one second, also with a task that hangs. */
	@Test
	void whenTaskHangsThenTheJvmEndsInTime() throws Exception {
		try (Jvm jvm = Jvm.start("max-wait-time=500ms"); Client client = jvm.connect()) {
			client.send("hang\n");
			jvm.awaitEvent("hang");
			long begin = System.nanoTime();
			jvm.terminate();
			assertThat(jvm.awaitEnd()).isEqualTo(TERMINATED);
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofMillis(500),
					Duration.ofMillis(500).plusSeconds(1).plusSeconds(5));
			assertThat(jvm.events()).endsWith("""
					hang
					beforeShutdown
					workerExit
					close -1 of 1
					workerStop
					taskWorkerStop
					shutdown
					""");
		}
	}

	/** ERR-06: the handler itself does not return, so max-wait-time passes. */
	@Test
	void whenHandlerEndsTheJvmThenTheServerStopsBefore() throws Exception {
		try (Jvm jvm = Jvm.start("max-wait-time=200ms"); Client client = jvm.connect()) {
			client.send("exit\n");
			assertThat(jvm.awaitEnd()).isEqualTo(3);
			assertThat(jvm.events()).contains("beforeShutdown\n").endsWith("shutdown\n");
		}
	}

	/** LIFE-08, §25.11, API §4.15: nothing else keeps this JVM alive. */
	@Test
	void whenHandlerStopsTheServerThenTheJvmEnds() throws Exception {
		try (Jvm jvm = Jvm.start("max-wait-time=20s"); Client client = jvm.connect()) {
			client.send("shutdown\n");
			assertThat(client.readLine()).isNull();
			assertThat(jvm.awaitEnd()).isZero();
			assertThat(jvm.events()).endsWith("""
					beforeShutdown
					workerExit
					close -1 of 1
					workerStop
					taskWorkerStop
					taskWorkerStop
					shutdown
					""");
		}
	}

	/** Sends and waits for the answer until the server ends. */
	private static void talk(Jvm jvm, AtomicInteger answers, List<String> wrong) {
		try (Client client = jvm.connect()) {
			for (int i = 0;; i++) {
				String line = ((i % 2 == 0) ? "echo " : "task ") + i;
				client.send(line + "\n");
				String answer = client.readLine();
				if (answer == null) {
					return;
				}
				if (!answer.equals(line)) {
					wrong.add(line + " was answered with " + answer);
				}
				answers.incrementAndGet();
			}
		}
		catch (IOException ex) {
			// what was sent after the server had ceased to read resets the connection
		}
	}

	/**
	 * A client that speaks in lines.
	 */
	private static final class Client implements AutoCloseable {

		private final Socket socket;

		private final BufferedReader reader;

		Client(int port) throws IOException {
			this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
			this.socket.setSoTimeout(60_000);
			this.reader = new BufferedReader(
					new java.io.InputStreamReader(this.socket.getInputStream(), StandardCharsets.UTF_8));
		}

		void send(String text) throws IOException {
			this.socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
		}

		String readLine() throws IOException {
			return this.reader.readLine();
		}

		@Override
		public void close() throws IOException {
			this.socket.close();
		}

	}

	/**
	 * The application in a JVM of its own, and what it says.
	 */
	private static final class Jvm implements AutoCloseable {

		private static final String EVENT = "# ";

		private final Process process;

		private final List<String> lines = new CopyOnWriteArrayList<>();

		private final Thread reader = new Thread(this::read, "output");

		private Jvm(Process process) {
			this.process = process;
			this.reader.start();
		}

		static Jvm start(String... properties) throws IOException {
			List<String> command = new ArrayList<>(List.of(
					Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
					"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
					Application.class.getName(), "--logging.level.root=warn", "--logging.level.io.swoole=info",
					"--swoole.server.port=0", "--swoole.server.worker-num=1", "--swoole.server.task-worker-num=2",
					"--swoole.server.open-eof-split=true", "--swoole.server.package-eof=\\n"));
			Arrays.stream(properties).forEach((property) -> command.add("--swoole.server." + property));
			Jvm jvm = new Jvm(new ProcessBuilder(command).redirectErrorStream(true).start());
			jvm.awaitEvent("accepting");
			return jvm;
		}

		private void read() {
			try (BufferedReader output = this.process.inputReader(StandardCharsets.UTF_8)) {
				output.lines().forEach(this.lines::add);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		Client connect() throws IOException {
			return new Client(Integer.parseInt(value("port")));
		}

		/** SIGTERM; the process itself would close its output, too. */
		void terminate() {
			this.process.toHandle().destroy();
		}

		void awaitEvent(String event) {
			await().atMost(Duration.ofSeconds(60))
				.pollInterval(Duration.ofMillis(5))
				.untilAsserted(() -> assertThat(this.lines).contains(EVENT + event));
		}

		int awaitEnd() throws InterruptedException {
			assertThat(this.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
			this.reader.join();
			return this.process.exitValue();
		}

		/** The events so far; close events in one line. */
		String events() {
			StringBuilder events = new StringBuilder();
			int closed = 0;
			for (String line : this.lines) {
				if (line.equals(EVENT + "close -1")) {
					closed++;
				}
				else if (line.startsWith(EVENT) && !line.startsWith(EVENT + "port")) {
					if (closed > 0) {
						events.append("close -1 of ").append(closed).append('\n');
						closed = 0;
					}
					events.append(line.substring(EVENT.length())).append('\n');
				}
			}
			return events.toString();
		}

		List<String> log() {
			return this.lines;
		}

		private String value(String name) {
			String prefix = EVENT + name + " ";
			return this.lines.stream()
				.filter((line) -> line.startsWith(prefix))
				.findFirst()
				.orElseThrow()
				.substring(prefix.length());
		}

		@Override
		public void close() {
			this.process.destroyForcibly();
		}

	}

	// what runs in the other JVM

	/**
	 * Says what happens to it.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	static class Application {

		public static void main(String[] arguments) {
			SpringApplication application = new SpringApplication(Application.class);
			application.setWebApplicationType(WebApplicationType.NONE);
			application.setBannerMode(Banner.Mode.OFF);
			application.run(arguments);
		}

		@Bean
		Handlers handlers() {
			return new Handlers();
		}

		@EventListener
		void initialized(SwooleServerInitializedEvent event) {
			Handlers.say("port " + event.getServer().getAddress().getPort());
			Handlers.say("accepting");
		}

	}

	record Job(long fd, String line) {

	}

	static class Handlers {

		private final CountDownLatch stopping = new CountDownLatch(1);

		private volatile long timer;

		static synchronized void say(String event) {
			System.out.println(Jvm.EVENT + event);
		}

		@OnStart
		void start() {
			say("start");
		}

		@OnWorkerStart
		void workerStart(SwooleServer server, int workerId) {
			if (workerId == 0) {
				this.timer = server.tick(Duration.ofHours(1), () -> {
				});
			}
			say("workerStart");
		}

		@OnBeforeShutdown
		void beforeShutdown() {
			say("beforeShutdown");
			this.stopping.countDown();
		}

		@OnWorkerExit
		void workerExit(SwooleServer server) {
			say("workerExit");
			server.clearTimer(this.timer);
		}

		@OnClose
		void close(int reactorId) {
			say("close " + reactorId);
		}

		@OnWorkerStop
		void workerStop(SwooleServer server) {
			say(server.isTaskWorker() ? "taskWorkerStop" : "workerStop");
		}

		@OnShutdown
		void shutdown() {
			say("shutdown");
		}

		@OnReceive
		void receive(SwooleServer server, Connection connection, String line) {
			switch (line.strip()) {
				case "exit" -> System.exit(3);
				case "shutdown" -> server.shutdown();
				case "last", "hang" -> server.task(new Job(connection.fd(), line));
				default -> {
					if (line.startsWith("task")) {
						server.task(new Job(connection.fd(), line));
					}
					else {
						connection.send(line);
					}
				}
			}
		}

		@OnTask
		Job task(Job job) throws InterruptedException {
			switch (job.line().strip()) {
				case "last" -> {
					say("last");
					this.stopping.await();
				}
				case "hang" -> {
					say("hang");
					hang();
				}
				default -> {
					// nothing to wait for
				}
			}
			return job;
		}

		private void hang() {
			while (true) {
				LockSupport.park(this);
				Thread.interrupted();
			}
		}

		@OnFinish
		void finish(SwooleServer server, Job job) {
			server.send(job.fd(), job.line());
		}

	}

}
