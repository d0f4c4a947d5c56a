package io.swoole.task.overload;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.ServerStats;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * More tasks than can be done (TASK-04, TASK-38): connections that write as fast as they
 * can are slowed down, and nothing is refused or lost. The benchmarks have the same with
 * a million tasks.
 */
class FloodTests {

	private static final int CONNECTIONS = 64;

	private static final int TASKS = Integer.getInteger("swoole.test.flood.tasks", 20_000) / CONNECTIONS;

	/** Is full most of the time. */
	private static final int CAPACITY = 10_000;

	/** Is full all the time. */
	private static final int SMALL_CAPACITY = 1000;

	/** How long tasks wait for clients that write slowly, less than those for answers. */
	private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

	/** Big enough to fill the buffers of the operating system. */
	private static final int PACKET = 1024;

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenClientsWriteFasterThanTasksAreDoneThenTheyWaitAndAllIsAnswered(Variant variant) throws Exception {
		flood(variant, CAPACITY);
	}

	@ParameterizedTest
	@MethodSource("io.swoole.task.overload.Variant#all")
	void whenThereIsRoomForFewTasksThenClientsWaitAndAllIsAnswered(Variant variant) throws Exception {
		flood(variant, SMALL_CAPACITY);
	}

	private static void flood(Variant variant, int capacity) throws Exception {
		// no task ends before one client has to wait, however slowly they write
		CountDownLatch go = new CountDownLatch(1);
		AtomicIntegerArray runs = new AtomicIntegerArray(CONNECTIONS * TASKS);
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			int client = packet.getInt(4);
			server.task(new Job(connection.fd(), client, packet.getInt(8)));
		}).task((server, task) -> {
			go.await();
			Thread.sleep(1);
			Job job = (Job) task.data();
			runs.incrementAndGet(job.client() * TASKS + job.number());
			return job;
		}).finish((server, result) -> {
			Job job = (Job) result.data();
			server.send(job.fd(), ByteBuffer.allocate(4).putInt(job.number()).array());
		});
		try (TestServer server = TestServer.start(handler, (options) -> {
			variant.apply(options);
			options.workerNum(2)
				.taskWorkerNum(8)
				.taskQueueCapacity(capacity)
				.main((main) -> main.openLengthCheck(true)
					.packageLengthType('N')
					.packageLengthOffset(0)
					.packageBodyOffset(4));
		})) {
			Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
			AtomicBoolean over = new AtomicBoolean();
			AtomicLong mostOpen = new AtomicLong();
			AtomicLong mostQueued = new AtomicLong();
			Thread watch = new Thread(() -> {
				long begin = System.nanoTime();
				while (!over.get()) {
					boolean paused = server.server().stats().pausedConnectionNum() > 0;
					mostOpen.accumulateAndGet(server.server().stats().openTaskNum(), Math::max);
					if (paused || System.nanoTime() - begin > PATIENCE) {
						go.countDown();
					}
					long queued = 0;
					for (long fd = 1; fd <= CONNECTIONS; fd++) {
						queued += server.server().getClientInfo(fd).map((info) -> info.receiveQueuedBytes()).orElse(0L);
					}
					mostQueued.accumulateAndGet(queued, Math::max);
					Thread.yield();
				}
			});
			watch.start();
			List<Thread> threads = new ArrayList<>();
			for (int i = 0; i < CONNECTIONS; i++) {
				int client = i;
				Thread thread = new Thread(() -> {
					try (TestClient socket = server.connect()) {
						talk(socket, client, failures);
					}
					catch (Throwable ex) {
						failures.add(ex);
					}
				});
				thread.start();
				threads.add(thread);
			}
			for (Thread thread : threads) {
				thread.join();
			}
			over.set(true);
			watch.join();
			assertThat(failures).isEmpty();
			for (int i = 0; i < runs.length(); i++) {
				assertThat(runs.get(i)).as("runs of task %s", i).isEqualTo(1);
			}
			Awaitility.await().until(() -> server.server().stats().openTaskNum() == 0);
			ServerStats stats = server.server().stats();
			assertThat(stats.taskCount()).isEqualTo(CONNECTIONS * TASKS);
			assertThat(stats.responseCount()).isEqualTo(CONNECTIONS * TASKS);
			assertThat(stats.taskRejectCount()).isZero();
			assertThat(stats.handlerErrorCount()).isZero();
			assertThat(stats.discardCount()).isZero();
			assertThat(stats.taskPauseCount()).isPositive();
			assertThat(stats.pausedConnectionNum()).isZero();
			// All the heap may hold is bounded. It is counted, as its size depends on the
			// garbage collector: there are never more tasks than the queue has room for,
			assertThat(mostOpen.get()).isBetween(capacity / 2L, (long) capacity);
			// and of each connection there wait at most the packets of its queue and what
			// one read has brought, much less than all that are sent
			assertThat(mostQueued.get()).isLessThan(CONNECTIONS * (128L + 64) * PACKET);
		}
	}

	/** Writes and reads at the same time. */
	private static void talk(TestClient socket, int client, Queue<Throwable> failures) throws InterruptedException {
		Thread writer = new Thread(() -> {
			try {
				for (int number = 0; number < TASKS; number++) {
					socket.send(ByteBuffer.allocate(PACKET).putInt(PACKET - 4).putInt(client).putInt(number).array());
				}
			}
			catch (Throwable ex) {
				failures.add(ex);
			}
		});
		writer.start();
		boolean[] answered = new boolean[TASKS];
		for (int i = 0; i < TASKS; i++) {
			int number = ByteBuffer.wrap(socket.read(4)).getInt();
			if (answered[number]) {
				failures.add(new AssertionError("Task " + number + " of " + client + " was answered twice"));
			}
			answered[number] = true;
		}
		writer.join();
	}

	private record Job(long fd, int client, int number) {

	}

}
