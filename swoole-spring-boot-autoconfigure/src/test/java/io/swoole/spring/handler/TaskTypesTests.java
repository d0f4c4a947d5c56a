package io.swoole.spring.handler;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.spring.annotation.OnProgress;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.task.Task;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.Bean;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for what {@code @OnTask}, {@code @OnTaskFailed} and {@code @OnProgress} say.
 */
class TaskTypesTests {

	private static final List<Object> called = new ArrayList<>();

	private final SwooleServer server = mock(SwooleServer.class);

	@BeforeEach
	void forget() {
		called.clear();
		given(this.server.getWorkerId()).willReturn(3);
	}

	@Test
	void whenNothingIsSaidThenDefaultsOfTheServerHold() {
		TaskType type = type(Handlers.of(Attributes.class), 1);
		assertThat(type.getTimeout()).isNull();
		assertThat(type.getRetries()).isNegative();
		assertThat(type.getBackoff()).isNull();
		assertThat(type.getMaxBackoff()).isNull();
		assertThat(type.getConcurrency()).isZero();
		assertThat(type.isDeadLetter()).isTrue();
		assertThat(type.getName()).isEqualTo("Attributes.plain(Integer)");
	}

	@Test
	void whenAttributesAreGivenThenTypeHasThem() {
		AnnotatedServerHandler handler = Handlers
			.context((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("test", Map.of("slow.timeout", "2m"))), Attributes.class)
			.getBean(AnnotatedServerHandler.class);
		TaskType type = type(handler, "text");
		assertThat(type.getTimeout()).isEqualTo(Duration.ofMinutes(2));
		assertThat(type.getRetries()).isEqualTo(5);
		assertThat(type.getBackoff()).isEqualTo(Duration.ofMillis(500));
		assertThat(type.getMaxBackoff()).isEqualTo(Duration.ofSeconds(90));
		assertThat(type.getConcurrency()).isEqualTo(2);
		assertThat(type.isDeadLetter()).isFalse();
		TaskType never = type(handler, 1L);
		assertThat(never.getTimeout()).isZero();
		assertThat(never.getRetries()).isZero();
		assertThat(type(handler, 1.5).getConcurrency()).as("meta-annotation").isEqualTo(1);
	}

	@Test
	void whenSeveralClassesAreTakenByOneMethodThenTheyHaveOneType() {
		AnnotatedServerHandler handler = Handlers.of(Shapes.class);
		assertThat(type(handler, new Circle(1))).isSameAs(type(handler, new Square(2)));
		assertThat(type(handler, new Circle(1))).isNotSameAs(type(handler, new Line()));
	}

