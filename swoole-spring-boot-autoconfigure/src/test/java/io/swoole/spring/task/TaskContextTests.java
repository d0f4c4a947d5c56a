package io.swoole.spring.task;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskInterceptor;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnProgress;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.task.Task;
import io.swoole.task.TaskCallback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of the context that travels with a task.
 */
class TaskContextTests {

	private static final ThreadLocal<@Nullable String> TENANT = new ThreadLocal<>();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1", "swoole.server.task-worker-num=1")
		.withBean(Handlers.class);

	@BeforeEach
	void registerAccessor() {
		ContextRegistry.getInstance().registerThreadLocalAccessor(new TenantAccessor());
	}

	@AfterEach
	void removeAccessor() {
		ContextRegistry.getInstance().removeThreadLocalAccessor(TenantAccessor.KEY);
		MDC.clear();
		TENANT.remove();
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenHandlerPostsTaskThenItsContextTravelsThereAndBack(String mode) {
		this.contextRunner.withPropertyValues("swoole.server.mode=" + mode).run((context) -> {
			assertThat(exchange(context, "a")).isEqualTo("task mdc-a tenant-a, finish mdc-a tenant-a");
			// nothing is left behind
			assertThat(exchange(context, "-")).isEqualTo("task null null, finish null null");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenCallbacksLeaveContextBehindThenNeitherTheNextTaskNorTheNextPacketFindsIt(String mode) {
		run(mode, LeavingHandlers.class, (context) -> {
			LeavingHandlers handlers = context.getBean(LeavingHandlers.class);
			for (int i = 0; i < 2; i++) {
				exchange(context, "x");
				SwooleServer server = context.getBean(SwooleServer.class);
				await().until(() -> server.stats().openTaskNum() == 0);
			}
			assertThat(handlers.seen).hasSize(6).allMatch((line) -> line.endsWith(" null null"));
		});
	}

	/**
	 * Such a factory captures what there is, and clears nothing by itself.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenApplicationHasSnapshotFactoryThenWhatCallbacksLeaveBehindIsTakenAwayToo(String mode) {
		contextRunner(mode, LeavingHandlers.class)
			.withBean(ContextSnapshotFactory.class, () -> ContextSnapshotFactory.builder().build())
			.run((context) -> {
				LeavingHandlers handlers = context.getBean(LeavingHandlers.class);
				SwooleServer server = context.getBean(SwooleServer.class);
				for (int i = 0; i < 2; i++) {
					exchange(context, "x");
					await().until(() -> server.stats().openTaskNum() == 0);
				}
				assertThat(handlers.seen).hasSize(6).allMatch((line) -> line.endsWith(" null null"));
			});
	}

	/**
	 * What a thread has without the task is hidden from the task, and still there later.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenThreadHasContextOfItsOwnThenTaskWithoutContextDoesNotSeeIt(String mode) {
		run(mode, OwnContextHandlers.class, (context) -> {
			SwooleServer server = context.getBean(SwooleServer.class);
			for (int i = 0; i < 2; i++) {
				server.task("x");
				await().until(() -> server.stats().openTaskNum() == 0);
			}
			assertThat(exchange(context, "x")).isEqualTo("own own");
			assertThat(context.getBean(OwnContextHandlers.class).seen).containsExactly("task null null",
					"finish null null", "task null null", "finish null null");
		});
	}

	@Test
	void whenOtherThreadPostsTaskThenItsContextTravelsAndStays() {
		this.contextRunner.run((context) -> {
			MDC.put("client", "outside");
			TENANT.set("tenant");
			assertThat(context.getBean(SwooleServer.class).<String>taskWait("x", Duration.ofSeconds(20)))
				.isEqualTo("task outside tenant");
			assertThat(MDC.get("client")).isEqualTo("outside");
			assertThat(TENANT.get()).isEqualTo("tenant");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenTaskTellsItsProgressAndFailsThenContextIsThereForBoth(String mode) {
		this.contextRunner.withPropertyValues("swoole.server.mode=" + mode)
			.withBean(FailingHandlers.class)
			.run((context) -> {
				MDC.put("client", "mdc");
				TENANT.set("tenant");
				SwooleServer server = context.getBean(SwooleServer.class);
				server.task(1);
				MDC.clear();
				TENANT.remove();
				await().until(() -> server.stats().openTaskNum() == 0);
				assertThat(context.getBean(FailingHandlers.class).seen).containsExactlyInAnyOrder(
						"attempt 1 mdc tenant", "progress mdc tenant", "attempt 2 mdc tenant", "progress mdc tenant",
						"failed mdc tenant");
				server.task(2);
				await().until(() -> server.stats().openTaskNum() == 0);
				assertThat(context.getBean(FailingHandlers.class).seen).last().isEqualTo("failed null null");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenTaskHasCallbackThenContextIsThereForIt(String mode) {
		this.contextRunner.withPropertyValues("swoole.server.mode=" + mode).run((context) -> {
			SwooleServer server = context.getBean(SwooleServer.class);
			Queue<String> seen = new ConcurrentLinkedQueue<>();
			TaskCallback<String> callback = (callee, taskId, result) -> seen
				.add(result + ", callback " + MDC.get("client") + " " + TENANT.get());
			MDC.put("client", "mdc");
			TENANT.set("tenant");
			server.task("x", callback);
			MDC.clear();
			TENANT.remove();
			server.task("y", callback);
			await().until(() -> seen.size() == 2);
			assertThat(seen).containsExactly("task mdc tenant, callback mdc tenant",
					"task null null, callback null null");
		});
	}

	/** The trace of a request is the current observation. */
	@Test
	void whenThereIsAnObservationThenItIsCurrentInTheTask() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler((context) -> true);
		ObservationThreadLocalAccessor.getInstance().setObservationRegistry(registry);
		Queue<Observation> seen = new ConcurrentLinkedQueue<>();
		this.contextRunner.withBean("interceptor", TaskInterceptor.class, () -> new TaskInterceptor() {
			@Override
			public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
				Observation current = registry.getCurrentObservation();
				if (current != null) {
					seen.add(current);
				}
				body.run();
			}
		}).run((context) -> {
			Observation request = Observation.start("request", registry);
			SwooleServer server = context.getBean(SwooleServer.class);
			request.scoped(() -> {
				server.task("x");
			});
			await().until(() -> server.stats().openTaskNum() == 0);
			assertThat(seen).containsExactly(request, request);
			server.task("y");
			await().until(() -> server.stats().openTaskNum() == 0);
			assertThat(seen).hasSize(2);
			request.stop();
		});
	}

	@Test
	void whenTaskFailsThenItsContextIsThereForTheLog() {
		Queue<String> errors = new ConcurrentLinkedQueue<>();
		this.contextRunner
			.withBean(HandlerErrorHandler.class,
					() -> (server, error) -> errors.add(error.event() + " " + MDC.get("client") + " " + TENANT.get()))
			.run((context) -> {
				MDC.put("client", "outside");
				context.getBean(SwooleServer.class).task("fail");
				await().until(() -> !errors.isEmpty());
				assertThat(errors).containsExactly("task outside null");
			});
	}

	@Test
	void whenPropagationIsOffThenNothingTravels() {
		this.contextRunner.withPropertyValues("swoole.server.task-context-propagation=false").run((context) -> {
			assertThat(context).doesNotHaveBean(MdcTaskInterceptor.class)
				.doesNotHaveBean(ContextSnapshotTaskInterceptor.class);
			assertThat(exchange(context, "a")).isEqualTo("task null null, finish null null");
		});
	}

	@Test
	void whenLibraryIsMissingThenLoggingContextTravelsAlone() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("io.micrometer.context")).run((context) -> {
			assertThat(context).hasSingleBean(MdcTaskInterceptor.class)
				.doesNotHaveBean("swooleContextSnapshotTaskInterceptor");
			assertThat(exchange(context, "a")).isEqualTo("task mdc-a null, finish mdc-a null");
		});
	}

