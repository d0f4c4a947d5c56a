package io.swoole.task.execution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;

import ch.qos.logback.classic.Level;
import io.swoole.task.Task;
import io.swoole.task.TaskOptions;
import io.swoole.task.TaskType;
import io.swoole.task.result.CallbackReply;
import io.swoole.testing.LogCapture;
import io.swoole.testing.TestHandler;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives a pipeline with random commands next to a simple model of it: every accepted
 * task ends exactly once, as the model says, and the counters add up after each command.
 * A failure names the seed, and repeats with it: {@code -Dswoole.model.seed}.
 */
class TaskModelTests {

	/** How many random sequences are tried; more with a system property. */
	private static final int SEQUENCES = Integer.getInteger("swoole.model.count", 24);

	/** The only sequence that is tried, to repeat a failure. */
	private static final @Nullable Long SEED = Long.getLong("swoole.model.seed");

	private static final int COMMANDS = 60;

	private static final int WORKERS = 3;

	private static final Duration RESULT_TIMEOUT = Duration.ofSeconds(60);

	/**
	 * Deadlines are between two seconds: at the same time as a timeout either may win.
	 */
	private static final Duration DEADLINES_AFTER = Duration.ofMillis(250);

	/** What tasks of each kind are like. */
	enum Kind {

		PLAIN(TaskType.of("plain")), LIMITED(TaskType.of("limited").withConcurrency(1)),
		RETRIED(TaskType.of("retried").withRetries(2).withBackoff(Duration.ZERO)),
		TIMED(TaskType.of("timed").withTimeout(Duration.ofSeconds(10)).withRetries(1).withBackoff(Duration.ZERO));

		private final TaskType type;

		Kind(TaskType type) {
			this.type = type;
		}

	}

	/** Who learns the result. */
	enum Receiver {

		FINISH, CALLBACK, FUTURE

	}

	enum State {

		DELAYED, WAITING, RUNNING, RETURNED, GONE

	}

	enum End {

		FINISHED, ENDED, FAILED, EXPIRED, CANCELLED, LOST

	}

	sealed interface Payload permits Plain, Limited, Retried, Timed {

		static Payload of(Kind kind, int number) {
			return switch (kind) {
				case PLAIN -> new Plain(number);
				case LIMITED -> new Limited(number);
				case RETRIED -> new Retried(number);
				case TIMED -> new Timed(number);
			};
		}

		int number();

	}

	record Plain(int number) implements Payload {

	}

	record Limited(int number) implements Payload {

	}

	record Retried(int number) implements Payload {

	}

	record Timed(int number) implements Payload {

	}

	/** A task as the model sees it. */
	private static final class ModelTask {

		final long id;

		final Kind kind;

		final Receiver receiver;

		/** Whether it was posted in a callback about a connection. */
		final boolean connected;

		State state = State.WAITING;

		@Nullable End end;

		/** When it starts, times out, expires or is given up, by what it waits for. */
		long due = Long.MAX_VALUE;

		long deadline = Long.MAX_VALUE;

		int attempts;

		/** Whether this attempt is interrupted already. */
		boolean interrupted;

		ModelTask(long id, Kind kind, Receiver receiver, boolean connected) {
			this.id = id;
			this.kind = kind;
			this.receiver = receiver;
			this.connected = connected;
		}

		void end(End end) {
			if (this.end == null) {
				this.end = end;
			}
		}

		boolean isOpen() {
			return this.end == null;
		}

		@Override
		public String toString() {
			return this.id + " " + this.kind + " " + this.receiver + (this.connected ? " connected " : " ") + this.state
					+ " " + this.end;
		}

	}

	/** What has been observed of a task from outside. */
	private final Map<Long, List<String>> observed = new ConcurrentHashMap<>();

	/** What each running task is told to do. */
	private final Map<Long, BlockingQueue<String>> orders = new ConcurrentHashMap<>();

	private final Map<Long, Task> handles = new ConcurrentHashMap<>();

	/** Tasks whose handlers wait for orders, by the number of their attempt. */
	private final Map<Long, Integer> waiting = new ConcurrentHashMap<>();

	private final AtomicInteger reloads = new AtomicInteger();

	private final CountingOrigin connection = new CountingOrigin();

	private final Map<Long, ModelTask> model = new TreeMap<>();

	private long now;

