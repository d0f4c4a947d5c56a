package io.swoole.spring;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.task.DeadLetter;
import io.swoole.task.TaskRejectedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests that a type of task that misbehaves has the outcome {@code docs/tasks.md} says,
 * and that the other types do not notice: TASK-15, TASK-27, TASK-30, TASK-33.
 */
@ExtendWith(OutputCaptureExtension.class)
class TaskTypeIsolationTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private static final int TASKS = 50;

	private ConfigurableApplicationContext context;

	private SwooleServer server;

	private Handlers handlers;

	@BeforeEach
	void start() {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		this.context = application.run("--swoole.server.port=0", "--swoole.server.worker-num=1",
				"--swoole.server.task-worker-num=3", "--swoole.server.max-wait-time=200ms");
		this.server = this.context.getBean(SwooleServer.class);
		this.handlers = this.context.getBean(Handlers.class);
	}

	@AfterEach
	void stop() {
		this.handlers.goOn.countDown();
		this.context.close();
	}

	@Test
	void whenTypeAlwaysThrowsThenEachTaskIsReportedAndKept() {
		for (int i = 0; i < TASKS; i++) {
			this.server.task(new Broken(i));
			this.server.task("text " + i);
		}
		assertOthersGoOn();
		await().atMost(LONG).until(() -> this.handlers.failures.size() == TASKS);
		assertThat(this.handlers.failures).containsOnly("IllegalStateException");
		assertThat(this.server.stats().taskFailureCount()).isEqualTo(TASKS);
		assertThat(this.server.getDeadLetters().list(1000)).hasSize(TASKS)
			.extracting(DeadLetter::data)
			.hasOnlyElementsOfType(Broken.class);
		assertNothingIsLeft();
	}

	@Test
	void whenTypeIgnoresItsTimeoutThenItsThreadsAreGivenUp() {
		this.server.task(new Stubborn(1));
		this.server.task(new Stubborn(2));
		for (int i = 0; i < TASKS; i++) {
			this.server.task("text " + i);
		}
		assertOthersGoOn();
		await().atMost(LONG).until(() -> this.handlers.failures.size() == 2);
		assertThat(this.handlers.failures).containsOnly("TaskTimeoutException");
		await().atMost(LONG).until(() -> this.server.stats().abandonedThreadNum() == 2);
		assertNothingIsLeft();
		this.handlers.goOn.countDown();
		await().atMost(LONG).until(() -> this.server.stats().abandonedThreadNum() == 0);
	}

	@Test
	void whenTypeNeverReturnsAndHasALimitThenItHoldsSoManyWorkersUntilItIsCancelled() {
		List<Long> ids = List.of(this.server.task(new Endless(1)), this.server.task(new Endless(2)),
				this.server.task(new Endless(3)));
		for (int i = 0; i < TASKS; i++) {
			this.server.task("text " + i);
		}
		assertOthersGoOn();
		await().atMost(LONG).until(() -> this.server.stats().taskIdleWorkerNum() == 2);
		assertThat(this.server.stats().taskingNum()).isEqualTo(2);
		assertThat(this.handlers.endless).hasValue(1);
		assertThat(ids).allMatch(this.server::cancelTask);
		assertNothingIsLeft();
		assertThat(this.handlers.failures).isEmpty();
	}

	@Test
	void whenTypeReturns100MegabytesThenTheyAreHandedOverAsTheyAre() {
		for (int i = 0; i < TASKS; i++) {
			this.server.task(new Huge(i));
			this.server.task("text " + i);
		}
		assertOthersGoOn();
		await().atMost(LONG).until(() -> this.handlers.huge.size() == TASKS);
		assertThat(this.handlers.huge).allMatch((data) -> data == Handlers.HUNDRED_MEGABYTES);
		assertNothingIsLeft();
	}

	@Test
	void whenNobodyTakesTheResultsOfATypeThenTheyAreDroppedWithOneWarning(CapturedOutput output) {
		for (int i = 0; i < TASKS; i++) {
			this.server.task(new Unwanted(i));
			this.server.task("text " + i);
		}
		assertOthersGoOn();
		assertNothingIsLeft();
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), "Dropped the result of task")).isEqualTo(1);
		assertThat(output.getOut()).contains("no @OnFinish method takes " + Unwanted.class.getName());
		assertThat(this.handlers.failures).isEmpty();
		assertThat(this.server.<Unwanted>taskWait(new Unwanted(1), LONG)).as("who waits gets it")
			.isEqualTo(new Unwanted(1));
	}

	@Test
	void whenNobodyTakesATypeThenItsTasksAreRefusedAtOnce() {
		assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> this.server.task(1.5))
			.withMessageContaining("java.lang.Double");
		assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> this.server.taskAsync(1.5));
		assertThatExceptionOfType(TaskRejectedException.class)
			.isThrownBy(() -> this.server.taskCo(List.of("text", 1.5), LONG));
		assertThat(this.server.stats().taskCount()).isZero();
		assertNothingIsLeft();
	}

	private void assertOthersGoOn() {
		await().atMost(LONG).until(() -> this.handlers.texts.size() == TASKS);
		assertThat(this.handlers.texts).doesNotHaveDuplicates();
	}

	private void assertNothingIsLeft() {
		await().atMost(LONG)
			.until(() -> this.server.stats().openTaskNum() == 0 && this.server.stats().taskIdleWorkerNum() == 3);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	@Import(Handlers.class)
	static class Application {

	}

	record Broken(int number) {

	}

	record Stubborn(int number) {

	}

	record Endless(int number) {

	}

	record Huge(int number) {

	}

	record Unwanted(int number) {

	}

	static class Handlers {

		static final byte[] HUNDRED_MEGABYTES = new byte[100 * 1024 * 1024];

		final List<String> texts = new CopyOnWriteArrayList<>();

		final List<String> failures = new CopyOnWriteArrayList<>();

		final List<byte[]> huge = new CopyOnWriteArrayList<>();

		final AtomicInteger endless = new AtomicInteger();

		final CountDownLatch goOn = new CountDownLatch(1);

		@OnReceive
		void receive() {
		}

		@OnTask
		String text(String data) {
			return data;
		}

		@OnTask
		void broken(Broken data) {
			throw new IllegalStateException("always");
		}

		@OnTask(timeout = "50ms", concurrency = 1)
		void stubborn(Stubborn data) {
			boolean ended = false;
			while (!ended) {
				try {
					ended = this.goOn.await(LONG.toSeconds(), TimeUnit.SECONDS);
				}
				catch (InterruptedException ex) {
					// that is what it is like
				}
			}
		}

		@OnTask(concurrency = 1)
		void endless(Endless data) throws InterruptedException {
			this.endless.incrementAndGet();
			this.goOn.await(LONG.toSeconds(), TimeUnit.SECONDS);
		}

		@OnTask
		byte[] huge(Huge data) {
			return HUNDRED_MEGABYTES;
		}

		@OnTask
		Unwanted unwanted(Unwanted data) {
			return data;
		}

		@OnFinish
		void text(SwooleServer server, String data) {
			this.texts.add(data);
		}

		@OnFinish
		void huge(byte[] data) {
			this.huge.add(data);
		}

		@OnTaskFailed
		void failed(Throwable cause) {
			this.failures.add(cause.getClass().getSimpleName());
		}

	}

}
