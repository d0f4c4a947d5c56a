package io.swoole.spring;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.swoole.server.ClientInfo;
import io.swoole.server.CloseHandler;
import io.swoole.server.ConnectHandler;
import io.swoole.server.Connection;
import io.swoole.server.DispatchEvent;
import io.swoole.server.DispatchStrategy;
import io.swoole.server.FinishHandler;
import io.swoole.server.HandlerError;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.Listener;
import io.swoole.server.ListenerType;
import io.swoole.server.PackageLengthFunction;
import io.swoole.server.Packet;
import io.swoole.server.PacketHandler;
import io.swoole.server.PipeMessage;
import io.swoole.server.PipeMessageHandler;
import io.swoole.server.PipelineNames;
import io.swoole.server.ReceiveHandler;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.ServerStats;
import io.swoole.server.SwooleError;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.TaskHandler;
import io.swoole.server.TaskInterceptor;
import io.swoole.server.UserProcess;
import io.swoole.server.WorkerError;
import io.swoole.server.WorkerStatus;
import io.swoole.spring.annotation.OnAfterReload;
import io.swoole.spring.annotation.OnBeforeReload;
import io.swoole.spring.annotation.OnBeforeShutdown;
import io.swoole.spring.annotation.OnBufferEmpty;
import io.swoole.spring.annotation.OnBufferFull;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnPacket;
import io.swoole.spring.annotation.OnPipeMessage;
import io.swoole.spring.annotation.OnProgress;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnShutdown;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.spring.annotation.OnWorkerError;
import io.swoole.spring.annotation.OnWorkerExit;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.spring.annotation.WorkerScope;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.spring.autoconfigure.SwooleServerCustomizer;
import io.swoole.spring.context.SwooleServerInitializedEvent;
import io.swoole.spring.test.LocalSwooleServerPort;
import io.swoole.task.DeadLetter;
import io.swoole.task.DeadLetters;
import io.swoole.task.Task;
import io.swoole.task.TaskCallback;
import io.swoole.task.TaskCancelledException;
import io.swoole.task.TaskExpiredException;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskResult;
import io.swoole.task.TaskTimeoutException;
import io.swoole.testing.TestClient;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that uses every name of the public contract. That it compiles is the
 * first half of the test, that it starts and works is the second.
 */
class PublicContractTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
		.withUserConfiguration(Application.class)
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker_num=2", "swoole.server.task_worker_num=2",
				"swoole.server.open-eof-split=true", "swoole.server.package-eof=\\n",
				"swoole.server.package-strip=true", "swoole.server.listeners[0].name=datagrams",
				"swoole.server.listeners[0].type=udp", "swoole.server.listeners[0].port=0",
				"swoole.server.listeners[1].name=functions", "swoole.server.listeners[1].port=0",
				"swoole.server.task-backoff=1ms");

	@Test
	void whenApplicationUsesEveryNameThenItWorks() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			Events events = context.getBean(Events.class);
			SwooleServer server = context.getBean(SwooleServer.class);
			PortHolder holder = new PortHolder();
			context.getAutowireCapableBeanFactory().autowireBean(holder);
			assertThat(holder.port).isEqualTo(server.getAddress().getPort());
			try (TestClient client = TestClient.connect(holder.port)) {
				client.send("task\n");
				assertThat(client.readUntil("\n")).isEqualTo("task -> OK\n");
				client.send("progress\nfail\nmessage\n");
				events.await("progress half", "failed boom after 2", "message hello");
				client.send("echo\n");
				assertThat(client.readUntil("\n")).isEqualTo("echo!\n");
			}
			Listener functions = server.getListeners().get(2);
			try (TestClient client = TestClient.connect(functions.port())) {
				client.send("function\n");
				assertThat(client.readText(8)).isEqualTo("function");
			}
			try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
				socket.setSoTimeout(30_000);
				socket.connect(InetAddress.getLoopbackAddress(), server.getListeners().get(1).port());
				socket.send(new DatagramPacket("datagram".getBytes(StandardCharsets.UTF_8), 8));
				DatagramPacket answer = new DatagramPacket(new byte[100], 100);
				socket.receive(answer);
				assertThat(new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8))
					.isEqualTo("datagram");
			}
			assertThat(server.<String>taskAsync("wait").get(30, TimeUnit.SECONDS)).isEqualTo("wait -> OK");
			assertThat(server.<Long>taskWait(20L, PATIENCE)).isEqualTo(21L);
			assertThat(server.reload()).isTrue();
			events.await("process", "initialized", "start", "connect", "close -1 or reactor", "function connect",
					"function close", "beforeReload", "afterReload", "workerStart 0", "workerStart 3", "workerStop 3");
		});
	}

	/** Compiles; what of it can be called in any order is proven by other tests. */
	@SuppressWarnings({ "unused", "checkstyle:MethodLength" })
	static void everyMethod(SwooleServer server, Connection connection, ByteBuf buffer, Task task, Path file,
			SocketAddress address, ServerHandler handler) throws Exception {
		byte[] bytes = {};
		long id = server.task("data");
		id = server.task("data", -1);
		id = server.task("data", (SwooleServer in, long taskId, @Nullable String result) -> {
		});
		TaskCallback<String> callback = (in, taskId, result) -> {
		};
		id = server.task("data", 0, callback);
		TaskOptions options = TaskOptions.none()
			.withDelay(Duration.ofSeconds(1))
			.withTimeout(Duration.ofSeconds(1))
			.withRetries(1)
			.withBackoff(Duration.ofSeconds(1))
			.withPriority(1)
			.withKey("key")
			.withWorker(1)
			.withDeadline(Instant.now())
			.afterCommit();
		id = server.task("data", options);
		CompletableFuture<String> future = server.taskAsync("data");
		String result = server.taskWait("data");
		result = server.taskWait("data", Duration.ofSeconds(1));
		result = server.taskWait("data", Duration.ofSeconds(1), 0);
		SortedMap<Integer, String> results = server.taskWaitMulti(List.of("a"), Duration.ofSeconds(1));
		CompletableFuture<List<Optional<String>>> all = server.taskCo(List.of("a"), Duration.ofSeconds(1));
		boolean done = server.finish(null);
		done = server.cancelTask(id);
		DeadLetters letters = server.getDeadLetters();
		List<DeadLetter> list = letters.list(10);
		done = letters.replay(id);
		int count = letters.replayAll();
		done = letters.discard(id);
		DeadLetter letter = new DeadLetter(id, "data", 1, Instant.now(), new Exception());

		done = server.send(1, bytes) && server.send(1, "text") && server.send(1, buffer) && server.sendWait(1, bytes);
		done = server.sendFile(1, file) && server.sendFile(1, file, 0, 10);
		done = server.sendTo(address, bytes) && server.sendTo(address, bytes, 9502);
		done = server.close(1) && server.close(1, true) && server.exists(1) && server.pause(1) && server.resume(1);
		done = server.confirm(1) && server.protect(1, true) && server.bind(1, 7);
		Optional<ClientInfo> info = server.getClientInfo(1);
		List<Long> fds = server.getClientList(0, 100);
		Iterable<Connection> connections = server.getConnections();
		count = server.getConnectionCount();
		fds = server.heartbeat(false);
		done = server.join(1, "group") && server.leave(1, "group");
		Set<Long> group = server.getGroup("group");
		count = server.broadcast(bytes) + server.broadcast("group", bytes) + server.sendToUser(7, bytes);

		done = server.sendMessage("message", 1);
		long timer = server.tick(Duration.ofSeconds(1), () -> {
		}) + server.after(Duration.ofSeconds(1), () -> {
		});
		done = server.clearTimer(timer);
		server.defer(() -> {
		});
		Executor executor = server.getWorkerExecutor("receive");
		int workerId = server.getWorkerId();
		done = server.isTaskWorker();
		Optional<WorkerStatus> status = server.getWorkerStatus(0)
			.filter((now) -> now == WorkerStatus.BUSY || now == WorkerStatus.IDLE || now == WorkerStatus.EXITING);
		done = server.stopWorker(0) && server.reload() && server.reload(true);

		SwooleError error = server.getLastError();
		int code = SwooleError.NONE.code() + SwooleError.NO_PAYLOAD.code() + SwooleError.SESSION_CLOSING.code()
				+ SwooleError.SESSION_CLOSED.code() + SwooleError.SESSION_NOT_EXIST.code();
		InetSocketAddress bound = server.getAddress();
		done = server.isRunning();
		server.start();
		server.shutdown();

		done = connection.fd() > 0 && connection.send(bytes) && connection.send("text") && connection.send(buffer);
		done = connection.close() && connection.close(true) && connection.isOpen() && connection.bind(7);
		done = connection.join("group") && connection.leave("group");
		ConcurrentMap<String, Object> attributes = connection.attributes();
		facts(connection.clientInfo(), server.stats());

		done = task.id() + task.sourceWorkerId() + task.taskWorkerId() + task.attempt() > 0 && task.finish("result")
				&& task.progress("state") && task.isCancelled() && task.dispatchTime().equals(task.data());
		SwooleServer other = SwooleServers.create(ServerOptions.builder().build(), handler);
	}

	@SuppressWarnings("unused")
	private static void facts(ClientInfo info, ServerStats stats) {
		X509Certificate certificate = new ClientInfo(info.fd(), info.reactorId(), info.workerId(), info.listener(),
				info.serverPort(), info.remoteAddress(), info.connectTime(), info.lastReceiveTime(),
				info.lastSendTime(), info.lastDispatchTime(), info.uid(), info.receiveQueuedBytes(),
				info.sendQueuedBytes(), info.closeErrno(), null)
			.clientCertificate();
		Instant start = stats.startTime();
		long sum = stats.connectionNum() + stats.acceptCount() + stats.closeCount() + stats.abortCount()
				+ stats.workerNum() + stats.taskWorkerNum() + stats.userWorkerNum() + stats.idleWorkerNum()
				+ stats.taskIdleWorkerNum() + stats.taskingNum() + stats.taskCount() + stats.dispatchCount()
				+ stats.requestCount() + stats.responseCount() + stats.totalRecvBytes() + stats.totalSendBytes()
				+ stats.sessionRound() + stats.coroutineNum();
		Packet packet = new Packet(new byte[0], info.remoteAddress(), "main", 1, start);
		PipeMessage message = new PipeMessage(0, start, "message");
		WorkerError error = new WorkerError(0, 255, 0, null);
		Listener listener = new Listener("main", ListenerType.TCP, "127.0.0.1", 9501, false);
		HandlerError failure = new HandlerError("receive", 1, 0, -1, new Exception());
		TaskResult result = new TaskResult(1, 2, start, null);
		List<ListenerType> types = List.of(ListenerType.TCP, ListenerType.TCP6, ListenerType.UDP, ListenerType.UDP6,
				ListenerType.UNIX_STREAM, ListenerType.UNIX_DGRAM);
		List<DispatchEvent> events = List.of(DispatchEvent.DATA, DispatchEvent.DATAGRAM, DispatchEvent.CONNECT,
				DispatchEvent.CLOSE);
		List<Class<? extends RuntimeException>> exceptions = List.of(TaskRejectedException.class,
				TaskTimeoutException.class, TaskFailedException.class);
		List<Class<? extends TaskFailedException>> failures = List.of(TaskCancelledException.class,
				TaskExpiredException.class);
		DispatchStrategy strategy = (in, connection, event, data) -> (connection != null) ? DispatchStrategy.DEFAULT
				: DispatchStrategy.DISCARD;
		PackageLengthFunction length = ByteBuf::readableBytes;
		Class<TaskInterceptor> interceptor = TaskInterceptor.class;
	}

	static class PortHolder {

		@LocalSwooleServerPort
		int port;

	}

	/** What has happened. */
	static class Events {

		final Queue<String> seen = new ConcurrentLinkedQueue<>();

		void add(String event) {
			this.seen.add(event);
		}

		void await(String... events) {
			Awaitility.await()
				.pollInterval(Duration.ofMillis(5))
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(this.seen).contains(events));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Events events() {
			return new Events();
		}

		@Bean
		AsyncTasks asyncTasks(Events events) {
			return new AsyncTasks(events);
		}

		@Bean
		Life life(Events events) {
			return new Life(events);
		}

		@Bean
		@WorkerScope
		PerWorker perWorker() {
			return new PerWorker();
		}

		@Bean
		HandlerErrorHandler errorHandler(Events events) {
			return (server, error) -> events.add("error " + error.event());
		}

		@Bean
		UserProcess process(Events events) {
			return (server) -> events.add("process");
		}

		@Bean
		SwooleServerCustomizer customizer() {
			return (builder) -> builder.pipelineCustomizer((pipeline) -> pipeline.addBefore(PipelineNames.CONNECTION,
					"nothing", new ChannelInboundHandlerAdapter()));
		}

		@Bean
		@OnReceive(port = "functions")
		ReceiveHandler functionReceive() {
			return (server, connection, packet) -> connection.send(packet.retain());
		}

		@Bean
		@OnConnect(port = "functions")
		ConnectHandler functionConnect(Events events) {
			return (server, connection, reactorId) -> events.add("function connect");
		}

		@Bean
		@OnClose(port = "functions")
		CloseHandler functionClose(Events events) {
			return (server, connection, reactorId) -> events.add("function close");
		}

		@Bean
		@OnPacket(port = "datagrams")
		PacketHandler functionPacket() {
			return (server, packet) -> server.sendTo(packet.address(), packet.data(), packet.serverPort());
		}

		@Bean
		@OnTask
		TaskHandler<Long, Long> functionTask() {
			return (server, task, data) -> data + 1;
		}

		@Bean
		@OnFinish
		FinishHandler<Long> functionFinish(Events events) {
			return (server, result, data) -> events.add("finish " + data);
		}

		@Bean
		@OnPipeMessage
		PipeMessageHandler functionMessage(Events events) {
			return (server, message) -> events.add("message " + message.data());
		}

	}

	static class AsyncTasks {

		private final Events events;

		AsyncTasks(Events events) {
			this.events = events;
		}

		@OnReceive
		@Nullable String receive(SwooleServer server, Connection connection, ClientInfo info, long fd, int reactorId,
				int workerId, int serverPort, String data) {
			switch (data) {
				case "echo" -> {
					return "echo!";
				}
				case "message" -> server.sendMessage("hello", 1 - workerId);
				default -> connection.attributes().put("task " + server.task(data), data);
			}
			return null;
		}

		@OnTask(timeout = "30s", retries = 1, backoff = "${backoff:1ms}", maxBackoff = "1s", concurrency = 2,
				deadLetter = false)
		@Nullable Object task(SwooleServer server, Task task, long taskId, int srcWorkerId, int workerId, String data) {
			switch (data) {
				case "fail" -> throw new IllegalStateException("boom");
				case "progress" -> task.progress("half");
				default -> server.finish(data + " -> OK");
			}
			return null;
		}

		@OnFinish
		void finish(SwooleServer server, TaskResult result, long taskId, int srcWorkerId, int workerId, String data) {
			for (Connection connection : server.getConnections()) {
				if (connection.attributes().containsKey("task " + taskId)) {
					connection.send(data + "\n");
				}
			}
		}

		@OnTaskFailed
		void failed(Task task, long taskId, IllegalStateException failure, int attempts) {
			this.events.add("failed " + failure.getMessage() + " after " + attempts);
		}

		@OnProgress
		void progress(long taskId, String state) {
			this.events.add("progress " + state);
		}

	}

	static class Life {

		private final Events events;

		Life(Events events) {
			this.events = events;
		}

		@EventListener
		void initialized(SwooleServerInitializedEvent event) {
			this.events.add(event.getServer().isRunning() ? "initialized" : "not running");
		}

		@OnStart
		void start(SwooleServer server) {
			this.events.add("start");
		}

		@OnBeforeShutdown
		void beforeShutdown() {
		}

		@OnShutdown
		void shutdown() {
		}

		@OnWorkerStart
		void workerStart(int workerId) {
			this.events.add("workerStart " + workerId);
		}

		@OnWorkerStop
		void workerStop(int workerId) {
			this.events.add("workerStop " + workerId);
		}

		@OnWorkerExit
		void workerExit(int workerId) {
		}

		@OnWorkerError
		void workerError(WorkerError error) {
		}

		@OnBeforeReload
		void beforeReload() {
			this.events.add("beforeReload");
		}

		@OnAfterReload
		void afterReload() {
			this.events.add("afterReload");
		}

		@OnConnect
		void connect(Connection connection, int reactorId) {
			this.events.add("connect");
		}

		@OnClose
		void close(long fd, int reactorId) {
			this.events.add("close -1 or reactor");
		}

		@OnBufferFull
		void bufferFull(Connection connection) {
		}

		@OnBufferEmpty
		void bufferEmpty(Connection connection) {
		}

	}

	static class PerWorker {

	}

	/** Handlers that stand on classes; the payload kinds that the others leave out. */
	@OnReceive
	static class ClassHandler implements ReceiveHandler {

		@Override
		public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
		}

		@OnPacket
		void packet(SwooleServer server, Packet packet, int workerId, int serverPort, ByteBuffer data) {
		}

		@OnPipeMessage
		void message(PipeMessage message, int srcWorkerId, Integer number) {
		}

	}

	@Test
	void whenHandlersStandOnClassesThenTheyWork() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
			.withUserConfiguration(ClassHandler.class)
			.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1")
			.run((context) -> assertThat(context).hasNotFailed());
	}

}
