package io.swoole.task.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.server.Internal;
import io.swoole.task.TaskOptions;
import io.swoole.task.overload.TaskCapacity;
import io.swoole.task.timer.Timer;
import io.swoole.task.timer.Timers;
import org.jspecify.annotations.Nullable;

/**
 * Tasks in memory: one queue shared by all task workers, one per worker for the tasks
 * that name it, and one for the types that have a limit of concurrency. What has a time
 * waits in the timers first.
 */
@Internal
public final class MemoryTaskQueue implements TaskQueue {

	/** How many tasks may overtake an older one of a lower priority in a row. */
	static final int OVERTAKES = 15;

	/** How many withdrawn tasks may stay in the queues until they are swept. */
	private static final int WITHDRAWN = 1024;

	private final TaskCapacity capacity;

	private final Listener listener;

	private final Timers timers;

	private final DeadLetterStore deadLetters;

	private final OpenTasks tasks;

	private final ReadyQueue shared = new ReadyQueue();

	private final List<ReadyQueue> targeted = new ArrayList<>();

	private final LimitedTasks limited = new LimitedTasks();

	private final Map<String, TaskEnvelope> keys = new ConcurrentHashMap<>();

	/** Which workers are not there: 1 for absent. */
	private final AtomicIntegerArray absent;

	private final AtomicInteger waiting = new AtomicInteger();

	private final AtomicInteger delayed = new AtomicInteger();

	private final AtomicInteger withdrawn = new AtomicInteger();

