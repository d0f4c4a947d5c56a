package io.swoole.spring.handler;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import javax.tools.ToolProvider;

import io.swoole.server.FinishHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.task.TaskResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for handlers that fail the start.
 */
class InvalidHandlerTests {

	private static final String PREFIX = InvalidHandlerTests.class.getName() + "$";

	@Test
	void whenMethodIsPrivateThenFails() {
		assertFails(PrivateMethod.class,
				"The @OnReceive method " + PREFIX
						+ "PrivateMethod.receive(String) of bean 'invalidHandlerTests.PrivateMethod' is private.",
				"Make it package-private, protected or public.");
	}

	@Test
	void whenParameterIsUnsupportedThenFails() {
		assertFails(UnsupportedParameter.class,
				"The @OnReceive method " + PREFIX
						+ "UnsupportedParameter.receive(Date) of bean 'invalidHandlerTests.UnsupportedParameter' "
						+ "has an unsupported parameter: 'java.util.Date when'.",
				"Parameters of an @OnReceive method are, in any order: SwooleServer, Connection, ClientInfo, long fd, "
						+ "int reactorId, int workerId, int serverPort, byte[], String, ByteBuf or ByteBuffer for the "
						+ "packet. " + PacketFormats.JSON_HINT);
	}

	@Test
	void whenNumberHasUnknownNameThenFails() {
		assertFails(UnknownNumber.class, "has an unsupported parameter: 'int worker'.",
				"Parameters of an @OnWorkerStart method are, in any order: SwooleServer, int workerId.");
	}

	@Test
	void whenEventHasNoPayloadThenFails() {
		assertFails(PayloadOfStart.class, "has an unsupported parameter: 'java.lang.String data'.",
				"Parameters of an @OnStart method are, in any order: SwooleServer.");
	}

	@Test
	void whenFdIsIntThenFails() {
		assertFails(IntFd.class, "has a parameter 'int fd' of the wrong type.", "Declare it as 'long fd'.");
	}

	@Test
	void whenWorkerIdIsLongThenFails() {
		assertFails(LongWorkerId.class, "has a parameter 'Long workerId' of the wrong type.",
				"Declare it as 'int workerId'.");
	}

	@Test
	void whenMethodHasTwoPayloadsThenFails() {
		assertFails(TwoPayloads.class,
				"has one parameter too many: String is the payload, and so is 'java.util.List data'.",
				"Parameters of an @OnTask method are, in any order: SwooleServer, Task, long taskId, int srcWorkerId, "
						+ "int workerId, one of any other type for the payload.");
	}

	@Test
	void whenReplyIsUnsupportedThenFails() {
		assertFails(UnsupportedReply.class, "returns java.util.Date, which nothing can write.",
				"Let it return byte[], ByteBuf or CharSequence. " + PacketFormats.JSON_HINT);
	}

	@Test
	void whenTaskReturnsFutureThenFails() {
		assertFails(FutureResult.class, "returns java.util.concurrent.Future, which is not supported.",
				"Let it return void, the result itself, or one result that comes later as a CompletionStage or Mono.");
	}

	/** LIFE-12. */
	@Test
	void whenTwoMethodsHandleSameEventThenFailsNamingBoth() {
		InvalidHandlerException failure = failure(null, TwoReceivers.class);
		assertThat(failure.getDescription()).startsWith("There are two @OnReceive methods: ")
			.contains(PREFIX + "TwoReceivers.first(String) of bean 'invalidHandlerTests.TwoReceivers'")
			.contains(PREFIX + "TwoReceivers.second(byte[]) of bean 'invalidHandlerTests.TwoReceivers'");
		assertThat(failure.getAction())
			.isEqualTo("Remove one of them, or set 'port' of one to the name of another listener.");
	}

	/** LIFE-12. */
	@Test
	void whenTwoMethodsTakeSamePayloadThenFailsNamingBoth() {
		InvalidHandlerException failure = failure(null, TwoTasks.class);
		assertThat(failure.getDescription())
			.startsWith("There are two @OnTask methods for payloads of type java.lang.Integer: ")
			.contains(PREFIX + "TwoTasks.first(int) of bean 'invalidHandlerTests.TwoTasks'")
			.contains(PREFIX + "TwoTasks.second(Integer) of bean 'invalidHandlerTests.TwoTasks'");
		assertThat(failure.getAction()).isEqualTo("Remove one of them, or let them take payloads of different types.");
	}

	@Test
	void whenTwoMethodsTakeWhatIsLeftThenFails() {
		assertFails(TwoFallbacks.class, "There are two @OnFinish methods for payloads of type java.lang.Object: ",
				"Remove one of them, or let them take payloads of different types.");
	}

	@Test
	void whenAnnotatedBeanIsNoFunctionThenFails() {
		assertFails(NoFunction.class,
				"@OnReceive stands on bean 'invalidHandlerTests.NoFunction' of type " + PREFIX
						+ "NoFunction, which is no ReceiveHandler.",
				"Implement io.swoole.server.ReceiveHandler, or move the annotation to a method of the bean.");
	}

