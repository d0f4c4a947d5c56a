package io.swoole.task.policy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskRejectedException;
import io.swoole.task.TaskTimeoutException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RetryPolicy}.
 */
class RetryPolicyTests {

	private static final long MAX = TimeUnit.MINUTES.toNanos(1);

	@Test
	void whenAttemptsFailThenDelayDoublesUpToTheMaximum() {
		RetryPolicy longest = new RetryPolicy(List.of(Exception.class), List.of(), () -> 1);
		RetryPolicy shortest = new RetryPolicy(List.of(Exception.class), List.of(), () -> 0);
		long second = TimeUnit.SECONDS.toNanos(1);
		int[] expected = { 1, 2, 4, 8, 16, 32, 60, 60 };
		for (int attempt = 1; attempt <= expected.length; attempt++) {
			assertThat(longest.delay(attempt, second, MAX)).isEqualTo(expected[attempt - 1] * second);
			assertThat(shortest.delay(attempt, second, MAX)).isEqualTo(expected[attempt - 1] * second / 2);
		}
		assertThat(longest.delay(Integer.MAX_VALUE, second, MAX)).isEqualTo(MAX);
		assertThat(longest.delay(3, 0, MAX)).isZero();
		assertThat(longest.delay(1000, 0, MAX)).isZero();
	}

	@Test
	void whenNothingIsConfiguredThenExceptionsAreRetriedAndErrorsAreNot() {
		RetryPolicy policy = new RetryPolicy(List.of(Exception.class), List.of(), () -> 0);
		assertThat(policy.isRetryable(new IOException())).isTrue();
		assertThat(policy.isRetryable(new TaskTimeoutException("late"))).isTrue();
		assertThat(policy.isRetryable(new OutOfMemoryError())).isFalse();
		assertThat(policy.isRetryable(new TaskRejectedException("full"))).isFalse();
		assertThat(policy.isRetryable(new TaskFailedException(1, "failed", null))).isFalse();
	}

	@Test
	void whenTypesAreConfiguredThenTheyDecideWithTheirSubclasses() {
		RetryPolicy policy = new RetryPolicy(List.of(IOException.class, LinkageError.class),
				List.of(FileNotFoundException.class), () -> 0);
		assertThat(policy.isRetryable(new IOException())).isTrue();
		assertThat(policy.isRetryable(new NoClassDefFoundError())).isTrue();
		assertThat(policy.isRetryable(new FileNotFoundException())).isFalse();
		assertThat(policy.isRetryable(new IllegalStateException())).isFalse();
	}

}
