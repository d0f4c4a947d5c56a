package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.util.IllegalReferenceCountException;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of threads that end by something no handler is to blame for, as when the JVM has
 * no memory left and not even the failure can be logged: WORK-12, WORK-13.
 */
class WorkerDeathTests {

	private static final int SECONDS = 20;

	private final List<String> events = new CopyOnWriteArrayList<>();

	private final List<WorkerError> deaths = new CopyOnWriteArrayList<>();

	private TestHandler recording() {
		return new TestHandler().workerStart((server, workerId) -> this.events.add("start " + workerId))
			.workerStop((server, workerId) -> this.events.add("stop " + workerId))
			.workerError((server, error) -> {
				assertThat(Thread.currentThread().getName()).isEqualTo("swoole-supervisor");
				this.deaths.add(error);
			});
	}

	/** WORK-12, WORK-13: same id, same queue, and the connections stay. */
	@Test
	void whenThreadOfEventWorkerDiesThenAnotherGoesOn() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		TestHandler handler = recording().receive((server, connection, packet) -> {
			if (packet.getByte(packet.readerIndex()) == '!') {
				entered.countDown();
				goOn.await();
				throw new OutOfMemoryError("receive");
			}
			this.events.add("receive in " + server.getWorkerId());
			connection.send(packet.retain());
		});
		try (BrokenLog broken = new BrokenLog();
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(ServerMode.PROCESS)
							.workerNum(1)
							.main((main) -> main.openEofSplit(true).packageEof("\n")));
				TestClient client = server.connect();
				TestClient other = server.connect()) {
			broken.breakFor("swoole-worker-0");
			client.send("!\n");
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			client.send("a\nb\n");
			Awaitility.await().until(() -> server.server().stats().dispatchCount() == 3);
			goOn.countDown();
			assertThat(client.readText(4)).isEqualTo("a\nb\n");
			assertThat(other.send("c\n").readText(2)).isEqualTo("c\n");
			// no stop for the life that has ended so
			assertThat(this.events).containsExactly("start 0", "start 0", "receive in 0", "receive in 0",
					"receive in 0");
			Awaitility.await().until(() -> this.deaths.size() == 1);
			assertDeath(0);
		}
		assertThat(this.events).endsWith("stop 0");
	}

	/** WORK-12: the task in hand has failed, the others are done. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenThreadOfTaskWorkerDiesThenAnotherGoesOn(ServerMode mode) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		List<Object> results = new CopyOnWriteArrayList<>();
		TestHandler handler = recording().pipeMessage((server, message) -> {
			entered.countDown();
			goOn.await();
			throw new OutOfMemoryError("message");
		}).task((server, task) -> task.data()).finish((server, result) -> results.add(result.data()));
		try (BrokenLog broken = new BrokenLog();
				TestServer server = TestServer.start(handler,
						(options) -> options.mode(mode).workerNum(1).taskWorkerNum(1))) {
			broken.breakFor("swoole-task-1");
			server.server().sendMessage("die", 1);
			assertThat(entered.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			server.server().task("a");
			server.server().task("b", 0);
			goOn.countDown();
			Awaitility.await().untilAsserted(() -> assertThat(results).containsExactly("a", "b"));
			Awaitility.await().until(() -> this.deaths.size() == 1);
			assertDeath(1);
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
		}
		assertThat(this.events).filteredOn((event) -> event.endsWith("1"))
			.containsExactly("start 1", "start 1", "stop 1");
	}

	private void assertDeath(int workerId) {
		assertThat(this.deaths).singleElement().satisfies((death) -> {
			assertThat(death.workerId()).isEqualTo(workerId);
			assertThat(death.exitCode()).isEqualTo(255);
			assertThat(death.signal()).isZero();
			assertThat(death.cause()).isInstanceOf(OutOfMemoryError.class).hasMessage("log");
		});
	}

	/**
	 * ERR-02: what a handler releases twice is its failure, and harms neither the worker
	 * nor the buffer of other bytes, which would be the same one.
	 */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerReleasesItsPacketThenThatIsReported(ServerMode mode) throws Exception {
		int packets = 50;
		CountDownLatch released = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch((mode == ServerMode.PROCESS) ? 1 : 0);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			String text = packet.toString(StandardCharsets.UTF_8);
			packet.release();
			released.countDown();
			goOn.await();
			connection.send(text);
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).workerNum(1));
				TestClient client = server.connect();
				TestClient other = server.connect()) {
			client.send("one");
			assertThat(released.await(SECONDS, TimeUnit.SECONDS)).isTrue();
			other.send("two");
			Awaitility.await().until(() -> server.server().stats().dispatchCount() == 2);
			goOn.countDown();
			assertThat(client.readText(3)).isEqualTo("one");
			assertThat(other.readText(3)).isEqualTo("two");
			for (int number = 2; number < packets; number++) {
				assertThat(other.send("two").readText(3)).isEqualTo("two");
			}
			Awaitility.await().until(() -> handler.errors.size() == packets);
			assertThat(handler.errors).allSatisfy((error) -> {
				assertThat(error.event()).isEqualTo("receive");
				assertThat(error.fd()).isPositive();
				assertThat(error.cause()).isInstanceOf(IllegalReferenceCountException.class);
			});
			Awaitility.await().until(() -> server.server().getWorkerStatus(0).orElseThrow() == WorkerStatus.IDLE);
			assertThat(server.server().stats().requestCount()).isEqualTo(packets);
		}
	}

	/** ERR-02: the same for packets that came together, and have one buffer. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenHandlerReleasesPacketsOfOneReadThenNoneSuffers(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send(packet.toString(StandardCharsets.UTF_8));
			packet.release();
		});
		try (TestServer server = TestServer.start(handler,
				(options) -> options.mode(mode).workerNum(1).main((main) -> main.openEofSplit(true).packageEof(";")));
				TestClient client = server.connect()) {
			for (int number = 0; number < 20; number++) {
				assertThat(client.send("one;two;three;four").readText(14)).isEqualTo("one;two;three;");
				assertThat(client.send(";").readText(5)).isEqualTo("four;");
			}
			Awaitility.await().until(() -> handler.errors.size() == 80);
			assertThat(handler.errors)
				.allSatisfy((error) -> assertThat(error.cause()).isInstanceOf(IllegalReferenceCountException.class));
		}
	}

	/**
	 * Cannot log what one thread has to say.
	 */
	private static final class BrokenLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

		private final Logger logger = (Logger) LoggerFactory.getLogger("io.swoole");

		private volatile String thread = "";

		BrokenLog() {
			start();
			this.logger.addAppender(this);
		}

		void breakFor(String thread) {
			this.thread = thread;
		}

		@Override
		protected void append(ILoggingEvent event) {
			if (Thread.currentThread().getName().equals(this.thread)) {
				throw new OutOfMemoryError("log");
			}
		}

		@Override
		public void close() {
			this.logger.detachAppender(this);
		}

	}

}
