package io.swoole.server.worker;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Courtesy}.
 */
class CourtesyTests {

	private long now;

	private long others;

	private final Courtesy courtesy = new Courtesy(() -> this.now, () -> this.now += this.others);

	@Test
	void whenOthersAreQuickThenTheyAreLetRunEachTime() {
		this.others = Duration.ofMillis(1).toNanos();
		for (int i = 0; i < 1000; i++) {
			assertThat(this.courtesy.letOthersRun()).isTrue();
		}
	}

	@Test
	void whenSomebodyComputesThenItIsGivenTheProcessorLessAndLess() {
		this.others = Duration.ofMillis(4).toNanos();
		long lost = 0;
		while (this.now < Duration.ofSeconds(10).toNanos()) {
			lost += this.courtesy.letOthersRun() ? this.others : 0;
			this.now += 1000;
		}
		assertThat(lost).isBetween(1L, Duration.ofMillis(500).toNanos());
	}

	@Test
	void whenOthersAreQuickAgainThenTrustComesBack() {
		this.others = Duration.ofMillis(4).toNanos();
		for (int i = 0; i < 1_000_000; i++) {
			this.courtesy.letOthersRun();
			this.now += 1000;
		}
		this.others = 1000;
		this.now += Duration.ofMillis(100).toNanos();
		for (int i = 0; i < 16; i++) {
			assertThat(this.courtesy.letOthersRun()).isTrue();
		}
		this.others = Duration.ofMillis(4).toNanos();
		assertThat(this.courtesy.letOthersRun()).isTrue();
		assertThat(this.courtesy.letOthersRun()).isFalse();
		this.now += Duration.ofMillis(1).toNanos();
		assertThat(this.courtesy.letOthersRun()).isTrue();
	}

}
