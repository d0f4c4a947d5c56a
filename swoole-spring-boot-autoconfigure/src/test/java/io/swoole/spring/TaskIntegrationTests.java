package io.swoole.spring;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnProgress;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.task.DeadLetter;
import io.swoole.task.Task;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskTimeoutException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for tasks in whole applications.
 */
class TaskIntegrationTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	@Test
	void whenTaskFailsThenItIsRetriedAsTheAnnotationSaysAndReportedInTheEnd() {
		try (ConfigurableApplicationContext context = run("task-worker-num=2", "task-backoff=1ms")) {
			SwooleServer server = context.getBean(SwooleServer.class);
			Handlers handlers = context.getBean(Handlers.class);
			long id = server.task(new Flaky(2));
			await().atMost(LONG).until(() -> handlers.told.contains("done after 3"));
			long failing = server.task(new Flaky(9));
			await().atMost(LONG).until(() -> handlers.told.contains("failed " + failing + " after 3: flaky"));
			assertThat(handlers.told).noneMatch((text) -> text.startsWith("failed " + id));
			assertThat(server.getDeadLetters().list(10)).extracting(DeadLetter::taskId).containsExactly(failing);
			assertThat(server.stats().taskRetryCount()).isEqualTo(4);
			assertThat(server.stats().deadLetterNum()).isEqualTo(1);
			assertThat(server.getDeadLetters().discard(failing)).isTrue();
		}
	}

	@Test
	void whenTaskTakesTooLongThenWhoWaitsLearnsItAndWorkerGoesOn() {
		try (ConfigurableApplicationContext context = run("task-worker-num=1")) {
			SwooleServer server = context.getBean(SwooleServer.class);
			assertThatExceptionOfType(TaskFailedException.class)
				.isThrownBy(() -> server.taskWait(new Slow(), Duration.ZERO))
				.withCauseInstanceOf(TaskTimeoutException.class);
			assertThat(server.<String>taskWait("next", LONG)).isEqualTo("next");
			Handlers handlers = context.getBean(Handlers.class);
			await().atMost(LONG).until(() -> handlers.told.contains("timed out"));
			assertThat(server.getDeadLetters().list(1)).as("deadLetter = false").isEmpty();
		}
	}

	@Test
	void whenTypeHasLimitThenSoManyRunAndOtherTasksGoOn() throws Exception {
		try (ConfigurableApplicationContext context = run("task-worker-num=4")) {
			SwooleServer server = context.getBean(SwooleServer.class);
			Handlers handlers = context.getBean(Handlers.class);
			for (int i = 0; i < 10; i++) {
				server.task((i % 2 == 0) ? new Render(i) : new Export(i));
			}
			await().atMost(LONG).until(() -> handlers.running.get() == 2);
			for (int i = 0; i < 20; i++) {
				assertThat(server.<String>taskWait("other " + i, LONG)).isEqualTo("other " + i);
			}
			assertThat(handlers.running).hasValue(2);
			await().atMost(LONG).until(() -> server.stats().taskIdleWorkerNum() == 2);
			handlers.goOn.countDown();
			await().atMost(LONG).until(() -> server.stats().openTaskNum() == 0);
			assertThat(handlers.most).hasValue(2);
		}
	}

	@Test
	void whenResultComesLaterThenTaskRunsUntilThen() {
		try (ConfigurableApplicationContext context = run("task-worker-num=1")) {
			SwooleServer server = context.getBean(SwooleServer.class);
			Handlers handlers = context.getBean(Handlers.class);
			CompletableFuture<String> later = server.taskAsync(handlers.stage);
			CompletableFuture<String> next = server.taskAsync("next");
			await().atMost(LONG).until(() -> server.stats().taskIdleWorkerNum() == 0);
			assertThat(next).as("one task at a time").isNotDone();
			handlers.stage.complete("later");
			assertThat(later).succeedsWithin(LONG).isEqualTo("later");
			assertThat(next).succeedsWithin(LONG).isEqualTo("next");
			assertThat(server.<Integer>taskWait(20, LONG)).as("Mono").isEqualTo(21);
			CompletableFuture<Object> failing = new CompletableFuture<>();
			CompletableFuture<Object> failed = server.taskAsync(failing);
			failing.completeExceptionally(new IOException("broken"));
			assertThat(failed).failsWithin(LONG).withThrowableThat().havingRootCause().withMessage("broken");
		}
	}

	@Test
	void whenTaskIsPostedForClientThenProgressAndResultReachIt() throws IOException {
		try (ConfigurableApplicationContext context = run("task-worker-num=1");
				Socket client = new Socket(InetAddress.getLoopbackAddress(),
						context.getBean(SwooleServer.class).getAddress().getPort())) {
			client.setSoTimeout(30_000);
			client.getOutputStream().write("go".getBytes(StandardCharsets.UTF_8));
			String answer = new String(client.getInputStream().readNBytes(11), StandardCharsets.UTF_8);
			assertThat(answer).isEqualTo("50%100%done");
		}
	}

	private static ConfigurableApplicationContext run(String... properties) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		String[] arguments = new String[properties.length + 2];
		for (int i = 0; i < properties.length; i++) {
			arguments[i] = "--swoole.server." + properties[i];
		}
		arguments[properties.length] = "--swoole.server.port=0";
		arguments[properties.length + 1] = "--swoole.server.worker-num=1";
		return application.run(arguments);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	@Import(Handlers.class)
	static class Application {

	}

	/**
	 * Fails so many times.
	 */
	record Flaky(int times) {

	}

	record Slow() {

	}

	record Report(long fd) {

	}

	sealed interface Heavy permits Render, Export {

	}

	record Render(int number) implements Heavy {

	}

	record Export(int number) implements Heavy {

	}

	static class Handlers {

		final List<String> told = new CopyOnWriteArrayList<>();

		final AtomicInteger running = new AtomicInteger();

		final AtomicInteger most = new AtomicInteger();

		final CountDownLatch goOn = new CountDownLatch(1);

		final CompletableFuture<String> stage = new CompletableFuture<>();

		@OnReceive
		void receive(SwooleServer server, long fd, String data) {
			server.task(new Report(fd));
		}

		@OnTask(retries = 2)
		String flaky(Task task, Flaky data) throws IOException {
			if (task.attempt() <= data.times()) {
				throw new IOException("flaky");
			}
			return "done after " + task.attempt();
		}

		@OnTask(timeout = "50ms", deadLetter = false)
		void slow(Slow data) throws InterruptedException {
			new CountDownLatch(1).await(30, TimeUnit.SECONDS);
		}

		@OnTask(concurrency = 2)
		void heavy(Heavy data) throws InterruptedException {
			this.most.accumulateAndGet(this.running.incrementAndGet(), Math::max);
			this.goOn.await(30, TimeUnit.SECONDS);
			this.running.decrementAndGet();
		}

		@OnTask
		CompletionStage<?> later(CompletionStage<?> data) {
			return data;
		}

		@OnTask
		Mono<Integer> mono(Integer data) {
			return Mono.just(data + 1);
		}

		@OnTask
		String text(String data) {
			return data;
		}

		@OnTask
		Report report(Task task, Report report) {
			task.progress(new Percent(report.fd(), 50));
			task.progress(new Percent(report.fd(), 100));
			return report;
		}

		@OnProgress
		void progress(SwooleServer server, Percent percent) {
			server.send(percent.fd(), percent.value() + "%");
		}

		@OnFinish
		void finish(String result) {
			this.told.add(result);
		}

		@OnFinish
		void finish(SwooleServer server, Report report) {
			server.send(report.fd(), "done");
		}

		@OnTaskFailed
		void failed(long taskId, int attempts, Exception cause) {
			this.told.add("failed " + taskId + " after " + attempts + ": " + cause.getMessage());
		}

		@OnTaskFailed
		void timedOut(TaskTimeoutException cause) {
			this.told.add("timed out");
		}

	}

	record Percent(long fd, int value) {

	}

}
