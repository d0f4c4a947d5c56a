package io.swoole.task.queue;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.swoole.server.Internal;
import io.swoole.server.TaskInterceptor.Deferred;
import org.jspecify.annotations.Nullable;

/**
 * What a task waits for that interceptors have deferred: all of them must dispatch it,
 * and one can drop it. Exists for such tasks only.
 */
@Internal
public final class Deferral {

	private final TaskEnvelope task;

	/** One for each that has deferred it, and one until it is held. */
	private final AtomicInteger holds = new AtomicInteger(1);

	private volatile @Nullable Place place;

	private volatile boolean dropped;

	Deferral(TaskEnvelope task) {
		this.task = task;
	}

	/** One more wants the task to wait. */
	Deferred add() {
		this.holds.incrementAndGet();
		return new Decision();
	}

	/**
	 * Whether the task has to wait, or has been dropped already.
	 * @return {@code false} if everybody has decided to dispatch it
	 */
	public boolean isDeferred() {
		return this.holds.get() > 1 || this.dropped;
	}

	/**
	 * Lets the task wait.
	 * @param queue holds it meanwhile
	 * @param cancel ends it
	 */
	public void hold(TaskQueue queue, Consumer<TaskEnvelope> cancel) {
		queue.hold(this.task);
		this.place = new Place(queue, cancel);
		if (this.dropped) {
			cancel.accept(this.task);
		}
		release();
	}

	private void release() {
		if (this.holds.decrementAndGet() > 0) {
			return;
		}
		Place held = this.place;
		if (held != null && !held.queue().release(this.task)) {
			held.cancel().accept(this.task);
		}
	}

	private void drop() {
		this.dropped = true;
		Place held = this.place;
		if (held != null) {
			held.cancel().accept(this.task);
		}
	}

	/**
	 * Where the task waits.
	 *
	 * @param queue holds it
	 * @param cancel ends it
	 */
	private record Place(TaskQueue queue, Consumer<TaskEnvelope> cancel) {

	}

	/**
	 * What one of those who have deferred the task decides.
	 */
	private final class Decision implements Deferred {

		private final AtomicBoolean made = new AtomicBoolean();

		@Override
		public void dispatch() {
			if (this.made.compareAndSet(false, true)) {
				release();
			}
		}

		@Override
		public void drop() {
			if (this.made.compareAndSet(false, true)) {
				Deferral.this.drop();
			}
		}

	}

}
