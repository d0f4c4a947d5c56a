package io.swoole.task.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import io.swoole.server.Internal;
import io.swoole.task.DeadLetter;
import io.swoole.task.TaskOptions;
import io.swoole.task.timer.Ticker;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that have failed for good, oldest first. When there are too many, the oldest
 * is dropped and counted.
 */
@Internal
public final class DeadLetterStore {

	private final int capacity;

	private final Ticker ticker;

	// guarded by this

	private final NavigableMap<Long, Entry> entries = new TreeMap<>();

	private final Map<Long, Long> positions = new HashMap<>();

	private long added;

	private long dropped;

	/**
	 * Creates an empty store.
	 * @param capacity how many tasks it keeps; 0: none
	 * @param ticker the time
	 */
	public DeadLetterStore(int capacity, Ticker ticker) {
		this.capacity = capacity;
		this.ticker = ticker;
	}

	/**
	 * Keeps a task.
	 * @param task the task
	 * @param cause why it failed
	 */
	public synchronized void add(TaskEnvelope task, Throwable cause) {
		if (this.capacity == 0) {
			this.dropped++;
			return;
		}
		put(new Entry(this.added++, new DeadLetter(task.id(), task.data(), task.attempts(),
				Instant.ofEpochMilli(this.ticker.currentTimeMillis()), cause), task.options()));
	}

	/**
	 * Keeps a dead letter that was taken out, where it was.
	 * @param entry the dead letter
	 */
	public synchronized void put(Entry entry) {
		this.entries.put(entry.position(), entry);
		this.positions.put(entry.letter().taskId(), entry.position());
		if (this.entries.size() > this.capacity) {
			this.positions.remove(this.entries.pollFirstEntry().getValue().letter().taskId());
			this.dropped++;
		}
	}

	/**
	 * Takes a dead letter out.
	 * @param taskId the task
	 * @return the dead letter, {@code null} if there is none
	 */
	public synchronized @Nullable Entry take(long taskId) {
		Long position = this.positions.remove(taskId);
		return (position != null) ? this.entries.remove(position) : null;
	}

	/**
	 * The dead letters.
	 * @param limit how many at most
	 * @return a snapshot, oldest first
	 */
	public synchronized List<DeadLetter> list(int limit) {
		List<DeadLetter> letters = new ArrayList<>(Math.min(limit, this.entries.size()));
		for (Entry entry : this.entries.values()) {
			if (letters.size() == limit) {
				break;
			}
			letters.add(entry.letter());
		}
		return letters;
	}

	/**
	 * How many there are.
	 * @return the number
	 */
	public synchronized int size() {
		return this.entries.size();
	}

	/**
	 * How many were dropped because there were too many.
	 * @return the number
	 */
	public synchronized long dropped() {
		return this.dropped;
	}

	/**
	 * A dead letter and what is needed to post it once more.
	 *
	 * @param position its place among the others
	 * @param letter the dead letter
	 * @param options the options of the task
	 */
	@Internal
	public record Entry(long position, DeadLetter letter, TaskOptions options) {

	}

}
