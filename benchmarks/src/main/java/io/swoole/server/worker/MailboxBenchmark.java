package io.swoole.server.worker;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Control;

/**
 * What handing an event from thread to thread costs, from one producer and from four. The
 * consumer bounds how far producers may run ahead; what counts is an event that was
 * handed over, not a look at a full or an empty mailbox.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Group)
public class MailboxBenchmark {

	private static final int AHEAD = 10_000;

	private final Mailbox mailbox = new Mailbox();

	private final AtomicInteger waiting = new AtomicInteger();

	/**
	 * The only producer.
	 * @param control tells when the measurement ends
	 */
	@Benchmark
	@Group("oneToOne")
	@GroupThreads(1)
	public void produce(Control control) {
		offer(control);
	}

	/**
	 * Its consumer.
	 * @param control tells when the measurement ends
	 * @return the event
	 */
	@Benchmark
	@Group("oneToOne")
	@GroupThreads(1)
	public @Nullable Event consume(Control control) {
		return poll(control);
	}

	/**
	 * One of four producers.
	 * @param control tells when the measurement ends
	 */
	@Benchmark
	@Group("fourToOne")
	@GroupThreads(4)
	public void produceTogether(Control control) {
		offer(control);
	}

	/**
	 * Their consumer.
	 * @param control tells when the measurement ends
	 * @return the event
	 */
	@Benchmark
	@Group("fourToOne")
	@GroupThreads(1)
	public @Nullable Event consumeAll(Control control) {
		return poll(control);
	}

	private void offer(Control control) {
		while (this.waiting.get() >= AHEAD) {
			if (control.stopMeasurement) {
				return;
			}
			Thread.yield();
		}
		this.waiting.incrementAndGet();
		this.mailbox.offer(Event.of(() -> {
		}));
	}

	private @Nullable Event poll(Control control) {
		Event event = this.mailbox.poll();
		while (event == null && !control.stopMeasurement) {
			Thread.yield();
			event = this.mailbox.poll();
		}
		if (event != null) {
			this.waiting.decrementAndGet();
		}
		return event;
	}

}
