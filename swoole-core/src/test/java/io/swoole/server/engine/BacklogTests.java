package io.swoole.server.engine;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Backlog}.
 */
class BacklogTests {

	private final Backlog backlog = new Backlog(2);

	@Test
	void whenWorkerAddsItselfThenThereIsALimitNevertheless() {
		int count = 0;
		while (this.backlog.add(1, true)) {
			count++;
		}
		assertThat(count).isEqualTo(Backlog.OWN_LIMIT);
		assertThat(this.backlog.add(1, false)).isFalse();
		this.backlog.remove(1);
		assertThat(this.backlog.add(1, false)).isFalse();
		assertThat(this.backlog.add(1, true)).isTrue();
		assertThat(this.backlog.add(0, false)).isTrue();
	}

}
