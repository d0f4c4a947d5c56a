package io.swoole.server.worker;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a worker that has no thread to sleep when its next timer is due. An event loop
 * keeps the time; the timers run as an event of the worker, behind those before.
 */
final class LoopAlarm {

	private final EventLoop loop;

	private final Worker worker;

	private final WorkerTimers timers = new WorkerTimers(System::nanoTime, this::set);

	// accessed in the worker only

	private @Nullable ScheduledFuture<?> next;

	private long due;

	/** Which alarm is the last one; one before may have gone off already. */
	private long number;

	LoopAlarm(EventLoop loop, Worker worker) {
		this.loop = loop;
		this.worker = worker;
	}

	WorkerTimers timers() {
		return this.timers;
	}

	private void set() {
		long nanos = this.timers.nanosToNext();
		if (nanos == WorkerTimers.NEVER) {
			return;
		}
		long wanted = System.nanoTime() + nanos;
		if (this.next != null) {
			if (this.due - wanted <= 0) {
				return;
			}
			this.next.cancel(false);
		}
		this.due = wanted;
		long mine = ++this.number;
		try {
			this.next = this.loop.schedule(() -> this.worker.post(Event.of(() -> ring(mine))), Math.max(0, nanos),
					TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			// the server has stopped
		}
	}

	private void ring(long rung) {
		if (rung != this.number) {
			return; // an earlier one has been set since, which sets the next
		}
		this.next = null;
		this.timers.runDue(this.worker.context());
		set();
	}

}
