package io.swoole.server.engine;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Goes on, later, where a callback has run, as long as there is that worker.
 */
final class WorkerExecutor implements Executor {

	private final BooleanSupplier running;

	private final Consumer<Runnable> mailbox;

	/**
	 * Creates an executor.
	 * @param running whether the server still has its workers
	 * @param mailbox takes code to the worker, from any thread
	 */
	WorkerExecutor(BooleanSupplier running, Consumer<Runnable> mailbox) {
		this.running = running;
		this.mailbox = mailbox;
	}

	@Override
	public void execute(Runnable code) {
		Objects.requireNonNull(code, "code must not be null");
		if (!this.running.getAsBoolean()) {
			throw new RejectedExecutionException("The server has stopped");
		}
		this.mailbox.accept(code);
	}

}
