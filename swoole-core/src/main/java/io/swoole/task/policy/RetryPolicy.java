package io.swoole.task.policy;

import java.util.List;
import java.util.function.DoubleSupplier;

import io.swoole.server.Internal;
import io.swoole.task.TaskFailedException;
import io.swoole.task.TaskRejectedException;

/**
 * Which failures are worth another attempt, and when.
 */
@Internal
public final class RetryPolicy {

	private final List<Class<? extends Throwable>> retryOn;

	private final List<Class<? extends Throwable>> noRetryOn;

	private final DoubleSupplier random;

	/**
	 * Creates a policy.
	 * @param retryOn what is tried again
	 * @param noRetryOn what is not, even if it is in the first list
	 * @param random numbers from 0 to 1
	 */
	public RetryPolicy(List<Class<? extends Throwable>> retryOn, List<Class<? extends Throwable>> noRetryOn,
			DoubleSupplier random) {
		this.retryOn = retryOn;
		this.noRetryOn = noRetryOn;
		this.random = random;
	}

	/**
	 * Whether a task that has failed so may be tried again.
	 * @param failure what it has thrown
	 * @return {@code true} if so
	 */
	public boolean isRetryable(Throwable failure) {
		if (failure instanceof TaskRejectedException || failure instanceof TaskFailedException) {
			return false;
		}
		return isAny(failure, this.retryOn) && !isAny(failure, this.noRetryOn);
	}

	private static boolean isAny(Throwable failure, List<Class<? extends Throwable>> types) {
		for (Class<? extends Throwable> type : types) {
			if (type.isInstance(failure)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * How long a failed task waits: twice as long after each attempt up to the maximum,
	 * of that between half and all, so that tasks that failed together do not come back
	 * together.
	 * @param attempt the attempt that has failed, from 1
	 * @param backoff the time after the first attempt
	 * @param maxBackoff the longest time
	 * @return the time, in the unit of the others
	 */
	public long delay(int attempt, long backoff, long maxBackoff) {
		int doublings = Math.min(attempt - 1, 62);
		long longest = (backoff > maxBackoff >> doublings) ? maxBackoff : backoff << doublings;
		return longest / 2 + (long) (longest / 2 * this.random.getAsDouble());
	}

}