	private LogCapture silence;

	/** Hundreds of ordered failures would bury everything else in the log. */
	@BeforeEach
	void silence() {
		this.silence = LogCapture.of("io.swoole", Level.OFF);
	}

	@AfterEach
	void speak() {
		this.silence.close();
	}

	static List<Long> seeds() {
		if (SEED != null) {
			return List.of(SEED);
		}
		List<Long> seeds = new ArrayList<>();
		for (long seed = 1; seed <= SEQUENCES; seed++) {
			seeds.add(seed);
		}
		return seeds;
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void whenCommandsAreRandomThenEveryTaskEndsOnceAsTheModelSays(long seed) {
		Random random = new Random(seed);
		List<String> script = new ArrayList<>();
		try (Pipeline pipeline = new Pipeline(handler(),
				(options) -> options.taskWorkerNum(WORKERS)
					.taskResultTimeout(RESULT_TIMEOUT)
					.taskQueueCapacity(1000))) {
			pipeline.supervise(Duration.ofMillis(20), this.reloads::incrementAndGet);
			try {
				for (int i = 0; i < COMMANDS; i++) {
					script.add(command(pipeline, random));
					quiesce(pipeline);
				}
				script.add("stop");
				stop(pipeline);
			}
			catch (AssertionError | ConditionTimeoutException ex) {
				throw new AssertionError("seed " + seed + " after " + script + ": " + this.model.values() + " but "
						+ pipeline.counters() + ", waiting for orders " + this.waiting, ex);
			}
		}
		this.model.values()
			.forEach((task) -> assertThat(this.observed.getOrDefault(task.id, List.of()))
				.as("seed %d, task %s", seed, task)
				.containsExactlyInAnyOrderElementsOf(expected(task)));
	}

	private TestHandler handler() {
		return new TestHandler().taskType((payload) -> Kind.valueOf(payload.getSimpleName().toUpperCase()).type)
			.task((server, task) -> {
				this.handles.put(task.id(), task);
				BlockingQueue<String> orders = this.orders.computeIfAbsent(task.id(),
						(id) -> new LinkedBlockingQueue<>());
				while (true) {
					this.waiting.put(task.id(), task.attempt());
					String order;
					try {
						order = orders.take();
					}
					finally {
						this.waiting.remove(task.id(), task.attempt());
					}
					switch (order) {
						case "finish" -> task.finish("result");
						case "throw" -> throw new IllegalStateException("ordered");
						case "value" -> {
							return "result";
						}
						default -> {
							return null;
						}
					}
				}
			})
			.finish((server, result) -> observe(result.taskId(), "result"))
			.taskFailed((server, task, cause) -> observe(task.id(), "failed"));
	}

	private void observe(long id, String what) {
		List<String> seen = this.observed.computeIfAbsent(id, (key) -> new CopyOnWriteArrayList<>());
		// further results of plain tasks are allowed
		if (!what.equals("result") || !seen.contains(what)) {
			seen.add(what);
		}
	}

	private static List<String> expected(ModelTask task) {
		if (task.end == End.FINISHED) {
			return List.of("result");
		}
		List<String> expected = new ArrayList<>();
		if (task.receiver == Receiver.FUTURE) {
			switch (task.end) {
				case FAILED -> expected.add("TaskFailedException");
				case EXPIRED -> expected.add("TaskExpiredException");
				case CANCELLED -> expected.add("TaskCancelledException");
				case ENDED -> expected.add("TaskTimeoutException");
				case LOST -> expected.add("TaskRejectedException");
				default -> throw new IllegalStateException();
			}
		}
		if (task.end == End.FAILED || task.end == End.EXPIRED) {
			expected.add("failed");
		}
		return expected;
	}

	// commands

	private String command(Pipeline pipeline, Random random) {
		int choice = random.nextInt(100);
		if (choice < 38) {
			return post(pipeline, random);
		}
		if (choice < 68) {
			return order(random);
		}
		if (choice < 78) {
			ModelTask task = any(random, (each) -> true);
			return (task != null) ? cancel(pipeline, task) : "nothing to cancel";
		}
		if (choice < 84) {
			return finishLate(random);
		}
		if (choice < 97) {
			return advance(pipeline, random.nextInt(20));
		}
		return reload(pipeline);
	}

	private String post(Pipeline pipeline, Random random) {
		Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
		Payload payload = Payload.of(kind, this.model.size());
		Receiver receiver = Receiver.values()[random.nextInt(Receiver.values().length)];
		boolean connected = random.nextBoolean();
		ModelTask task;
		if (receiver == Receiver.FUTURE) {
			CompletableFuture<?> future = post(pipeline, connected, () -> pipeline.tasks.waits().async(payload));
			task = new ModelTask(pipeline.counters().accepted() - 1, kind, receiver, connected);
			future.whenComplete((result, failure) -> observe(task.id,
					(failure != null) ? failure.getClass().getSimpleName() : "result"));
		}
		else if (receiver == Receiver.CALLBACK) {
			CallbackReply reply = new CallbackReply((server, taskId, result) -> observe(taskId, "result"));
			long id = post(pipeline, connected, () -> pipeline.post(payload, reply));
			task = new ModelTask(id, kind, receiver, connected);
		}
		else {
			TaskOptions options = TaskOptions.none().withPriority(random.nextInt(10));
			int delay = random.nextInt(4) - 1;
			int deadline = random.nextInt(10);
			options = (delay > 0) ? options.withDelay(Duration.ofSeconds(delay)) : options;
			options = (deadline > 4)
					? options.withDeadline(pipeline.time.now().plusSeconds(deadline).plus(DEADLINES_AFTER)) : options;
			TaskOptions all = options;
			long id = post(pipeline, connected, () -> pipeline.post(payload, all));
			task = new ModelTask(id, kind, receiver, connected);
			task.deadline = (deadline > 4) ? this.now + deadline : Long.MAX_VALUE;
			if (delay > 0) {
				task.state = State.DELAYED;
				task.due = this.now + delay;
			}
		}
		this.model.put(task.id, task);
		return "post " + task;
	}

	private <T> T post(Pipeline pipeline, boolean connected, Supplier<T> code) {
		return connected ? pipeline.onBehalfOf(this.connection, code) : code.get();
	}

	private String order(Random random) {
		ModelTask task = any(random, (each) -> each.state == State.RUNNING);
		if (task == null) {
			return "nothing to order";
		}
		String order = List.of("finish", "throw", "value", "null").get(random.nextInt(4));
		switch (order) {
			case "finish" -> task.end(End.FINISHED);
			case "throw" -> fail(task);
			case "value" -> {
				task.end(End.FINISHED);
				task.state = State.GONE;
			}
			default -> returned(task);
		}
		this.waiting.remove(task.id);
		this.orders.get(task.id).add(order);
		return order + " " + task;
	}

	private void fail(ModelTask task) {
		if (task.isOpen() && task.attempts <= task.kind.type.getRetries() && this.now <= task.deadline) {
			task.state = State.WAITING;
			return;
		}
		task.end(End.FAILED);
		task.state = State.GONE;
	}

	private void returned(ModelTask task) {
		if (!task.isOpen() || task.receiver == Receiver.FINISH) {
			task.end(End.ENDED);
			task.state = State.GONE;
		}
		else {
			task.state = State.RETURNED;
			task.due = this.now + RESULT_TIMEOUT.toSeconds();
		}
	}

	private String cancel(Pipeline pipeline, ModelTask task) {
		boolean expected = task.isOpen() || (task.state == State.RUNNING && !task.interrupted);
		boolean interrupts = task.state == State.RUNNING;
		if (interrupts) {
			this.waiting.remove(task.id);
		}
		assertThat(pipeline.tasks.cancel(task.id)).as("cancel %s", task).isEqualTo(expected);
		task.end(End.CANCELLED);
		task.state = State.GONE;
		return "cancel " + task;
	}

	private String finishLate(Random random) {
		ModelTask task = any(random, (each) -> each.state == State.RETURNED);
		if (task == null) {
			return "nothing to finish";
		}
		assertThat(this.handles.get(task.id).finish("late")).isTrue();
		assertThat(this.handles.get(task.id).finish("too late")).isFalse();
		task.end(End.FINISHED);
		task.state = State.GONE;
		return "finish late " + task;
	}

	private String advance(Pipeline pipeline, int seconds) {
		for (int i = 0; i < seconds; i++) {
			for (ModelTask task : this.model.values()) {
				if (isWaiting(task) && task.attempts == 0 && task.deadline == this.now) {
					task.end(End.EXPIRED);
					task.state = State.GONE;
				}
			}
			pipeline.time.advance(DEADLINES_AFTER);
			quiesce(pipeline);
			this.now++;
			for (ModelTask task : this.model.values()) {
				if (task.state == State.RUNNING && task.due == this.now) {
					this.waiting.remove(task.id);
					fail(task);
				}
				else if (task.state == State.RETURNED && task.due == this.now) {
					task.end(End.ENDED);
					task.state = State.GONE;
				}
				else if (task.state == State.DELAYED && task.due == this.now) {
					task.state = State.WAITING;
				}
			}
			pipeline.time.advance(Duration.ofSeconds(1).minus(DEADLINES_AFTER));
			quiesce(pipeline);
		}
		return "advance " + seconds;
	}

	private String reload(Pipeline pipeline) {
		int before = this.reloads.get();
		for (ModelTask task : this.model.values()) {
			if (task.state == State.RUNNING) {
				this.waiting.remove(task.id);
				task.end(End.FAILED);
				task.state = State.GONE;
			}
		}
		assertThat(pipeline.reload()).isTrue();
		Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> this.reloads.get() > before);
		return "reload";
	}