	@Test
	void whenApplicationHasSnapshotFactoryThenItIsUsed() {
		ContextSnapshotFactory factory = ContextSnapshotFactory.builder()
			.contextRegistry(new ContextRegistry())
			.build();
		this.contextRunner.withBean(ContextSnapshotFactory.class, () -> factory)
			.run((context) -> assertThat(exchange(context, "a")).isEqualTo("task mdc-a null, finish mdc-a null"));
	}

	@Test
	void whenApplicationHasInterceptorsThenTheyAreUsedInTheirOrder() {
		this.contextRunner.withUserConfiguration(Interceptors.class).run((context) -> {
			assertThat(context.getBean(ServerOptions.class).tasks().taskInterceptors()).extracting(Object::toString)
				.filteredOn((name) -> name.length() < 10)
				.containsExactly("first", "second");
			assertThat(exchange(context, "a")).isEqualTo("task mdc-a tenant-a, finish mdc-a tenant-a");
			assertThat(context.getBean(Interceptors.class).seen).containsExactly("submit first mdc-a",
					"submit second mdc-a", "TASK first mdc-a", "TASK second mdc-a", "FINISH first mdc-a",
					"FINISH second mdc-a");
		});
	}

	private void run(String mode, Class<?> handlers, ContextConsumer<AssertableApplicationContext> test) {
		contextRunner(mode, handlers).run(test);
	}

