package io.swoole.server.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.netty.channel.EventLoopGroup;
import io.swoole.server.SwooleServer;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.supervision.StackTrace;
import io.swoole.server.supervision.WorkerLife;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.ThreadWorker;
import io.swoole.server.worker.Worker;
import io.swoole.task.queue.Nanos;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stop of a server, step by step. One deadline holds for all work that was accepted;
 * the last callbacks get one second more. Nothing here waits longer than that, whatever
 * callbacks do.
 */
final class OrderlyStop {

	private static final Logger logger = LoggerFactory.getLogger(SwooleServer.class);

	/** How much longer the last callbacks of connections and workers may take. */
	private static final long LAST_CALLBACKS = TimeUnit.MILLISECONDS.toNanos(700);

	/** When everything must have ended, in time after the deadline. */
	private static final long END = TimeUnit.SECONDS.toNanos(1);

	/** How long an interrupted callback may take to come back. */
	private static final long INTERRUPT = TimeUnit.MILLISECONDS.toNanos(50);

	private final ServerRun run;

	private final Duration patience;

	private final long begin = System.nanoTime();

	/** Workers that a callback holds beyond the deadline: nobody waits for them. */
	private final Set<WorkerLife> held = new HashSet<>();

	private long deadline;

	OrderlyStop(ServerRun run, Duration patience) {
		this.run = run;
		this.patience = patience;
		this.deadline = this.begin + Nanos.of(patience);
	}

