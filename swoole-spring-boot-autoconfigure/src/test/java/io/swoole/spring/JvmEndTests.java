package io.swoole.spring;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
import io.swoole.task.TaskRejectedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of the end of an application, each in a JVM of its own: LIFE-05, LIFE-06,
 * LIFE-07, LIFE-08, LIFE-16, ERR-06.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
class JvmEndTests {

	private static final int CLIENTS = 8;

	/** How a task that came too late is answered. */
	private static final String REFUSED = "refused ";

	/** More than any of these stops needs. */
	private static final long STOP_MILLIS = 2000;

	/**
	 * LIFE-05, LIFE-06, LIFE-16: a signal in mid traffic. Whatever has reached a handler
	 * is answered.
	 */
	@ParameterizedTest
	@CsvSource({ "base, INT", "process, TERM" })
	void whenTerminatedInMidTrafficThenItEndsInOrder(String mode, Signal signal) throws Exception {
		try (Jvm jvm = Jvm.start("mode=" + mode, "max-wait-time=20s"); Client last = jvm.connect()) {
			jvm.assumeHandles(signal);
			AtomicInteger answers = new AtomicInteger();
			CountDownLatch talking = new CountDownLatch(CLIENTS - 1);
			List<String> wrong = new CopyOnWriteArrayList<>();
			List<Thread> clients = new ArrayList<>();
			for (int i = 1; i < CLIENTS; i++) {
				Thread client = new Thread(() -> talk(jvm, talking, answers, wrong));
				clients.add(client);
				client.start();
			}
			last.send("last\n");
			jvm.awaitEvent("last");
			assertThat(talking.await(30, TimeUnit.SECONDS)).isTrue();
			await().atMost(Duration.ofSeconds(30)).until(() -> answers.get() > 200);
			jvm.end(signal);
			// the task runs, and more than that: it begins to end when the stop does
			assertThat(last.readLine()).isEqualTo("last");
			assertThat(last.readLine()).isNull();
			for (Thread client : clients) {
				client.join();
			}
			assertThat(jvm.awaitEnd()).isEqualTo(signal.exitCode());
			assertThat(wrong).isEmpty();
			assertThat(answers.get() + 1).isEqualTo(Integer.parseInt(jvm.value("dispatched")));
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
			assertThat(jvm.stopMillis()).isLessThan(STOP_MILLIS);
			assertThat(jvm.stackTraces()).isEmpty();
		}
	}

	/** LIFE-07: max-wait-time and one second, also with a task that hangs. */
	@Test
	void whenTaskHangsThenTheJvmEndsInTime() throws Exception {
		try (Jvm jvm = Jvm.start("max-wait-time=500ms"); Client client = jvm.connect()) {
			client.send("hang\n");
			jvm.awaitEvent("hang");
			long begin = System.nanoTime();
			jvm.end(Signal.TERM);
			assertThat(jvm.awaitEnd()).isEqualTo(Signal.TERM.exitCode());
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

	/** LIFE-08: nothing else keeps this JVM alive. */
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
			assertThat(jvm.stopMillis()).isLessThan(STOP_MILLIS);
			assertThat(jvm.stackTraces()).isEmpty();
		}
	}

	/**
	 * Sends and waits for the answer until the server ends. Only then may the connection
	 * end, and with a reset only because of what was sent after the server had ceased to
	 * read.
	 */
	private static void talk(Jvm jvm, CountDownLatch talking, AtomicInteger answers, List<String> wrong) {
		String end = "the end of the connection";
		try (Client client = jvm.connect()) {
			for (int i = 0;; i++) {
				String line = ((i % 2 == 0) ? "echo " : "task ") + i;
				client.send(line + "\n");
				String answer = client.readLine();
				if (answer == null) {
					break;
				}
				if (!answer.equals(line) && !(jvm.isEnding() && answer.equals(REFUSED + line))) {
					wrong.add(line + " was answered with " + answer);
				}
				answers.incrementAndGet();
				talking.countDown();
			}
		}
		catch (IOException ex) {
			end = ex.toString();
		}
		if (!jvm.isEnding()) {
			wrong.add("a client saw " + end + " before the server was to stop");
		}
	}

	/**
	 * What ends a JVM.
	 */
	enum Signal {

		INT(2), TERM(15);

		private final int number;

		Signal(int number) {
			this.number = number;
		}

		/** What a JVM does with it: 128 and its number. */
		int exitCode() {
			return 128 + this.number;
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

		private static final String VALUE = "= ";

		private static final Pattern STOPPED = Pattern.compile(".*SwooleServer\\b.*Stopped in (\\d+) ms");

		private final Process process;

		private final List<String> lines = new CopyOnWriteArrayList<>();

		private final Thread reader = new Thread(this::read, "output");

		private volatile boolean ending;

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
					"--swoole.server.open-eof-split=true", "--swoole.server.package-eof=\\n",
					// these log stack traces on a slow machine
					"--swoole.server.slow-handler-threshold=0", "--swoole.server.slow-task-threshold=0",
					"--swoole.server.transport=" + System.getProperty("swoole.server.transport", "auto")));
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

		/** What a shell starts in the background may have to ignore SIGINT. */
		void assumeHandles(Signal signal) throws IOException {
			Path status = Path.of("/proc/" + this.process.pid() + "/status");
			if (Files.exists(status)) {
				String ignored = Files.readAllLines(status)
					.stream()
					.filter((line) -> line.startsWith("SigIgn:"))
					.findFirst()
					.orElseThrow()
					.substring("SigIgn:".length());
				long mask = Long.parseUnsignedLong(ignored.strip(), 16);
				assumeThat(mask >> (signal.number - 1) & 1).as("SIG%s is ignored", signal).isZero();
			}
		}

		/** Sends a signal, by a command that every shell has. */
		void end(Signal signal) throws Exception {
			this.ending = true;
			Process kill = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + this.process.pid()).inheritIO()
				.start();
			assertThat(kill.waitFor(20, TimeUnit.SECONDS)).isTrue();
			assertThat(kill.exitValue()).isZero();
		}

		boolean isEnding() {
			return this.ending;
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
				else if (line.startsWith(EVENT)) {
					if (closed > 0) {
						events.append("close -1 of ").append(closed).append('\n');
						closed = 0;
					}
					events.append(line.substring(EVENT.length())).append('\n');
				}
			}
			return events.toString();
		}

		/** How long the server says it has taken to stop. */
		long stopMillis() {
			return this.lines.stream()
				.map(STOPPED::matcher)
				.filter(Matcher::matches)
				.mapToLong((line) -> Long.parseLong(line.group(1)))
				.findFirst()
				.orElseThrow();
		}

		List<String> stackTraces() {
			return this.lines.stream().filter((line) -> line.startsWith("\tat ")).toList();
		}

		String value(String name) {
			String prefix = VALUE + name + " ";
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
			Handlers.tell("port", event.getServer().getAddress().getPort());
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

		static synchronized void tell(String name, long value) {
			System.out.println(Jvm.VALUE + name + " " + value);
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
			if (!server.isTaskWorker()) {
				tell("dispatched", server.stats().dispatchCount());
			}
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
						post(server, connection, line);
					}
					else {
						connection.send(line);
					}
				}
			}
		}

		/** A server that stops takes no tasks, and says so to who asks for one. */
		private void post(SwooleServer server, Connection connection, String line) {
			try {
				server.task(new Job(connection.fd(), line));
			}
			catch (TaskRejectedException ex) {
				connection.send(REFUSED + line);
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
