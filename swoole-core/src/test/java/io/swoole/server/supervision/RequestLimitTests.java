package io.swoole.server.supervision;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RequestLimit}: WORK-09, TASK-29.
 */
class RequestLimitTests {

	/** A restart may have been refused because another one was just about to end. */
	@Test
	void whenLimitIsReachedThenItStaysSoUntilTheWorkerBeginsAnew() {
		RequestLimit limit = new RequestLimit(2, 0);
		assertThat(limit.isReached()).isFalse();
		assertThat(limit.isReached()).isTrue();
		assertThat(limit.isReached()).isTrue();
		limit.reset();
		assertThat(limit.isReached()).isFalse();
		assertThat(limit.isReached()).isTrue();
	}

}
