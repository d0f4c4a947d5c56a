package io.swoole.task.result;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WaitReply}.
 */
class WaitReplyTests {

	private static final int ROUNDS = 50_000;

	/** Whoever gets the result still learns that it was interrupted. */
	@Test
	void whenInterruptAndResultComeTogetherThenNoneIsLost() throws Exception {
		AtomicReference<@Nullable WaitReply> waiting = new AtomicReference<>();
		AtomicBoolean over = new AtomicBoolean();
		Thread other = new Thread(() -> {
			for (int round = 0; !over.get(); round++) {
				WaitReply reply = waiting.getAndSet(null);
				for (int spins = round % 100; spins > 0; spins--) {
					Thread.onSpinWait();
				}
				if (reply != null) {
					reply.result("result");
				}
			}
		});
		other.start();
		int lost = 0;
		try {
			for (int round = 0; round < ROUNDS; round++) {
				WaitReply reply = new WaitReply();
				Thread.currentThread().interrupt();
				waiting.set(reply);
				try {
					assertThat(reply.await(0)).isEqualTo("result");
					lost += Thread.interrupted() ? 0 : 1;
				}
				catch (InterruptedException ex) {
					assertThat(reply.isGivenUp()).isTrue();
				}
			}
		}
		finally {
			over.set(true);
			other.join();
		}
		assertThat(lost).isZero();
	}

}