	private final AtomicInteger overtakes = new AtomicInteger();

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
		this.absent = new AtomicIntegerArray(taskWorkers);
		for (int i = 0; i < taskWorkers; i++) {
			this.targeted.add(new ReadyQueue());
		}
	}

	@Override
	public boolean reserve(int count) {
		return this.capacity.reserve(count);
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
			enqueue(task);
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
		Instant end = task.options().getDeadline();
		if (end != null) {
			long millis = end.toEpochMilli() - this.timers.ticker().currentTimeMillis();
			Timer deadline = new Deadline(task);
			task.timer(deadline);
			this.timers.schedule(deadline, Nanos.ofMillis(millis));
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
			enqueue(task);
		}
		else {
			enqueueLater(task, Nanos.of(options.getDelay()));
		}
	}

	private void enqueue(TaskEnvelope task) {
		TypeLimit limit = task.terms().limit();
		int target = task.target();
		if (target != TaskEnvelope.ANY && this.absent.get(target) != 0) {
			target = TaskEnvelope.ANY;
		}
		if (limit == null) {
			((target == TaskEnvelope.ANY) ? this.shared : this.targeted.get(target)).add(task);
		}
		else if (!enqueue(task, target, limit)) {
			return; // somebody else of its type will end first, and then it is ready
		}
		if (target != TaskEnvelope.ANY && this.absent.get(target) != 0) {
			absent(target, true); // it has left meanwhile
		}
		this.listener.ready(target);
	}

	private boolean enqueue(TaskEnvelope task, int target, TypeLimit limit) {
		boolean ready = this.limited.add(limit, task, target);
		if (!task.isWaiting()) {
			this.limited.remove(limit, task); // its deadline has passed meanwhile
		}
		return ready;
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
		ReadyQueue own = this.targeted.get(taskWorker);
		while (true) {
			TaskEnvelope task;
			if (this.limited.isEmpty() && own.first() == null && !this.shared.isMixed()) {
				task = this.shared.poll();
				if (task == null) {
					return null;
				}
			}
			else {
				TaskEnvelope chosen = choose(taskWorker, own);
				if (chosen == null) {
					return null;
				}
				task = take(chosen, taskWorker, own);
			}
			if (task != null && start(task)) {
				return task;
			}
		}
	}

	private boolean start(TaskEnvelope task) {
		if (!task.start()) {
			left(task);
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

	/** The task to be started next; it is still in its queue. */
	private @Nullable TaskEnvelope choose(int taskWorker, ReadyQueue own) {
		TaskEnvelope first = this.limited.isEmpty() ? null : this.limited.first(taskWorker, false);
		first = firstOf(first, own.first());
		first = firstOf(first, this.shared.first());
		if (first == null) {
			return null;
		}
		TaskEnvelope oldest = this.limited.isEmpty() ? null : this.limited.first(taskWorker, true);
		oldest = olderOf(oldest, own.oldest());
		oldest = olderOf(oldest, this.shared.oldest());
		if (oldest == null || oldest.priority() >= first.priority()) {
			return first;
		}
		if (this.overtakes.incrementAndGet() <= OVERTAKES) {
			return first;
		}
		this.overtakes.set(0);
		return oldest;
	}

	/** Takes a chosen task out of its queue, or one as good, or none if others did. */
	private @Nullable TaskEnvelope take(TaskEnvelope chosen, int taskWorker, ReadyQueue own) {
		TypeLimit limit = chosen.terms().limit();
		if (limit != null) {
			return this.limited.take(limit, chosen, taskWorker) ? chosen : null;
		}
		boolean mine = own.first() == chosen || own.oldest() == chosen;
		return (mine ? own : this.shared).poll(chosen.priority());
	}

	private static @Nullable TaskEnvelope firstOf(@Nullable TaskEnvelope one, @Nullable TaskEnvelope other) {
		if (one == null || other == null) {
			return (one != null) ? one : other;
		}
		return one.isBefore(other) ? one : other;
	}

	private static @Nullable TaskEnvelope olderOf(@Nullable TaskEnvelope one, @Nullable TaskEnvelope other) {
		if (one == null || other == null) {
			return (one != null) ? one : other;
		}
		return one.isOlderThan(other) ? one : other;
	}

	@Override
	public void unclaim(TaskEnvelope task) {
		this.waiting.incrementAndGet();
		if (task.unclaim()) {
			left(task);
			enqueue(task);
		}
		else {
			this.waiting.decrementAndGet();
			executed(task);
		}
	}

	@Override
	public boolean hasOlder(int taskWorker, long order) {
		return isOlder(this.targeted.get(taskWorker).oldest(), order) || isOlder(this.shared.oldest(), order)
				|| (!this.limited.isEmpty() && isOlder(this.limited.first(taskWorker, true), order));
	}

	private static boolean isOlder(@Nullable TaskEnvelope task, long order) {
		return task != null && task.order() < order;
	}

	@Override
	public boolean retry(TaskEnvelope task, long delay) {
		this.waiting.incrementAndGet();
		if (!task.waitAgain()) {
			this.waiting.decrementAndGet();
			return false;
		}
		left(task);
		enqueueLater(task, delay);
		return true;
	}

	@Override
	public void executed(TaskEnvelope task) {
		left(task);
		releaseKey(task);
		if (task.endExecution()) {
			this.tasks.remove(task);
		}
	}

	private void left(TaskEnvelope task) {
		TypeLimit limit = task.terms().limit();
		if (limit != null) {
			this.limited.left(limit, this.listener::ready);
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
		TypeLimit limit = task.terms().limit();
		if (delay != null && this.timers.cancel(delay)) {
			this.delayed.decrementAndGet();
		}
		else if (limit != null) {
			this.limited.remove(limit, task);
		}
		else if (this.withdrawn.incrementAndGet() > Math.max(WITHDRAWN, this.waiting.get())) {
			this.withdrawn.set(0);
			this.shared.purge();
			this.targeted.forEach(ReadyQueue::purge);
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
		this.absent.set(taskWorker, absent ? 1 : 0);
		if (!absent) {
			return;
		}
		boolean any = this.limited.redirect(taskWorker);
		ReadyQueue own = this.targeted.get(taskWorker);
		for (TaskEnvelope task = own.poll(); task != null; task = own.poll()) {
			this.shared.add(task);
			any = true;
		}
		if (any) {
			this.listener.ready(TaskEnvelope.ANY);
		}
	}

	@Override
	public boolean hasUntargeted() {
		return !this.shared.isEmpty() || (!this.limited.isEmpty() && this.limited.hasUntargeted());
	}

	/** How many tasks the queues hold on to, those that were withdrawn included. */
	int queued() {
		int queued = this.shared.size();
		for (ReadyQueue own : this.targeted) {
			queued += own.size();
		}
		return queued;
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
				enqueue(this.task);
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
