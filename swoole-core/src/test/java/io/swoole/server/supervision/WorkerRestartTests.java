package io.swoole.server.supervision;

import java.util.concurrent.TimeUnit;

import io.swoole.server.callback.Callbacks;
import io.swoole.server.connection.ServerCounters;
import io.swoole.server.worker.WorkerContext;
import io.swoole.testing.FakeWorker;
import io.swoole.testing.TestHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WorkerRestart} with a worker that does only what the test says:
 * WORK-11, TASK-44.
 */
class WorkerRestartTests {

	private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

	private final FakeWorker worker = new FakeWorker();

	private final WorkerContext context = this.worker.context();

	/** How often the restart has asked whether that callback still runs. */
	private int looks;

	/** After how many looks that callback returns and the next one begins. */
	private int returnsAfter = -1;

	private final long begin = System.nanoTime();

	private WorkerRestart giveUp() {
		WorkerRestart restart = new WorkerRestart(
				new WorkerLife(this.worker,
						new Callbacks(null, new TestHandler(), new ServerCounters(this, 1)).workers()),
				this.begin, () -> {
				});
		long progress = this.context.progress();
		restart.only(() -> {
			boolean atIt = this.context.progress() == progress;
			if (++this.looks == this.returnsAfter) {
				nextCallback();
			}
			return atIt;
		}, PATIENCE);
		restart.begin();
		return restart;
	}

	private void nextCallback() {
		this.context.busy(false);
		this.context.busy(true);
	}

	private boolean isOverdue(WorkerRestart restart, long after) {
		restart.advance(this.begin + after);
		return restart.isOverdue(this.begin + after);
	}

	@Test
	void whenCallbackToBeGivenUpGoesOnThenItIsOverdueAtOnce() {
		this.context.busy(true);
		WorkerRestart restart = giveUp();
		assertThat(isOverdue(restart, 1)).isTrue();
		assertThat(restart.abandon()).isTrue();
		assertThat(this.worker.isReplaced()).isTrue();
	}

	/** The next task is innocent, and has as long as with any restart. */
	@Test
	void whenCallbackToBeGivenUpReturnsThenTheNextHasAllItsTime() {
		this.context.busy(true);
		WorkerRestart restart = giveUp();
		nextCallback();
		assertThat(isOverdue(restart, 1)).isFalse();
		assertThat(isOverdue(restart, PATIENCE)).isFalse();
		assertThat(isOverdue(restart, PATIENCE + 2)).isTrue();
		assertThat(restart.abandon()).isTrue();
	}

	/** Between the look of the supervisor and what it does about it. */
	@Test
	void whenCallbackReturnsAtTheLastMomentThenTheNextIsNotGivenUp() {
		this.context.busy(true);
		WorkerRestart restart = giveUp();
		assertThat(isOverdue(restart, 1)).isTrue();
		nextCallback();
		assertThat(restart.abandon()).isFalse();
		assertThat(this.worker.isReplaced()).isFalse();
		assertThat(isOverdue(restart, 2)).isFalse();
	}

	/** Between any two looks at the worker. */
	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3 })
	void whenCallbackReturnsRightAfterALookThenTheNextIsNotGivenUp(int look) {
		this.returnsAfter = look;
		this.context.busy(true);
		WorkerRestart restart = giveUp();
		if (isOverdue(restart, 1)) {
			restart.abandon();
		}
		assertThat(this.looks).isPositive();
		if (this.looks >= look) {
			assertThat(this.worker.isReplaced()).isFalse();
			assertThat(isOverdue(restart, 2)).isFalse();
			assertThat(isOverdue(restart, PATIENCE)).isFalse();
			assertThat(isOverdue(restart, PATIENCE + 3)).isTrue();
			assertThat(restart.abandon()).isTrue();
		}
	}

	/** Nor is it interrupted where the thread cannot be given up. */
	@Test
	void whenCallbackReturnsBeforeItIsInterruptedThenTheNextIsNot() {
		this.context.attach();
		try {
			this.context.busy(true);
			WorkerRestart restart = giveUp();
			assertThat(isOverdue(restart, 1)).isTrue();
			nextCallback();
			assertThat(restart.interrupt()).isFalse();
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
			assertThat(restart.isStuck()).isFalse();
			assertThat(isOverdue(restart, 2)).isFalse();
			assertThat(isOverdue(restart, PATIENCE + 3)).isTrue();
			assertThat(restart.interrupt()).isTrue();
			assertThat(restart.isStuck()).isTrue();
			this.context.busy(false);
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		}
		finally {
			Thread.interrupted();
		}
	}

}
