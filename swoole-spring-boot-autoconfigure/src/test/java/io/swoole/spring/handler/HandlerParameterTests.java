package io.swoole.spring.handler;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.ClientInfo;
import io.swoole.server.Connection;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnBeforeShutdown;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnShutdown;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for what parameters of handlers are given: TASK-06.
 */
class HandlerParameterTests {

	private static final List<@Nullable Object> given = new ArrayList<>();

	private final SwooleServer server = mock(SwooleServer.class);

	private final Connection connection = mock(Connection.class);

	private final ClientInfo clientInfo = new ClientInfo(7, 3, 2, "main", 9501, null, null, null, null, null, 0, 0, 0,
			0, null);

	private final ByteBuf packet = Unpooled.copiedBuffer("grüße", StandardCharsets.UTF_8);

	@BeforeEach
	void prepare() {
		given.clear();
		given(this.server.getWorkerId()).willReturn(2);
		given(this.connection.fd()).willReturn(1L << 40);
		given(this.connection.clientInfo()).willReturn(this.clientInfo);
	}

	@Test
	void whenServerStartsAndStopsThenGivesServer() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(LifeHandlers.class);
		handler.onStart(this.server);
		handler.onBeforeShutdown(this.server);
		handler.onShutdown(this.server);
		assertThat(given).containsExactly("start", this.server, "beforeShutdown", "shutdown", this.server);
	}

	@Test
	void whenWorkerStartsAndStopsThenGivesWorkerId() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(WorkerHandlers.class);
		handler.onWorkerStart(this.server, 4);
		handler.onWorkerStop(this.server, 5);
		assertThat(given).containsExactly(4, this.server, 5);
	}

	@Test
	void whenClientConnectsAndDisconnectsThenGivesConnection() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(ConnectionHandlers.class);
		handler.onConnect(this.server, this.connection, 6);
		handler.onClose(this.server, this.connection, -1);
		assertThat(given).containsExactly(this.connection, 1L << 40, 6, 2, 9501, this.clientInfo, this.server, -1,
				1L << 40);
	}

	@Test
	void whenPacketIsStringThenDecodesUtf8() throws Exception {
		Handlers.of(StringHandler.class).onReceive(this.server, this.connection, this.packet);
		assertThat(given).containsExactly(1L << 40, 3, "grüße");
		assertThat(this.packet.readerIndex()).isZero();
	}

	@Test
	void whenPacketIsByteArrayThenCopies() throws Exception {
		Handlers.of(BytesHandler.class).onReceive(this.server, this.connection, this.packet);
		assertThat(given).containsExactly(this.server, "grüße".getBytes(StandardCharsets.UTF_8), this.connection);
	}

	@Test
	void whenPacketIsByteBufferThenCopies() throws Exception {
		Handlers.of(ByteBufferHandler.class).onReceive(this.server, this.connection, this.packet);
		byte[] bytes = "grüße".getBytes(StandardCharsets.UTF_8);
		this.packet.setByte(0, 'x');
		assertThat(given).containsExactly(ByteBuffer.wrap(bytes), 2, 9501, this.clientInfo);
	}

	@Test
	void whenPacketIsByteBufThenGivesItAsItIs() throws Exception {
		Handlers.of(ByteBufHandler.class).onReceive(this.server, this.connection, this.packet);
		assertThat(given).hasSize(1);
		assertThat(given.get(0)).isSameAs(this.packet);
		assertThat(this.packet.refCnt()).isOne();
	}

	@Test
	void whenPacketHandlerHasNoParametersThenCallsIt() throws Exception {
		Handlers.of(EmptyHandler.class).onReceive(this.server, this.connection, this.packet);
		assertThat(given).containsExactly("called");
	}

	@Test
	void whenTaskThenGivesNumbersAndPayload() throws Exception {
		Object result = Handlers.execute(Handlers.of(TaskHandlers.class), this.server, new TestTask("data"));
		assertThat(given).containsExactly(42L, 1, 5, "data", this.server);
		assertThat(result).isEqualTo("DATA");
	}

	@Test
	void whenTaskParameterIsNamedLikeNumberOfConnectionThenIsPayload() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(FdTaskHandler.class);
		assertThat(Handlers.takesTask(handler, 9L)).isTrue();
		assertThat(Handlers.execute(handler, this.server, new TestTask(9L))).isNull();
		assertThat(given).containsExactly(42L, 9L);
	}

	@Test
	void whenTaskParameterIsTaskThenGivesIt() throws Exception {
		Task task = new TestTask(3);
		assertThat(Handlers.execute(Handlers.of(WholeTaskHandler.class), this.server, task)).isEqualTo(3);
		assertThat(given).containsExactly(task);
	}

	@Test
	void whenResultThenGivesNumbersAndResult() throws Exception {
		TaskResult result = new TaskResult(42, 5, Instant.EPOCH, List.of("a"));
		Handlers.of(FinishHandlers.class).onFinish(this.server, result);
		assertThat(given).containsExactly(result, List.of("a"), 42L, 2, 2);
	}

	@Test
	void whenResultIsNullThenGivesNull() throws Exception {
		TaskResult result = new TaskResult(42, 5, Instant.EPOCH, null);
		Handlers.of(FinishHandlers.class).onFinish(this.server, result);
		assertThat(given).containsExactly(result, null, 42L, 2, 2);
	}

	@Test
	void whenNumbersAreBoxedThenGivesThem() throws Exception {
		Handlers.of(BoxedHandlers.class).onConnect(this.server, this.connection, 6);
		assertThat(given).containsExactly(1L << 40, 6);
	}

	private static void take(@Nullable Object... values) {
		given.addAll(Arrays.asList(values));
	}

	static class LifeHandlers {

		@OnStart
		void start(SwooleServer server) {
			take("start", server);
		}

		@OnBeforeShutdown
		void beforeShutdown() {
			take("beforeShutdown");
		}

		@OnShutdown
		String shutdown(SwooleServer server) {
			take("shutdown", server);
			return "ignored";
		}

	}

	static class WorkerHandlers {

		@OnWorkerStart
		void start(int workerId, SwooleServer server) {
			take(workerId, server);
		}

		@OnWorkerStop
		void stop(int workerId) {
			take(workerId);
		}

	}

	static class ConnectionHandlers {

		@OnConnect
		void connect(Connection connection, long fd, int reactorId, int workerId, int serverPort, ClientInfo info) {
			take(connection, fd, reactorId, workerId, serverPort, info);
		}

		@OnClose
		int close(SwooleServer server, int reactorId, long fd) {
			take(server, reactorId, fd);
			return 0;
		}

	}

	static class StringHandler {

		@OnReceive
		void receive(long fd, int reactorId, String data) {
			take(fd, reactorId, data);
		}

	}

	static class BytesHandler {

		@OnReceive
		void receive(SwooleServer server, byte[] data, Connection connection) {
			take(server, data, connection);
		}

	}

	static class ByteBufferHandler {

		@OnReceive
		void receive(ByteBuffer data, int workerId, int serverPort, ClientInfo info) {
			take(data, workerId, serverPort, info);
		}

	}

	static class ByteBufHandler {

		@OnReceive
		void receive(ByteBuf data) {
			take(data);
		}

	}

	static class EmptyHandler {

		@OnReceive
		static void receive() {
			take("called");
		}

	}

	static class TaskHandlers {

		@OnTask
		String task(long taskId, int srcWorkerId, int workerId, String data, SwooleServer server) {
			take(taskId, srcWorkerId, workerId, data, server);
			return data.toUpperCase();
		}

	}

	static class FdTaskHandler {

		@OnTask
		void task(long taskId, long fd) {
			take(taskId, fd);
		}

	}

	static class WholeTaskHandler {

		@OnTask
		Object task(Task task) {
			take(task);
			return task.data();
		}

	}

	static class FinishHandlers {

		@OnFinish
		void finish(TaskResult result, List<String> data, long taskId, int srcWorkerId, int workerId) {
			take(result, data, taskId, srcWorkerId, workerId);
		}

	}

	static class BoxedHandlers {

		@OnConnect
		void connect(Long fd, Integer reactorId) {
			take(fd, reactorId);
		}

	}

}
