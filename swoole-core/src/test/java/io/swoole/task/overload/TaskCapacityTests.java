package io.swoole.task.overload;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.embedded.EmbeddedChannel;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Reactor;
import io.swoole.testing.FakeWorker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link TaskCapacity} and {@link TaskProducer} without a server: one lane, on
 * which the test decides when events run (TASK-04).
 */
class TaskCapacityTests {

	private static final int PACKETS_PER_THREAD = 3000;

	private final FakeWorker lane = new FakeWorker();

	private final EmbeddedChannel channel = new EmbeddedChannel();

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	@ParameterizedTest
	@CsvSource({ "100, 1, 80, 50", "10000, 8, 8000, 5000", "65536, 16, 52429, 32768", "10, 1, 8, 5" })
	void whenPlacesAreTakenThenQueueIsOverloadedFrom80PercentDownTo50(int size, int workers, int high, int low) {
		TaskCapacity capacity = new TaskCapacity(size, workers);
		assertThat(capacity.reserve(high - 1)).isTrue();
		assertThat(capacity.isOverloaded()).isFalse();
		assertThat(capacity.reserve(1)).isTrue();
		assertThat(capacity.isOverloaded()).isTrue();
		capacity.free(high - low - 1);
		assertThat(capacity.isOverloaded()).isTrue();
		capacity.free(1);
		assertThat(capacity.isOverloaded()).isFalse();
	}

	/** Otherwise packets that are in handlers already could post too many. */
	@ParameterizedTest
	@CsvSource({ "100, 11", "1, 1", "2, 4" })
	void whenTenthOfThePlacesIsLessThanTheNumberOfWorkersThenQueueIsAlwaysOverloaded(int size, int workers) {
		TaskCapacity capacity = new TaskCapacity(size, workers);
		assertThat(capacity.isOverloaded()).isTrue();
		TestProducer producer = new TestProducer(new ProducerGroup(capacity));
		producer.receive();
		assertThat(producer.posted).isEqualTo(1);
		capacity.free(1);
		assertThat(capacity.isOverloaded()).isTrue();
	}

	/** Who frees places has seen few taken, and is late to say so. */
	@Test
	void whenManyPlacesAreTakenWhileTheOverloadEndsThenItDoesNot() throws Exception {
		TaskCapacity capacity = new TaskCapacity(10, 1);
		capacity.reserve(10);
		AtomicInteger taken = new AtomicInteger();
		AtomicBoolean over = new AtomicBoolean();
		Thread thread = new Thread(() -> {
			while (!over.get()) {
				if (capacity.open() == 5) {
					for (int pause = taken.get() % 32; pause > 0; pause--) {
						Thread.onSpinWait();
					}
					capacity.reserve(5);
					taken.incrementAndGet();
				}
			}
		});
		thread.start();
		try {
			long begin = System.nanoTime();
			for (int i = 1; i <= 100_000 && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(1); i++) {
				capacity.free(5);
				while (taken.get() < i) {
					Thread.onSpinWait();
				}
				assertThat(capacity.isOverloaded()).isTrue();
			}
		}
		finally {
			over.set(true);
			thread.join();
		}
	}

	@Test
	void whenThereAreNotEnoughPlacesThenNoneIsTaken() {
		TaskCapacity capacity = new TaskCapacity(10, 1);
		assertThat(capacity.reserve(7)).isTrue();
		assertThat(capacity.reserve(4)).isFalse();
		assertThat(capacity.reserve(3)).isTrue();
		assertThat(capacity.reserve(1)).isFalse();
		assertThat(capacity.open()).isEqualTo(10);
		assertThat(capacity.rejections()).isEqualTo(5);
	}

	@Test
	void whenThereAreMoreTasksThanPlacesThenNobodyGetsOneUntilThereIsRoom() {
		TaskCapacity capacity = new TaskCapacity(10, 1);
		for (int i = 0; i < 15; i++) {
			capacity.exceed();
		}
		assertThat(capacity.open()).isEqualTo(15);
		assertThat(capacity.isOverloaded()).isTrue();
		assertThat(capacity.reserve(1)).isFalse();
		TestProducer producer = new TestProducer(new ProducerGroup(capacity));
		producer.producer.posted();
		producer.receive();
		capacity.free(6);
		this.lane.runEvents();
		assertThat(producer.handled).isZero();
		capacity.free(1);
		this.lane.runEvents();
		assertThat(producer.posted).isEqualTo(1);
		assertThat(capacity.open()).isEqualTo(9);
		assertThat(capacity.paused()).isZero();
	}