	private static ApplicationContextRunner contextRunner(String mode, Class<?> handlers) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
			.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1", "swoole.server.task-worker-num=1",
					"swoole.server.mode=" + mode)
			.withBean(handlers);
	}

	private static String exchange(ApplicationContext context, String text) throws IOException {
		int port = context.getBean(SwooleServer.class).getAddress().getPort();
		try (Socket client = new Socket("127.0.0.1", port)) {
			client.setSoTimeout(20_000);
			client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
			StringBuilder answer = new StringBuilder();
			for (int next = client.getInputStream().read(); next != '\n'; next = client.getInputStream().read()) {
				assertThat(next).isNotNegative();
				answer.append((char) next);
			}
			return answer.toString();
		}
	}

	static class Handlers {

		private volatile long fd;

		@OnReceive
		void receive(SwooleServer server, long fd, String text) {
			this.fd = fd;
			if (!text.equals("-")) {
				MDC.put("client", "mdc-" + text);
				TENANT.set("tenant-" + text);
			}
			try {
				server.task(text);
			}
			finally {
				MDC.clear();
				TENANT.remove();
			}
		}

		@OnTask
		String task(String text) {
			if (text.equals("fail")) {
				TENANT.remove();
				throw new IllegalStateException("as asked");
			}
			String seen = "task " + MDC.get("client") + " " + TENANT.get();
			// must not reach the next task
			MDC.put("client", "left behind");
			return seen;
		}

		@OnFinish
		void finish(SwooleServer server, String result) {
			server.send(this.fd, result + ", finish " + MDC.get("client") + " " + TENANT.get() + "\n");
		}

	}

	static class LeavingHandlers {

		final Queue<String> seen = new ConcurrentLinkedQueue<>();

		@OnReceive
		void receive(SwooleServer server, long fd, String text) {
			see("receive");
			server.task(fd);
		}

		@OnTask
		Long task(Long fd) {
			see("task");
			leave();
			return fd;
		}

		@OnFinish
		void finish(SwooleServer server, Long fd) {
			see("finish");
			leave();
			server.send(fd, "done\n");
		}

		private void see(String event) {
			this.seen.add(event + " " + MDC.get("client") + " " + TENANT.get());
		}

		private void leave() {
			MDC.put("client", "left behind");
			TENANT.set("left behind");
		}

	}

	static class OwnContextHandlers {

		final Queue<String> seen = new ConcurrentLinkedQueue<>();

		@OnWorkerStart
		void start() {
			MDC.put("client", "own");
			TENANT.set("own");
		}

		@OnReceive
		String receive(String text) {
			return MDC.get("client") + " " + TENANT.get() + "\n";
		}

		@OnTask
		String task(String text) {
			this.seen.add("task " + MDC.get("client") + " " + TENANT.get());
			TENANT.set("task");
			return text;
		}

		@OnFinish
		void finish(String text) {
			this.seen.add("finish " + MDC.get("client") + " " + TENANT.get());
			MDC.put("client", "finish");
			TENANT.set("finish");
		}

	}

	static class FailingHandlers {

		final Queue<String> seen = new ConcurrentLinkedQueue<>();

		@OnTask(retries = 1, backoff = "1ms")
		void task(Task task, Integer number) {
			see("attempt " + task.attempt());
			task.progress(number);
			throw new IllegalStateException("as asked");
		}

		@OnProgress
		void progress(Integer number) {
			see("progress");
		}

		@OnTaskFailed
		void failed(IllegalStateException failure) {
			see("failed");
		}

		private void see(String event) {
			this.seen.add(event + " " + MDC.get("client") + " " + TENANT.get());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Interceptors {

		private final Queue<String> seen = new ConcurrentLinkedQueue<>();

		@Bean
		@Order(2)
		TaskInterceptor second() {
			return new Recording("second");
		}

		@Bean
		@Order(1)
		TaskInterceptor first() {
			return new Recording("first");
		}

		private final class Recording implements TaskInterceptor {

			private final String name;

			Recording(String name) {
				this.name = name;
			}

			@Override
			public @Nullable Object onSubmit(Submission task) {
				Interceptors.this.seen.add("submit " + this.name + " " + MDC.get("client"));
				return null;
			}

			@Override
			public void around(Callback callback, long taskId, @Nullable Object submitted, Runnable body) {
				Interceptors.this.seen.add(callback + " " + this.name + " " + MDC.get("client"));
				body.run();
			}

			@Override
			public String toString() {
				return this.name;
			}

		}

	}

	private static final class TenantAccessor implements ThreadLocalAccessor<String> {

		private static final String KEY = "tenant";

		@Override
		public Object key() {
			return KEY;
		}

		@Override
		public @Nullable String getValue() {
			return TENANT.get();
		}

		@Override
		public void setValue(String value) {
			TENANT.set(value);
		}

		@Override
		public void setValue() {
			TENANT.remove();
		}

	}

}
