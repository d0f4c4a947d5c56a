package io.swoole.server.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.netty.channel.EventLoopGroup;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.ThreadWorker;
import io.swoole.server.worker.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stop of a server, step by step. One deadline holds for all work that was accepted;
 * the last callbacks get one second more. Nothing here waits longer than that.
 */
final class OrderlyStop {

	private static final Logger logger = LoggerFactory.getLogger(OrderlyStop.class);

	/** How long the last callbacks of connections and workers may take together. */
	private static final long LAST_CALLBACKS = TimeUnit.SECONDS.toNanos(1);

	private final ServerRun run;

	private final Duration patience;

	private final long deadline;

	OrderlyStop(ServerRun run, Duration patience) {
		this.run = run;
		this.patience = patience;
		this.deadline = System.nanoTime() + patience.toNanos();
	}

	/** Stops a server that serves. */
	void run() {
		long begin = System.nanoTime();
		this.run.callbacks().beforeShutdown();
		this.run.listeners().stopAccepting();
		stopReading();
		this.run.tasks().refuse();
		drain();
		this.run.tasks().abandon(this.patience);
		flush();
		end();
		this.run.callbacks().shutdown();
		logger.info("Stopped in {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
	}

	/** Takes back what a failed start has done. */
	void abort() {
		this.run.listeners().stopAccepting();
		this.run.tasks().refuse();
		end();
	}

	private void stopReading() {
		for (NettyConnection connection : this.run.registry().all()) {
			connection.reactor().post(Event.of(() -> connection.gate().hold(ReadGate.STOPPING)));
		}
	}

	/** Lets running and queued callbacks and tasks finish, and delivers the results. */
	private void drain() {
		awaitWorkers(this.deadline);
		await(this.run.tasks()::isSettled, this.deadline);
		awaitWorkers(this.deadline);
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
		long last = Math.max(this.deadline, System.nanoTime()) + LAST_CALLBACKS;
		this.run.registry().all().forEach(NettyConnection::close);
		await(() -> this.run.registry().size() == 0 && isQuiet(), last - LAST_CALLBACKS / 2);
		inEachWorker((worker) -> this.run.callbacks().workerStop(worker.context()), last);
		this.run.listeners().close();
		try {
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
				logger.warn("Event worker {} does not stop; it is interrupted and left to itself", worker.id());
				worker.interrupt();
			}
		}
		this.run.tasks().stop(last);
		stop(this.run.loops(), last);
		stop(this.run.acceptor(), last);
	}

	private static void stop(EventLoopGroup group, long last) {
		group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
		long patience = Math.max(last - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(200));
		if (!group.terminationFuture().awaitUninterruptibly(patience, TimeUnit.NANOSECONDS)) {
			logger.warn("An event loop does not stop: a handler holds it");
		}
	}

	/** Waits until all workers have run what was posted to them before. */
	private void awaitWorkers(long until) {
		inEachWorker((worker) -> {
		}, until);
		await(this::isQuiet, until);
		if (!isQuiet()) {
			interruptBusyWorkers();
			await(this::isQuiet, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100));
		}
	}

	/** Whether no virtual thread runs callbacks. */
	private boolean isQuiet() {
		return this.run.workers().stream().allMatch((worker) -> worker.coroutines() == 0);
	}

	private void inEachWorker(Consumer<Worker> action, long until) {
		List<Worker> workers = this.run.workers();
		CountDownLatch done = new CountDownLatch(workers.size());
		for (Worker worker : workers) {
			worker.post(Event.of(() -> {
				try {
					action.accept(worker);
				}
				finally {
					done.countDown();
				}
			}));
		}
		try {
			if (!done.await(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
				interruptBusyWorkers();
				done.await(100, TimeUnit.MILLISECONDS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void interruptBusyWorkers() {
		for (Worker worker : this.run.workers()) {
			if (worker.isBusy()) {
				logger.warn("Event worker {} is busy in a callback that outlasts the stop; it is interrupted",
						worker.id());
				worker.interrupt();
			}
		}
	}

	private static void await(BooleanSupplier condition, long until) {
		while (!condition.getAsBoolean() && System.nanoTime() < until) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
		}
	}

}