	@Test
	void whenAnnotatedBeanMethodHasOtherFunctionThenFails() {
		assertFails(OtherFunction.class, "@OnClose stands on bean 'finish' of type ",
				"Implement io.swoole.server.CloseHandler, or move the annotation to a method of the bean.");
	}

	@Test
	void whenEventHasNoFunctionThenFails() {
		assertFails(NoFunctionForStart.class,
				"@OnStart stands on bean 'start', but can only stand on a method that handles the event.",
				"Move it to a method of the bean.");
	}

	/** LIFE-13. */
	@Test
	void whenNothingHandlesPacketsThenFails() {
		InvalidHandlerException failure = failure(ServerOptions.builder().build(), OnlyClose.class);
		assertThat(failure.getDescription()).isEqualTo("The server listens on 127.0.0.1:9501, but no bean has an "
				+ "@OnReceive method to handle what clients send.");
		assertThat(failure.getAction()).isEqualTo("Add a method annotated with @OnReceive to a bean, such as "
				+ "'String receive(String data)', or set swoole.server.enabled to false.");
	}

	/** LIFE-13, TASK-03. */
	@Test
	void whenNothingHandlesTasksThenFails() {
		InvalidHandlerException failure = failure(ServerOptions.builder().taskWorkerNum(2).build(), Receiver.class);
		assertThat(failure.getDescription())
			.isEqualTo("The server has 2 task workers, but no bean has an @OnTask method for them to call.");
		assertThat(failure.getAction())
			.isEqualTo("Add a method annotated with @OnTask to a bean, or remove swoole.server.task-worker-num.");
	}

	@Test
	void whenNumberHasNoNameThenFails(@TempDir Path directory) throws Exception {
		Class<?> type = compileWithoutNames(directory, "void task(long taskId)");
		assertFails(type,
				"The @OnTask method Nameless.task(long) of bean 'nameless' has a parameter of type long, and what it "
						+ "means depends on its name, which its class file does not tell.",
				"Compile the class with the option '-parameters'.");
	}

	@Test
	void whenOtherParametersHaveNoNamesThenStarts(@TempDir Path directory) throws Exception {
		Class<?> type = compileWithoutNames(directory, "void task(io.swoole.task.Task task, String data)");
		assertThat(Handlers.takesTask(Handlers.of(type), "data")).isTrue();
	}

	private static Class<?> compileWithoutNames(Path directory, String method) throws IOException {
		Path source = directory.resolve("Nameless.java");
		Files.writeString(source,
				"public class Nameless { @io.swoole.spring.annotation.OnTask public %s { } }".formatted(method));
		ToolProvider.getSystemJavaCompiler()
			.run(null, null, null, "-proc:none", "-cp", System.getProperty("java.class.path"), source.toString());
		try (URLClassLoader loader = new URLClassLoader(new URL[] { directory.toUri().toURL() })) {
			return loader.loadClass("Nameless");
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void assertFails(Class<?> type, String description, String action) {
		InvalidHandlerException failure = failure(null, type);
		assertThat(failure.getDescription()).contains(description);
		assertThat(failure.getAction()).isEqualTo(action);
		assertThat(failure).hasMessage(failure.getDescription() + " " + action);
	}

	private static InvalidHandlerException failure(ServerOptions options, Class<?> type) {
		return assertThatExceptionOfType(InvalidHandlerException.class).isThrownBy(() -> Handlers.context((context) -> {
			if (options != null) {
				context.registerBean(ServerOptions.class, () -> options);
			}
		}, type)).actual();
	}

	static class PrivateMethod {

		@OnReceive
		private void receive(String data) {
		}

	}

	static class UnsupportedParameter {

		@OnReceive
		void receive(Date when) {
		}

	}

	static class UnknownNumber {

		@OnWorkerStart
		void start(int worker) {
		}

	}

	static class PayloadOfStart {

		@OnStart
		void start(String data) {
		}

	}

	static class IntFd {

		@OnReceive
		void receive(int fd) {
		}

	}

	static class LongWorkerId {

		@OnTask
		void task(Long workerId) {
		}

	}

	static class TwoPayloads {

		@OnTask
		void task(String text, List<String> data) {
		}

	}

	static class UnsupportedReply {

		@OnReceive
		Date receive() {
			return new Date();
		}

	}

	static class FutureResult {

		@OnTask
		Future<String> task() {
			return CompletableFuture.completedFuture("");
		}

	}

	static class TwoReceivers {

		@OnReceive
		void first(String data) {
		}

		@OnReceive
		void second(byte[] data) {
		}

	}

	static class TwoTasks {

		@OnTask
		void first(int data) {
		}

		@OnTask
		void second(Integer data) {
		}

	}

	static class TwoFallbacks {

		@OnFinish
		void first(Object data) {
		}

		@OnFinish
		void second(SwooleServer server) {
		}

	}

	@OnReceive
	static class NoFunction {

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherFunction {

		@Bean
		@OnClose
		FinishHandler<String> finish() {
			return (SwooleServer server, TaskResult result, String data) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoFunctionForStart {

		@Bean
		@OnStart
		Runnable start() {
			return () -> {
			};
		}

	}

	static class OnlyClose {

		@OnClose
		void close() {
		}

	}

	static class Receiver {

		@OnReceive
		void receive() {
		}

	}

}
