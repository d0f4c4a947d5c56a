package io.swoole.spring.handler;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;

import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnTask;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

/**
 * Tests for finding the handler of a task or result by the type of its payload.
 */
@ExtendWith(OutputCaptureExtension.class)
class PayloadRoutingTests {

	private static @Nullable String called;

	private final SwooleServer server = mock(SwooleServer.class);

	@BeforeEach
	void forget() {
		called = null;
	}

	@Test
	void whenTypesAreNestedThenMostSpecificWins() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(NestedTypes.class);
		assertThat(task(handler, 1)).isEqualTo("integer");
		assertThat(task(handler, 1L)).isEqualTo("number");
		assertThat(task(handler, 1.5)).isEqualTo("number");
		assertThat(task(handler, "text")).isEqualTo("serializable");
		assertThat(task(handler, new Object())).isEqualTo("rest");
	}

	@Test
	void whenClassAndUnrelatedInterfaceTakePayloadThenClassWins() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(ClassAndInterface.class);
		assertThat(task(handler, 1)).isEqualTo("number");
		assertThat(task(handler, "text")).isEqualTo("comparable");
	}

	@Test
	void whenMethodHasNoPayloadThenTakesRest() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(NoPayload.class);
		assertThat(task(handler, "text")).isEqualTo("string");
		assertThat(task(handler, 1)).isEqualTo("rest");
	}

	@Test
	void whenParameterIsPrimitiveThenTakesBoxedPayload() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Primitives.class);
		assertThat(task(handler, true)).isEqualTo("boolean");
		assertThat(task(handler, 1)).isEqualTo("int");
		assertThat(Handlers.takesTask(handler, 1L)).isFalse();
	}

	@Test
	void whenParameterIsGenericThenTakesByRawType() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Generics.class);
		assertThat(task(handler, List.of())).isEqualTo("list");
		assertThat(task(handler, new String[0])).isEqualTo("array");
	}

	@Test
	void whenNoMethodTakesTaskThenDoesNotAccept() {
		AnnotatedServerHandler handler = Handlers.of(OnlyString.class);
		assertThat(Handlers.takesTask(handler, "text")).isTrue();
		assertThat(Handlers.takesTask(handler, 1)).isFalse();
		assertThat(Handlers.takesTask(handler, 1)).isFalse();
	}

	@Test
	void whenUnrelatedInterfacesTakeTaskThenRejectsNamingBoth() {
		AnnotatedServerHandler handler = Handlers.of(UnrelatedInterfaces.class);
		assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> Handlers.takesTask(handler, "text"))
			.withMessageContaining("A payload of type java.lang.String is taken by several methods")
			.withMessageContaining("UnrelatedInterfaces.comparable(Comparable)")
			.withMessageContaining("UnrelatedInterfaces.text(CharSequence)")
			.withMessageContaining("Declare one whose parameter is of type String.");
		assertThat(Handlers.takesTask(handler, new StringBuilder())).isTrue();
	}

	@Test
	void whenSeveralMethodsTakeResultsThenMostSpecificWins() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Results.class);
		assertThat(finish(handler, "text")).isEqualTo("string");
		assertThat(finish(handler, new StringBuilder())).isEqualTo("chars");
		assertThat(finish(handler, 1)).isEqualTo("rest");
		assertThat(finish(handler, null)).isEqualTo("rest");
	}

	@Test
	void whenResultsAreRecordsOfASealedHierarchyThenEachMethodGetsItsPart() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(SealedResults.class);
		assertThat(finish(handler, new Done(7))).isEqualTo("done 7");
		assertThat(finish(handler, new Refused("why"))).isEqualTo("outcome Refused[reason=why]");
	}

	@Test
	void whenMethodsAreInheritedFromGenericClassThenEachBeanGetsItsType() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(NumberResults.class, TextResults.class);
		assertThat(finish(handler, 7)).isEqualTo("NumberResults 7");
		assertThat(finish(handler, "a")).isEqualTo("TextResults a");
	}

	@Test
	void whenResultIsNullThenGoesToOnlyMethod() throws Exception {
		assertThat(finish(Handlers.of(OnlyStringResult.class), null)).isEqualTo("string null");
	}

	/** TASK-15. */
	@Test
	void whenNoMethodTakesResultThenWarnsOncePerType(CapturedOutput output) throws Exception {
		AnnotatedServerHandler handler = Handlers.of();
		finish(handler, "text");
		finish(handler, "more");
		finish(handler, 1);
		finish(handler, null);
		finish(handler, null);
		assertThat(output.getOut())
			.contains("Dropped the result of task 42: no @OnFinish method takes java.lang.String")
			.contains("no @OnFinish method takes java.lang.Integer")
			.contains("no @OnFinish method takes null");
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), "Dropped the result")).isEqualTo(3);
	}

	private @Nullable Object task(AnnotatedServerHandler handler, Object payload) throws Exception {
		assertThat(Handlers.takesTask(handler, payload)).isTrue();
		return Handlers.execute(handler, this.server, new TestTask(payload));
	}

	private @Nullable String finish(AnnotatedServerHandler handler, @Nullable Object result) throws Exception {
		handler.onFinish(this.server, new TaskResult(42, 5, Instant.EPOCH, result));
		return called;
	}

	static class NestedTypes {

		@OnTask
		String rest(Object data) {
			return "rest";
		}

		@OnTask
		String serializable(Serializable data) {
			return "serializable";
		}

		@OnTask
		String number(Number data) {
			return "number";
		}

		@OnTask
		String integer(Integer data) {
			return "integer";
		}

	}

	static class ClassAndInterface {

		@OnTask
		String number(Number data) {
			return "number";
		}

		@OnTask
		String comparable(Comparable<?> data) {
			return "comparable";
		}

	}

	static class NoPayload {

		@OnTask
		String rest() {
			return "rest";
		}

		@OnTask
		String string(String data) {
			return "string";
		}

	}

	static class Primitives {

		@OnTask
		String primitiveBoolean(boolean data) {
			return "boolean";
		}

		@OnTask
		String primitiveInt(int data) {
			return "int";
		}

	}

	static class Generics {

		@OnTask
		String list(List<String> data) {
			return "list";
		}

		@OnTask
		String array(CharSequence[] data) {
			return "array";
		}

	}

	static class OnlyString {

		@OnTask
		void string(String data) {
		}

	}

	static class UnrelatedInterfaces {

		@OnTask
		void comparable(Comparable<?> data) {
		}

		@OnTask
		void text(CharSequence data) {
		}

		@OnTask
		void builder(StringBuilder data) {
		}

	}

	static class Results {

		@OnFinish
		void rest(Object data) {
			called = "rest";
		}

		@OnFinish
		void chars(CharSequence data) {
			called = "chars";
		}

		@OnFinish
		void string(String data) {
			called = "string";
		}

	}

	sealed interface Outcome permits Done, Refused {

	}

	record Done(int number) implements Outcome {

	}

	record Refused(String reason) implements Outcome {

	}

	static class SealedResults {

		@OnFinish
		void outcome(Outcome outcome) {
			called = "outcome " + outcome;
		}

		@OnFinish
		void done(Done done) {
			called = "done " + done.number();
		}

	}

	abstract static class GenericResults<T> {

		@OnFinish
		void finish(T data) {
			called = getClass().getSimpleName() + " " + data;
		}

	}

	static class NumberResults extends GenericResults<Integer> {

	}

	static class TextResults extends GenericResults<String> {

	}

	static class OnlyStringResult {

		@OnFinish
		void string(@Nullable String data) {
			called = "string " + data;
		}

	}

}