	/** Stops a server that serves. */
	void run() {
		this.run.supervisor().refuse();
		this.run.lifecycle().beforeShutdown(this.deadline);
		this.run.listeners().stopAccepting();
		this.run.registry().refuse();
		this.run.processes().interrupt();
		stopReading();
		this.run.tasks().refuse(this.deadline);
		exit();
		drain();
		this.run.tasks().abandon(this.patience);
		flush();
		this.deadline = Math.max(this.deadline, System.nanoTime());
		end();
		this.run.lifecycle().shutdown(this.deadline + END);
		logger.info("Stopped in {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - this.begin));
	}

	/** Takes back what a failed start has done. */
	void abort() {
		this.deadline = this.begin;
		this.run.supervisor().refuse();
		this.run.listeners().stopAccepting();
		this.run.processes().interrupt();
		this.run.tasks().refuse(this.deadline);
		this.run.tasks().abandon(Duration.ZERO);
		end();
	}

	private void stopReading() {
		for (NettyConnection connection : this.run.registry().all()) {
			connection.reactor().post(Event.of(() -> connection.gate().hold(ReadGate.STOPPING)));
		}
	}

	/** Tells the workers, each between two callbacks. */
	private void exit() {
		for (WorkerLife life : this.run.lives()) {
			life.exiting(true);
			life.worker().postFirst(Event.of(() -> life.exit(life.worker().context())));
		}
	}

	/**
	 * Lets running and queued callbacks and tasks and waiting timers finish, and delivers
	 * the results.
	 */
	private void drain() {
		awaitWorkers(this.deadline);
		// packets that have waited are handled one after the other, each posting the next
		await(() -> !this.run.tasks().isPausing(), this.deadline);
		await(this.run.tasks()::isSettled, this.deadline);
		await(() -> this.run.lives().stream().noneMatch(WorkerLife::isHeld), this.deadline);
		// what results and timers have brought about
		awaitWorkers(this.deadline);
		await(this.run.tasks()::isSettled, this.deadline);
	}

	/** Waits until all event workers have run what was posted to them before. */
	private void awaitWorkers(long until) {
		inEach(this.run.eventLives(), (life) -> {
		}, until);
		awaitQuiet(until);
	}

	/** Waits until no virtual thread runs callbacks. */
	private void awaitQuiet(long until) {
		await(this::isQuiet, until);
		if (!isQuiet()) {
			interrupt(this.run.eventLives());
			await(this::isQuiet, System.nanoTime() + INTERRUPT);
		}
	}

	private boolean isQuiet() {
		return this.run.workers().stream().allMatch((worker) -> worker.coroutines() == 0);
	}

	private void flush() {
		for (NettyConnection connection : this.run.registry().all()) {
			await(connection::isFlushed, this.deadline);
		}
		await(this.run.listeners()::isFlushed, this.deadline);
	}

	/**
	 * Closes connections, then workers, each with its last callback, then the threads.
	 */
	private void end() {
		long last = this.deadline + LAST_CALLBACKS;
		boolean late = System.nanoTime() >= this.deadline;
		long packets = 0;
		for (NettyConnection connection : this.run.registry().all()) {
			packets += connection.input().packets();
			connection.close(late && !connection.isFlushed());
		}
		if (packets > 0) {
			logger.warn("{} packets that waited for a worker were not handled within max-wait-time of {} ms", packets,
					this.patience.toMillis());
		}
		awaitWorkers(last);
		this.run.messages().close();
		inEach(this.run.eventLives(), (life) -> life.stop(life.worker().context()), last);
		inEach(this.run.taskLives(), (life) -> life.stop(life.worker().context()), last);
		await(() -> this.run.registry().size() == 0, last);
		this.run.listeners().close();
		try {
			this.run.processes().join(last);
			this.run.supervisor().stop(last);
			stopThreads(last);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void stopThreads(long last) throws InterruptedException {
		this.run.stalls().stop();
		for (Worker worker : this.run.workers()) {
			if (worker instanceof ThreadWorker thread) {
				thread.stop();
			}
		}
		for (Worker worker : this.run.workers()) {
			if (worker instanceof ThreadWorker thread && !thread.join(last - System.nanoTime())) {
				logger.warn("Event worker {} does not stop; it is left to itself", worker.id(), stackOf(worker));
			}
		}
		this.run.tasks().stop(last);
		// a socket that is closed while its client sends loses what is still on its way
		await(() -> this.run.registry().lingering() == 0, Math.min(last, System.nanoTime() + LAST_CALLBACKS));
		this.run.loops().shutdownGracefully(0, 1, TimeUnit.SECONDS);
		this.run.acceptor().shutdownGracefully(0, 1, TimeUnit.SECONDS);
		awaitEnd(this.run.loops(), last);
		awaitEnd(this.run.acceptor(), last);
		this.run.lives().forEach((life) -> life.worker().discardAll());
	}

	private static @Nullable Throwable stackOf(Worker worker) {
		Thread thread = worker.context().thread();
		return (thread != null) ? StackTrace.of(thread) : null;
	}

	private static void awaitEnd(EventLoopGroup group, long last) {
		long patience = Math.max(last - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(100));
		if (!group.terminationFuture().awaitUninterruptibly(patience, TimeUnit.NANOSECONDS)) {
			logger.warn("An event loop does not stop: a callback holds it");
		}
	}

	/**
	 * Has something run in each worker after what was posted before. A worker that does
	 * not come to it in time is interrupted, and not waited for again.
	 */
	private void inEach(List<WorkerLife> lives, Consumer<WorkerLife> action, long until) {
		Map<WorkerLife, CountDownLatch> waiting = new LinkedHashMap<>();
		for (WorkerLife life : lives) {
			CountDownLatch done = new CountDownLatch(1);
			life.worker().post(Event.of(() -> {
				try {
					action.accept(life);
				}
				finally {
					done.countDown();
				}
			}));
			if (!this.held.contains(life)) {
				waiting.put(life, done);
			}
		}
		try {
			if (!await(waiting, until)) {
				interrupt(waiting.keySet());
				await(waiting, System.nanoTime() + INTERRUPT);
				this.held.addAll(waiting.keySet());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** Waits for workers, and takes out those that have come to it. */
	private static boolean await(Map<WorkerLife, CountDownLatch> waiting, long until) throws InterruptedException {
		for (CountDownLatch done : waiting.values()) {
			done.await(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
		}
		waiting.values().removeIf((done) -> done.getCount() == 0);
		return waiting.isEmpty();
	}

	private static void interrupt(Collection<WorkerLife> lives) {
		for (WorkerLife life : lives) {
			if (life.worker().interrupt()) {
				logger.warn("A callback of worker {} outlasts the stop; it is interrupted", life.worker().id());
			}
		}
	}

	private static void await(BooleanSupplier condition, long until) {
		while (!condition.getAsBoolean() && System.nanoTime() < until) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
		}
	}

}
