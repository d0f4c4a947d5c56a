package io.swoole.server.supervision;

import java.util.concurrent.TimeUnit;

import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.WorkerContext;
import io.swoole.server.worker.WorkerTimers;
import io.swoole.testing.TestHandler;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerRestart} with a worker that does only what the test says:
 * WORK-11, TASK-44.
 */
class WorkerRestartTests {

	private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

	private final FakeWorker worker = new FakeWorker();

	private final long begin = System.nanoTime();

	private WorkerRestart giveUp() {
		WorkerRestart restart = new WorkerRestart(
				new WorkerLife(this.worker,
						new Callbacks(null, new TestHandler(), new ServerCounters(this, 1)).workers()),
				this.begin, () -> {
				});
		long progress = this.worker.context.progress();
		restart.only(() -> this.worker.context.progress() == progress, PATIENCE);
		restart.begin();
		return restart;
	}

	private boolean isOverdue(WorkerRestart restart, long after) {
		restart.advance(this.begin + after);
		return restart.isOverdue(this.begin + after);
	}

	@Test
	void whenCallbackToBeGivenUpGoesOnThenItIsOverdueAtOnce() {
		this.worker.context.busy(true);
		WorkerRestart restart = giveUp();
		assertThat(isOverdue(restart, 1)).isTrue();
		assertThat(restart.abandon()).isTrue();
		assertThat(this.worker.replaced).isTrue();
	}

	/** The next task is innocent, and has as long as with any restart. */
	@Test
	void whenCallbackToBeGivenUpReturnsThenTheNextHasAllItsTime() {
		this.worker.context.busy(true);
		WorkerRestart restart = giveUp();
		this.worker.context.busy(false);
		this.worker.context.busy(true);
		assertThat(isOverdue(restart, 1)).isFalse();
		assertThat(isOverdue(restart, PATIENCE)).isFalse();
		assertThat(isOverdue(restart, PATIENCE + 2)).isTrue();
		assertThat(restart.abandon()).isTrue();
	}

	/** Between the look of the supervisor and what it does about it. */
	@Test
	void whenCallbackReturnsAtTheLastMomentThenTheNextIsNotGivenUp() {
		this.worker.context.busy(true);
		WorkerRestart restart = giveUp();
		assertThat(isOverdue(restart, 1)).isTrue();
		this.worker.context.busy(false);
		this.worker.context.busy(true);
		assertThat(restart.abandon()).isFalse();
		assertThat(this.worker.replaced).isFalse();
		assertThat(isOverdue(restart, 2)).isFalse();
	}

	/**
	 * A worker without a thread.
	 */
	private static final class FakeWorker implements Supervised {

		private final WorkerContext context = new WorkerContext(this, 0, null);

		private boolean replaced;

		@Override
		public int id() {
			return 0;
		}

		@Override
		public WorkerContext context() {
			return this.context;
		}

		@Override
		public WorkerTimers timers() {
			throw new UnsupportedOperationException();
		}

		@Override
		public boolean inLane() {
			return false;
		}

		@Override
		public void post(Event event) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void postFirst(Event event) {
			// it comes to nothing
		}

		@Override
		public boolean interrupt() {
			throw new UnsupportedOperationException();
		}

		@Override
		public boolean replace(Event first) {
			this.replaced = true;
			return true;
		}

		@Override
		public boolean isReplaceable() {
			return true;
		}

		@Override
		public void discardAll() {
		}

	}

}
