package io.swoole.task.result;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.swoole.task.queue.TaskEnvelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts results that are delivered to nobody, and warns at most once per second.
 */
final class DroppedResults {

	private static final Logger logger = LoggerFactory.getLogger(ResultRouter.class);

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final AtomicLong count = new AtomicLong();

	private final AtomicLong nextWarning = new AtomicLong(System.nanoTime());

	long count() {
		return this.count.get();
	}

	void add(TaskEnvelope task, String reason) {
		long all = this.count.incrementAndGet();
		long due = this.nextWarning.get();
		long now = System.nanoTime();
		if (now - due >= 0 && this.nextWarning.compareAndSet(due, now + SECOND)) {
			logger.warn("Dropped a result of task {} [type {}]: {}. {} results have been dropped so far", task.id(),
					task.terms().type(), reason, all);
		}
	}

}
