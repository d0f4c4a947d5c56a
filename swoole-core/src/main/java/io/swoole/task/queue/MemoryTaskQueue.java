package io.swoole.task.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.Internal;
import io.swoole.task.TaskOptions;
import io.swoole.task.overload.TaskCapacity;
import io.swoole.task.timer.Timer;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;

/**
 * Tasks in memory, from acceptance until nothing is left of them. What has a time waits
 * in the timers first; what may start is among the {@link ReadyTasks}.
 */
@Internal
public final class MemoryTaskQueue implements TaskQueue {

	private final TaskCapacity capacity;

	private final Listener listener;

	private final Timers timers;

	private final DeadLetterStore deadLetters;

	private final OpenTasks tasks;

	private final ReadyTasks ready;

	private final Map<String, TaskEnvelope> keys = new ConcurrentHashMap<>();

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicInteger delayed = new AtomicInteger();

	/** The highest id accepted so far, by which tasks that come back are ordered. */
	private final AtomicLong newest;

	/**
	 * Creates an empty queue.
	 * @param capacity the places for open tasks
	 * @param taskWorkers how many task workers there are
	 * @param ids counts the ids given out
	 * @param timers runs delays and deadlines
	 * @param deadLetters keeps what has failed
	 * @param listener is told what happens
	 */
	public MemoryTaskQueue(TaskCapacity capacity, int taskWorkers, AtomicLong ids, Timers timers,
			DeadLetterStore deadLetters, Listener listener) {
		this.capacity = capacity;
		this.newest = ids;
		this.timers = timers;
		this.deadLetters = deadLetters;
		this.listener = listener;
		this.tasks = new OpenTasks(capacity.size());
		this.ready = new ReadyTasks(taskWorkers, listener::ready);
	}

	@Override
	public boolean reserve(int count) {
		return this.capacity.reserve(count);
	}

	@Override
	public void exceed() {
		this.capacity.exceed();
	}

	@Override
	public void giveBack(int count) {
		this.capacity.free(count);
	}

	@Override
	public void passOn() {
		this.capacity.passOn();
	}

	@Override
	public TaskEnvelope accept(TaskEnvelope task) {
		TaskOptions options = task.options();
		if (options == TaskOptions.none()) {
			this.tasks.add(task);
			this.waiting.incrementAndGet();
			this.ready.add(task);
			return task;
		}
		String key = options.getKey();
		TaskEnvelope other = (key != null) ? this.keys.putIfAbsent(key, task) : null;
		if (other != null) {
			giveBack(1);
			return other;
		}
		hold(task);
		start(task, options);
		return task;
	}

	@Override
	public void hold(TaskEnvelope task) {
		this.tasks.add(task);
		this.waiting.incrementAndGet();
		watchDeadline(task);
	}

	/** A task waits, for the first time or again: not beyond its deadline. */
	private void watchDeadline(TaskEnvelope task) {
		Instant end = task.options().getDeadline();
		if (end == null) {
			return;
		}
		Timer deadline = new Deadline(task);
		task.timer(deadline);
		this.timers.schedule(deadline, Nanos.until(end, this.timers.ticker().currentTimeMillis()));
		if (!task.isWaiting()) {
			this.timers.cancel(deadline); // it was withdrawn meanwhile
		}
	}

	@Override
	public boolean release(TaskEnvelope task) {
		String key = task.options().getKey();
		if (key != null && this.keys.putIfAbsent(key, task) != null) {
			return false;
		}
		if (task.isWaiting()) {
			task.order(this.newest.get());
			start(task, task.options());
		}
		else {
			releaseKey(task); // it has ended meanwhile
		}
		return true;
	}

	private void start(TaskEnvelope task, TaskOptions options) {
		if (options.getDelay().isZero()) {
			this.ready.add(task);
		}
		else {
			enqueueLater(task, Nanos.of(options.getDelay()));
		}
	}

	private void enqueueLater(TaskEnvelope task, long delay) {
		Timer timer = new Delay(task);
		task.delay(timer);
		this.delayed.incrementAndGet();
		this.timers.schedule(timer, delay);
		if (!task.isWaiting() && this.timers.cancel(timer)) {
			this.delayed.decrementAndGet();
		}
	}

	@Override
	public @Nullable TaskEnvelope claim(int taskWorker) {
		TaskEnvelope task = this.ready.take(taskWorker);
		while (task != null && !start(task)) {
			task = this.ready.take(taskWorker);
		}
		return task;
	}

