package io.swoole.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of background processes: WORK-14, MSG-04, MSG-05, TASK-20, LIFE-08.
 */
class UserProcessTests {

	private static final int SECONDS = 20;

	/** WORK-14: what a process may use, and who it is. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenProcessRunsThenItMayUseTheServer(ServerMode mode) throws Exception {
		Map<String, Object> seen = new ConcurrentHashMap<>();
		AtomicLong fd = new AtomicLong();
		CountDownLatch connected = new CountDownLatch(1);
		UserProcess process = (server) -> {
			seen.put("thread", Thread.currentThread().getName());
			seen.put("id", server.getWorkerId());
			seen.put("taskWorker", server.isTaskWorker());
			seen.put("status", server.getWorkerStatus(-1).orElseThrow());
			seen.put("stats", server.stats().userWorkerNum());
			server.after(Duration.ofMillis(1), () -> seen.put("timer", server.getWorkerId()));
			assertThatIllegalStateException().isThrownBy(() -> server.awaitTermination(Duration.ofSeconds(1)));
			connected.await();
			server.sendMessage("message", 0);
			server.task("task");
			server.send(fd.get(), "hello");
			Thread.sleep(Long.MAX_VALUE);
		};
		TestHandler handler = new TestHandler().connect((server, connection, reactorId) -> {
			fd.set(connection.fd());
			connected.countDown();
		})
			.pipeMessage((server, message) -> seen.put("source", message.sourceWorkerId()))
			.task((server, task) -> task.data())
			.finish((server, result) -> seen.put("result", result.data()));
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(2).taskWorkerNum(1).process("first", (ignored) -> {
					Thread.sleep(Long.MAX_VALUE);
				}).process("second", process)); TestClient client = server.connect()) {
			assertThat(client.readText(5)).isEqualTo("hello");
			Awaitility.await().until(() -> seen.size() == 8);
			assertThat(seen).containsEntry("thread", "swoole-process-4")
				.containsEntry("id", 4)
				.containsEntry("taskWorker", false)
				.containsEntry("status", WorkerStatus.BUSY)
				.containsEntry("stats", 2)
				.containsEntry("timer", 0)
				.containsEntry("source", 4)
				.containsEntry("result", "task");
			assertThat(server.server().getWorkerStatus(3)).contains(WorkerStatus.BUSY);
			assertThat(server.server().getWorkerStatus(5)).isEmpty();
			// processes are no targets
			assertThatIllegalArgumentException().isThrownBy(() -> server.server().sendMessage("x", 3));
			assertThatIllegalArgumentException().isThrownBy(() -> server.server().stopWorker(3));
		}
		assertThat(handler.errors).isEmpty();
	}

	/** WORK-14: run again when it returns, reported when it throws. */
	@Test
	void whenProcessEndsThenItIsRunAgain() {
		AtomicInteger returns = new AtomicInteger();
		AtomicInteger throwing = new AtomicInteger();
		List<WorkerError> deaths = new CopyOnWriteArrayList<>();
		IllegalStateException failure = new IllegalStateException("broken");
		TestHandler handler = TestHandler.echo().workerError((server, error) -> {
			assertThat(Thread.currentThread().getName()).isEqualTo("swoole-supervisor");
			deaths.add(error);
		});
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision");
				TestServer server = TestServer.start(handler,
						(options) -> options.workerNum(1)
							.process("returns", (ignored) -> returns.incrementAndGet())
							.process("throws", (ignored) -> {
								if (throwing.incrementAndGet() <= 2) {
									throw failure;
								}
								Thread.sleep(Long.MAX_VALUE);
							}))) {
			Awaitility.await().until(() -> returns.get() >= 3 && throwing.get() == 3 && deaths.size() == 2);
			assertThat(server.server().isRunning()).isTrue();
			assertThat(deaths).containsOnly(new WorkerError(2, 255, 0, failure));
			assertThat(handler.errors).extracting(HandlerError::event).containsExactly("process", "process");
			assertThat(handler.errors).extracting(HandlerError::workerId).containsOnly(2);
			assertThat(log.messages(Level.ERROR)).hasSize(2).first().asString().contains("'throws'", "100 ms");
		}
	}

	/** WORK-14: a process that throws at once does not spin. */
	@Test
	void whenProcessFailsAgainAndAgainThenItDoesNotSpin() throws Exception {
		AtomicInteger runs = new AtomicInteger();
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.workerNum(1).process("crash", (ignored) -> {
					runs.incrementAndGet();
					throw new IllegalStateException("crash");
				}))) {
			CountDownLatch later = new CountDownLatch(1);
			server.server().after(Duration.ofMillis(500), later::countDown);
			assertThat(later.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(runs.get()).isBetween(1, 5);
		}
	}

	/** WORK-14: reloads do not touch it. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenReloadedThenProcessesGoOn(ServerMode mode) {
		AtomicInteger runs = new AtomicInteger();
		AtomicInteger interrupts = new AtomicInteger();
		AtomicInteger reloads = new AtomicInteger();
		TestHandler handler = TestHandler.echo().afterReload((server) -> reloads.incrementAndGet());
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).process("steady", (ignored) -> {
					runs.incrementAndGet();
					try {
						Thread.sleep(Long.MAX_VALUE);
					}
					catch (InterruptedException ex) {
						interrupts.incrementAndGet();
					}
				}))) {
			server.server().reload();
			Awaitility.await().until(() -> reloads.get() == 1);
			assertThat(runs).hasValue(1);
			assertThat(interrupts).hasValue(0);
		}
		assertThat(runs).hasValue(1);
		assertThat(interrupts).hasValue(1);
	}

	/** WORK-14: told to stop at shutdown, and left behind if it does not. */
	@Test
	void whenProcessDoesNotEndThenTheStopGoesOn() throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		CountDownLatch entered = new CountDownLatch(1);
		long begin = System.nanoTime();
		try (LogCapture log = LogCapture.of("io.swoole.server.supervision")) {
			try (TestServer server = TestServer.start(TestHandler.echo(),
					(options) -> options.workerNum(1)
						.maxWaitTime(Duration.ofMillis(200))
						.process("stubborn", (ignored) -> {
							entered.countDown();
							while (release.getCount() > 0) {
								Thread.onSpinWait();
							}
						}))) {
				assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
				assertThat(server.server().getWorkerStatus(1)).contains(WorkerStatus.BUSY);
			}
			assertThat(log.messages(Level.WARN))
				.anyMatch((message) -> message.contains("'stubborn'") && message.contains("left to itself"));
		}
		finally {
			release.countDown();
		}
		assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(SECONDS));
	}

	/** LIFE-08: a process may stop the server. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenProcessStopsTheServerThenItStops(ServerMode mode) throws Exception {
		SwooleServer server = SwooleServers.create(
				TestServer.options().mode(mode).process("last", SwooleServer::shutdown).build(), TestHandler.echo());
		server.start();
		Awaitility.await().until(() -> !server.isRunning());
		assertThat(server.awaitTermination(Duration.ofSeconds(SECONDS))).isTrue();
	}

	@Test
	void whenNameIsTakenThenRefused() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> ServerOptions.builder().process("same", (server) -> {
			}).process("same", (server) -> {
			}))
			.withMessageContaining("same");
	}

}