	@Test
	void whenHierarchyIsSealedOrGenericThenEachMethodGetsItsPart() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Shapes.class);
		assertThat(Handlers.execute(handler, this.server, new TestTask(new Circle(1)))).isEqualTo("area");
		assertThat(Handlers.execute(handler, this.server, new TestTask(new Line()))).isEqualTo("line");
		AnnotatedServerHandler generic = Handlers.of(Numbers.class, Texts.class);
		assertThat(Handlers.execute(generic, this.server, new TestTask(7))).isEqualTo("Integer 7");
		assertThat(Handlers.execute(generic, this.server, new TestTask("a"))).isEqualTo("String a");
	}

	@Test
	void whenAnnotationStandsOnClassOrBeanMethodThenItsAttributesHold() {
		AnnotatedServerHandler handler = Handlers.of(Upper.class, Beans.class);
		assertThat(type(handler, "text").getRetries()).isEqualTo(4);
		assertThat(type(handler, 1).getRetries()).isEqualTo(6);
	}

	@Test
	void whenAttributeIsInvalidThenFailsNamingIt() {
		assertInvalid(InvalidTimeout.class, "has the invalid timeout 'soon'.", "30s");
		assertInvalid(NegativeBackoff.class, "has the invalid backoff '-1s'.", "30s");
		assertInvalid(NegativeRetries.class, "has the invalid retries -2.", "at least -1");
		assertInvalid(NegativeConcurrency.class, "has the invalid concurrency -1.", "at least 0");
	}

	@Test
	void whenResultComesLaterThenServerGetsAStage() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Later.class);
		assertThat(Handlers.execute(handler, this.server, new TestTask("text")))
			.asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.COMPLETION_STAGE)
			.isCompletedWithValue("TEXT");
		assertThat(Handlers.execute(handler, this.server, new TestTask(1)))
			.asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.COMPLETION_STAGE)
			.isCompletedWithValue(2);
		assertThat(Handlers.execute(handler, this.server, new TestTask(1L))).isNull();
		assertInvalid(Several.class, "returns reactor.core.publisher.Flux, which is not supported.", "Mono");
	}

	@Test
	void whenTaskFailsThenMostSpecificExceptionDecides() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Failures.class);
		TestTask task = new TestTask("data");
		handler.onTaskFailed(this.server, task, new FileNotFoundException("f"));
		handler.onTaskFailed(this.server, task, new OutOfMemoryError());
		assertThat(called).containsExactly("io f 42 1 1 3 data", "other OutOfMemoryError");
		called.clear();
		Handlers.of().onTaskFailed(this.server, task, new IOException());
		assertInvalid(NoException.class, "has an unsupported parameter: 'java.lang.String data'.",
				"Throwable or a subclass for the exception");
	}

	@Test
	void whenTaskTellsItsProgressThenMethodForItsTypeIsCalled() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Progresses.class);
		handler.onProgress(this.server, 7, 50);
		handler.onProgress(this.server, 8, "half");
		handler.onProgress(this.server, 9, 1.5);
		assertThat(called).containsExactly("7: 50 in 3", "half");
	}

	private static TaskType type(AnnotatedServerHandler handler, Object payload) {
		TaskType type = handler.taskType(payload.getClass());
		assertThat(type).isNotNull();
		return type;
	}

	private static void assertInvalid(Class<?> type, String problem, String action) {
		assertThatExceptionOfType(InvalidHandlerException.class).isThrownBy(() -> Handlers.of(type)).satisfies((ex) -> {
			assertThat(ex.getDescription()).endsWith(problem);
			assertThat(ex.getAction()).contains(action);
		});
	}

	static class Attributes {

		@OnTask
		void plain(Integer data) {
		}

		@OnTask(timeout = "${slow.timeout:1s}", retries = 5, backoff = "500ms", maxBackoff = "90", concurrency = 2,
				deadLetter = false)
		void slow(String data) {
		}

		@OnTask(timeout = "0", retries = -1)
		void never(Long data) {
		}

		@OneAtATime
		void composed(Double data) {
		}

	}

	@OnTask(concurrency = 1)
	@Retention(RetentionPolicy.RUNTIME)
	@interface OneAtATime {

	}

	sealed interface Shape permits Area, Line {

	}

	sealed interface Area extends Shape permits Circle, Square {

	}

	record Circle(int radius) implements Area {

	}

	record Square(int side) implements Area {

	}

	record Line() implements Shape {

	}

	static class Shapes {

		@OnTask
		String area(Area area) {
			return "area";
		}

		@OnTask
		String line(Line line) {
			return "line";
		}

	}

	abstract static class Generic<T> {

		@OnTask
		String task(T data) {
			return data.getClass().getSimpleName() + " " + data;
		}

	}

	static class Numbers extends Generic<Integer> {

	}

	static class Texts extends Generic<String> {

	}

	@OnTask(retries = 4)
	static class Upper implements TaskHandler<String, String> {

		@Override
		public String onTask(SwooleServer server, Task task, String data) {
			return data.toUpperCase();
		}

	}

	static class Beans {

		@Bean
		@OnTask(retries = 6)
		TaskHandler<Integer, Integer> next() {
			return (server, task, data) -> data + 1;
		}

	}

	static class InvalidTimeout {

		@OnTask(timeout = "soon")
		void task() {
		}

	}

	static class NegativeBackoff {

		@OnTask(backoff = "-1s")
		void task() {
		}

	}

	static class NegativeRetries {

		@OnTask(retries = -2)
		void task() {
		}

	}

	static class NegativeConcurrency {

		@OnTask(concurrency = -1)
		void task() {
		}

	}

	static class Later {

		@OnTask
		CompletionStage<String> stage(String data) {
			return CompletableFuture.completedFuture(data.toUpperCase());
		}

		@OnTask
		Mono<Integer> mono(Integer data) {
			return Mono.just(data + 1);
		}

		@OnTask
		@Nullable Mono<Long> none(Long data) {
			return null;
		}

	}

	static class Several {

		@OnTask
		Flux<String> task() {
			return Flux.empty();
		}

	}

	static class Failures {

		@OnTaskFailed
		void io(Task task, long taskId, int attempts, int srcWorkerId, int workerId, IOException cause) {
			called.add("io " + cause.getMessage() + " " + taskId + " " + attempts + " " + srcWorkerId + " " + workerId
					+ " " + task.data());
		}

		@OnTaskFailed
		void other(Throwable cause) {
			called.add("other " + cause.getClass().getSimpleName());
		}

	}

	static class NoException {

		@OnTaskFailed
		void failed(String data) {
		}

	}

	static class Progresses {

		@OnProgress
		void percent(long taskId, int workerId, Integer percent) {
			called.add(taskId + ": " + percent + " in " + workerId);
		}

		@OnProgress
		void text(String text) {
			called.add(text);
		}

	}

}