	@Test
	void whenProducersWaitThenFreePlacesAreSharedEqually() {
		TaskCapacity capacity = new TaskCapacity(1000, 1);
		List<TestProducer> producers = waiting(capacity, 10);
		assertThat(capacity.paused()).isEqualTo(10);
		assertThat(capacity.open()).isEqualTo(900);
		capacity.free(99);
		assertThat(producers).allMatch((producer) -> producer.posted == 0);
		capacity.free(1);
		this.lane.runEvents();
		// a tenth of all places, a tenth of that for each
		assertThat(producers).allMatch((producer) -> producer.posted == 10);
		assertThat(capacity.open()).isEqualTo(900);
		assertThat(producers).allMatch((producer) -> !producer.gate.isOpen());
	}

	@Test
	void whenThereAreMoreProducersThanPlacesThenTheyTakeTurns() {
		TaskCapacity capacity = new TaskCapacity(30, 1);
		List<TestProducer> producers = waiting(capacity, 10);
		List<Integer> posted = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			capacity.free(3);
			this.lane.runEvents();
			posted.add(producers.stream().mapToInt((producer) -> producer.posted).sum());
			int most = producers.stream().mapToInt((producer) -> producer.posted).max().orElseThrow();
			int least = producers.stream().mapToInt((producer) -> producer.posted).min().orElseThrow();
			assertThat(most - least).isLessThanOrEqualTo(1);
		}
		assertThat(posted).last().isEqualTo(60);
		assertThat(capacity.open()).isEqualTo(27);
	}

	@Test
	void whenProducerNeedsLessThanItsShareThenTheRestIsForOthers() {
		TaskCapacity capacity = new TaskCapacity(1000, 1);
		List<TestProducer> producers = waiting(capacity, 2);
		producers.get(0).mostTasks = 3;
		capacity.free(100);
		this.lane.runEvents();
		assertThat(producers.get(0).posted).isEqualTo(3);
		assertThat(producers.get(0).gate.isOpen()).isTrue();
		assertThat(producers.get(1).posted).isEqualTo(50);
		assertThat(capacity.open()).isEqualTo(853);
		assertThat(capacity.paused()).isEqualTo(1);
	}

	@Test
	void whenQueueIsNoLongerOverloadedThenAllGoOnFreely() {
		TaskCapacity capacity = new TaskCapacity(100, 1);
		List<TestProducer> producers = waiting(capacity, 10);
		capacity.free(90);
		while (this.lane.runEvents()) {
			capacity.free(capacity.open());
		}
		assertThat(producers).allMatch((producer) -> producer.posted == TestProducer.PACKETS);
		assertThat(producers).allMatch((producer) -> producer.gate.isOpen());
		assertThat(capacity.paused()).isZero();
	}

	@Test
	void whenConnectionHasNotPostedLatelyThenItMayTakeTheLastPlaces() {
		TaskCapacity capacity = new TaskCapacity(100, 1);
		ProducerGroup group = new ProducerGroup(capacity);
		TestProducer busy = new TestProducer(group);
		TestProducer quiet = new TestProducer(group);
		busy.producer.posted();
		capacity.reserve(90);
		busy.receive();
		assertThat(busy.posted).isZero();
		for (int i = 0; i < 10; i++) {
			// one task each, of connections that have posted none before
			new TestProducer(group).receive();
		}
		assertThat(capacity.open()).isEqualTo(100);
		quiet.receive();
		assertThat(quiet.posted).isZero();
		assertThat(capacity.rejections()).isZero();
		capacity.free(20);
		this.lane.runEvents();
		assertThat(busy.posted + quiet.posted).isEqualTo(2);
	}

	@Test
	void whenConnectionPostsNoMoreThenItDoesNotWait() {
		TaskCapacity capacity = new TaskCapacity(100, 1);
		TestProducer producer = new TestProducer(new ProducerGroup(capacity));
		producer.producer.posted();
		producer.posts = false;
		capacity.reserve(85);
		for (int i = 0; i < 16; i++) {
			assertThat(producer.producer.isPosting()).isTrue();
			producer.receive();
		}
		assertThat(producer.producer.isPosting()).isFalse();
		assertThat(capacity.open()).isEqualTo(85);
		capacity.reserve(10);
		producer.receive();
		assertThat(producer.handled).isEqualTo(17);
	}

	@Test
	void whenListenerNeverPostsThenItsConnectionsAreFree() {
		TaskCapacity capacity = new TaskCapacity(100, 1);
		TestProducer echo = new TestProducer(new ProducerGroup(capacity));
		capacity.reserve(100);
		assertThat(echo.producer.isFree()).isTrue();
	}

	@Test
	void whenProducerIsClosedThenItsPacketsAreLetGoAndItsTurnIsForOthers() {
		TaskCapacity capacity = new TaskCapacity(1000, 1);
		List<TestProducer> producers = waiting(capacity, 2);
		TestProducer closed = producers.get(0);
		closed.open = false;
		closed.producer.closed();
		this.lane.runEvents();
		assertThat(closed.dropped).isEqualTo(TestProducer.PACKETS);
		assertThat(capacity.paused()).isEqualTo(1);
		capacity.free(100);
		this.lane.runEvents();
		assertThat(producers.get(1).posted).isEqualTo(100);
	}

	@Test
	void whenServerStopsThenNobodyWaitsAnyMore() {
		TaskCapacity capacity = new TaskCapacity(100, 1);
		List<TestProducer> producers = waiting(capacity, 3);
		capacity.stop();
		this.lane.runEvents();
		assertThat(producers).allMatch((producer) -> producer.handled == TestProducer.PACKETS);
		assertThat(capacity.paused()).isZero();
		assertThat(capacity.open()).isEqualTo(100);
		assertThat(capacity.isOverloaded()).isFalse();
	}

	/** Places add up, whoever takes and frees them at the same time. */
	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 10, 100 })
	void whenThreadsTakeAndFreePlacesThenNeverMoreThanThereAreAndNobodyIsForgotten(int size) throws Exception {
		TaskCapacity capacity = new TaskCapacity(size, 4);
		ProducerGroup group = new ProducerGroup(capacity);
		AtomicInteger tooMany = new AtomicInteger();
		AtomicInteger handled = new AtomicInteger();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			Thread thread = new Thread(() -> {
				FakeWorker own = new FakeWorker();
				TestProducer producer = new TestProducer(group, own, new EmbeddedChannel());
				producer.frees = true;
				for (int packet = 0; packet < PACKETS_PER_THREAD; packet++) {
					producer.receive();
					own.runEvents();
					if (ThreadLocalRandom.current().nextInt(8) == 0 && capacity.reserve(1)) {
						if (capacity.open() > size + 4) {
							tooMany.incrementAndGet();
						}
						capacity.free(1);
					}
				}
				while (producer.handled < PACKETS_PER_THREAD) {
					own.runEvents();
					Thread.yield();
				}
				handled.addAndGet(producer.handled);
				producer.channel.finishAndReleaseAll();
			});
			thread.start();
			threads.add(thread);
		}
		for (Thread thread : threads) {
			thread.join(30_000);
			assertThat(thread.isAlive()).isFalse();
		}
		assertThat(handled).hasValue(4 * PACKETS_PER_THREAD);
		assertThat(tooMany).hasValue(0);
		assertThat(capacity.open()).isZero();
		assertThat(capacity.paused()).isZero();
	}

	/** So many producers, each with packets that wait, and all their places taken. */
	private List<TestProducer> waiting(TaskCapacity capacity, int count) {
		ProducerGroup group = new ProducerGroup(capacity);
		int most = (capacity.size() * 9 + 9) / 10;
		capacity.reserve(most);
		List<TestProducer> producers = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			TestProducer producer = new TestProducer(group);
			producer.producer.posted();
			for (int packet = 0; packet < TestProducer.PACKETS; packet++) {
				producer.receive();
			}
			assertThat(producer.handled).isZero();
			producers.add(producer);
		}
		return producers;
	}

	/**
	 * A connection whose handler posts one task per packet.
	 */
	private final class TestProducer {

		private static final int PACKETS = 100;

		private final TaskCapacity capacity;

		private final FakeWorker lane;

		private final EmbeddedChannel channel;

		private final ReadGate gate;

		private final TaskProducer producer;

		private boolean open = true;

		private boolean posts = true;

		private boolean frees;

		private int mostTasks = Integer.MAX_VALUE;

		private int handled;

		private int posted;

		private int dropped;

		TestProducer(ProducerGroup group) {
			this(group, TaskCapacityTests.this.lane, TaskCapacityTests.this.channel);
		}

		TestProducer(ProducerGroup group, FakeWorker lane, EmbeddedChannel channel) {
			this.capacity = group.capacity();
			this.lane = lane;
			this.channel = channel;
			this.gate = new ReadGate(channel);
			this.producer = new TaskProducer(group, this.gate, new Reactor(0, channel.eventLoop()));
		}

		void receive() {
			Packet packet = new Packet();
			if (this.producer.isFree()) {
				packet.handle();
			}
			else {
				this.producer.pass(packet);
			}
		}

		private final class Packet implements PacedEvent {

			@Override
			public Lane lane() {
				return TestProducer.this.lane;
			}

			@Override
			public boolean mayPost() {
				return TestProducer.this.open && TestProducer.this.posted < TestProducer.this.mostTasks;
			}

			@Override
			public void parked() {
			}

			@Override
			public void handle() {
				TestProducer test = TestProducer.this;
				test.handled++;
				if (!test.open) {
					test.dropped++;
				}
				else if (test.posts && test.posted < test.mostTasks) {
					if (!test.lane.context().takePlace() && !test.capacity.reserve(1)) {
						return;
					}
					test.producer.posted();
					test.posted++;
					if (test.frees) {
						test.capacity.free(1);
					}
				}
			}

			@Override
			public void discard() {
			}

		}

	}

}