	private boolean start(TaskEnvelope task) {
		if (!task.start()) {
			this.ready.left(task);
			return false;
		}
		this.waiting.decrementAndGet();
		Timer deadline = task.timer();
		if (deadline != null) {
			task.timer(null);
			this.timers.cancel(deadline);
		}
		return true;
	}

	@Override
	public void unclaim(TaskEnvelope task) {
		this.waiting.incrementAndGet();
		if (task.unclaim()) {
			this.ready.left(task);
			watchDeadline(task);
			this.ready.add(task);
		}
		else {
			this.waiting.decrementAndGet();
			executed(task);
		}
	}

	@Override
	public boolean hasOlder(int taskWorker, long order) {
		return this.ready.hasOlder(taskWorker, order);
	}

	@Override
	public boolean retry(TaskEnvelope task, long delay) {
		this.waiting.incrementAndGet();
		if (!task.waitAgain()) {
			this.waiting.decrementAndGet();
			return false;
		}
		this.ready.left(task);
		watchDeadline(task);
		enqueueLater(task, delay);
		return true;
	}

	@Override
	public void executed(TaskEnvelope task) {
		this.ready.left(task);
		releaseKey(task);
		if (task.endExecution()) {
			this.tasks.remove(task);
		}
	}

	@Override
	public boolean withdraw(TaskEnvelope task, TaskState end) {
		if (!task.change(TaskState.WAITING, end)) {
			return false;
		}
		this.waiting.decrementAndGet();
		Timer deadline = task.timer();
		if (deadline != null) {
			this.timers.cancel(deadline);
		}
		releaseKey(task);
		Timer delay = task.delay();
		if (delay != null && this.timers.cancel(delay)) {
			this.delayed.decrementAndGet();
		}
		else {
			this.ready.withdrawn(task, this.waiting.get());
		}
		return true;
	}

	private void releaseKey(TaskEnvelope task) {
		String key = task.options().getKey();
		if (key != null) {
			this.keys.remove(key, task);
		}
	}

	@Override
	public void complete(TaskEnvelope task) {
		if (task.endOpen()) {
			this.tasks.remove(task);
		}
		this.capacity.free(1);
	}

	@Override
	public @Nullable TaskEnvelope find(long id) {
		return this.tasks.find(id);
	}

	@Override
	public List<TaskEnvelope> tasks() {
		List<TaskEnvelope> all = new ArrayList<>();
		this.tasks.forEach(all::add);
		all.sort(Comparator.comparingLong(TaskEnvelope::id));
		return all;
	}

	@Override
	public List<TaskEnvelope> delayedFor(long nanos) {
		List<TaskEnvelope> later = new ArrayList<>();
		this.tasks.forEach((task) -> {
			Timer delay = task.delay();
			if (delay != null && this.timers.remaining(delay) > nanos) {
				later.add(task);
			}
		});
		return later;
	}

	@Override
	public void absent(int taskWorker, boolean absent) {
		this.ready.absent(taskWorker, absent);
	}

	@Override
	public boolean hasUntargeted() {
		return this.ready.hasUntargeted();
	}

	/** How many tasks the queues hold on to, those that were withdrawn included. */
	int queued() {
		return this.ready.size();
	}

	@Override
	public int waiting() {
		return this.waiting.get();
	}

	@Override
	public int delayed() {
		return this.delayed.get();
	}

	@Override
	public int open() {
		return this.capacity.open();
	}

	@Override
	public DeadLetterStore deadLetters() {
		return this.deadLetters;
	}

	/**
	 * Lets a task start after a time.
	 */
	private final class Delay extends Timer {

		private final TaskEnvelope task;

		Delay(TaskEnvelope task) {
			this.task = task;
		}

		@Override
		protected void fire() {
			MemoryTaskQueue.this.delayed.decrementAndGet();
			this.task.delay(null);
			this.task.order(MemoryTaskQueue.this.newest.get());
			if (this.task.isWaiting()) {
				MemoryTaskQueue.this.ready.add(this.task);
			}
		}

	}

	/**
	 * Ends a task that has not been started.
	 */
	private final class Deadline extends Timer {

		private final TaskEnvelope task;

		Deadline(TaskEnvelope task) {
			this.task = task;
		}

		@Override
		protected void fire() {
			if (withdraw(this.task, TaskState.EXPIRED)) {
				MemoryTaskQueue.this.listener.expired(this.task);
			}
		}

	}

}