	private void stop(Pipeline pipeline) {
		Map<End, Integer> ends = new TreeMap<>();
		for (ModelTask task : this.model.values()) {
			task.end(End.LOST);
			ends.merge(task.end, 1, Integer::sum);
		}
		pipeline.close();
		assertThat(pipeline.lost()).as("reported as lost").isEqualTo(ends.getOrDefault(End.LOST, 0));
		assertThat(pipeline.counters().failed()).as("failed and expired")
			.isEqualTo(ends.getOrDefault(End.FAILED, 0) + ends.getOrDefault(End.EXPIRED, 0));
		assertThat(pipeline.counters().deadLetters()).as("dead letters")
			.isEqualTo(Math.min(1000, (int) pipeline.counters().failed()));
		assertThat(pipeline.counters().open()).as("open").isZero();
		assertThat(this.connection.open()).as("open for the connection").isZero();
		assertThat(ends.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(this.model.size());
	}

	// the model and reality meet

	private static boolean isWaiting(ModelTask task) {
		return task.state == State.WAITING || task.state == State.DELAYED;
	}

	/** Waits until nothing happens any more, and compares. */
	private void quiesce(Pipeline pipeline) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(200)))
			.until(() -> {
				pipeline.time.advance(Duration.ZERO);
				pipeline.settle();
				observeStarts();
				TaskCounters counters = pipeline.counters();
				long running = count((task) -> task.state == State.RUNNING);
				return this.waiting.size() == running && counters.idleWorkers() == WORKERS - running
						&& counters.open() == count(ModelTask::isOpen)
						&& counters.waiting() == count(TaskModelTests::isWaiting)
						&& counters.delayed() == count((task) -> task.state == State.DELAYED)
						&& this.connection.open() == count((task) -> task.isOpen() && task.connected)
						&& nothingMayStart(running);
			});
		assertThat(count((task) -> task.state == State.RUNNING && task.kind == Kind.LIMITED)).isLessThanOrEqualTo(1);
		assertThat(pipeline.counters().accepted()).isEqualTo(this.model.size());
	}

	private void observeStarts() {
		this.waiting.forEach((id, attempt) -> {
			ModelTask task = this.model.get(id);
			if (task != null && task.state == State.WAITING && attempt == task.attempts + 1) {
				task.state = State.RUNNING;
				task.attempts = attempt;
				task.due = (task.kind == Kind.TIMED) ? this.now + 10 : Long.MAX_VALUE;
			}
		});
	}

	private boolean nothingMayStart(long running) {
		boolean limited = count((task) -> task.state == State.RUNNING && task.kind == Kind.LIMITED) > 0;
		return running == WORKERS
				|| count((task) -> task.state == State.WAITING && !(limited && task.kind == Kind.LIMITED)) == 0;
	}

	private long count(Predicate<ModelTask> condition) {
		return this.model.values().stream().filter(condition).count();
	}

	private @Nullable ModelTask any(Random random, Predicate<ModelTask> condition) {
		List<ModelTask> those = this.model.values().stream().filter(condition).toList();
		return those.isEmpty() ? null : those.get(random.nextInt(those.size()));
	}

}
