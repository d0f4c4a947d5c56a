package io.swoole.server.supervision;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * A reload under way: all workers at once, or one after another.
 */
final class Reload {

	private final Deque<WorkerLife> waiting;

	private final int size;

	private final boolean allAtOnce;

	private final List<WorkerRestart> begun = new ArrayList<>();

	Reload(List<WorkerLife> lives, boolean allAtOnce) {
		this.waiting = new ArrayDeque<>(lives);
		this.size = lives.size();
		this.allAtOnce = allAtOnce;
	}

	int size() {
		return this.size;
	}

	/** Restarts who is next and returns whether all workers have been restarted. */
	boolean advance(Function<WorkerLife, @Nullable WorkerRestart> restart) {
		this.begun.removeIf(WorkerRestart::isDone);
		while (!this.waiting.isEmpty() && (this.allAtOnce || this.begun.stream().allMatch(WorkerRestart::isStuck))) {
			WorkerRestart next = restart.apply(this.waiting.remove());
			if (next != null) {
				this.begun.add(next);
			}
		}
		return this.waiting.isEmpty() && this.begun.isEmpty();
	}

}
