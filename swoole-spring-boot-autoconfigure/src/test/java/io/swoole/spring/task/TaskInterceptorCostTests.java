package io.swoole.spring.task;

import java.lang.management.ManagementFactory;

import com.sun.management.ThreadMXBean;
import io.micrometer.context.ContextRegistry;
import io.swoole.server.TaskInterceptor;
import io.swoole.server.TaskInterceptor.Callback;
import io.swoole.server.TaskInterceptor.Deferred;
import io.swoole.server.TaskInterceptor.Submission;
import io.swoole.task.TaskOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what the interceptors of every Spring application cost tasks that have nothing
 * to carry.
 */
class TaskInterceptorCostTests {

	private static final int ROUNDS = 10_000;

	private static final Callback[] CALLBACKS = { Callback.TASK, Callback.FINISH };

	private final ThreadLocal<@Nullable String> tenant = new ThreadLocal<>();

	private final TaskInterceptor[] interceptors = { new MdcTaskInterceptor(),
			new ContextSnapshotTaskInterceptor(
					new ContextRegistry().registerThreadLocalAccessor("tenant", this.tenant)),
			new AfterCommitTaskInterceptor(false) };

	private final Submission task = new PlainTask();

	@BeforeEach
	@AfterEach
	void clear() {
		MDC.clear();
	}

	@Test
	void whenThereIsNothingToCarryThenNothingIsAllocated() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assertThat(needed(ROUNDS)).isZero();
		long before = threads.getCurrentThreadAllocatedBytes();
		assertThat(needed(ROUNDS)).isZero();
		// not a byte per round, whatever measuring and asserting takes
		assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(ROUNDS);
	}

	/** How many times an interceptor wants to be called around a callback. */
	private int needed(int rounds) {
		int needed = 0;
		for (int i = 0; i < rounds; i++) {
			for (TaskInterceptor interceptor : this.interceptors) {
				Object submitted = interceptor.onSubmit(this.task);
				for (Callback callback : CALLBACKS) {
					if (interceptor.isNeededAround(callback, submitted)) {
						needed++;
					}
					interceptor.cleanUp(callback);
				}
			}
		}
		return needed;
	}

	@Test
	void whenThereIsSomethingToCarryThenInterceptorsAreNeeded() {
		MDC.put("client", "x");
		this.tenant.set("x");
		try {
			assertThat(this.interceptors[0].onSubmit(this.task)).isNotNull();
			assertThat(this.interceptors[1].onSubmit(this.task)).isNotNull();
			assertThat(needed(1)).isEqualTo(4);
		}
		finally {
			this.tenant.remove();
		}
	}

	/**
	 * A task without options.
	 */
	private static final class PlainTask implements Submission {

		@Override
		public long taskId() {
			return 0;
		}

		@Override
		public Object data() {
			return "plain";
		}

		@Override
		public TaskOptions options() {
			return TaskOptions.none();
		}

		@Override
		public boolean isAwaited() {
			return false;
		}

		@Override
		public Deferred defer() {
			throw new IllegalStateException("nobody should");
		}

	}

}
