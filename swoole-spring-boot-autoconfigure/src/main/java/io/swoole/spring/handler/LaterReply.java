package io.swoole.spring.handler;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reply that is not there yet. Later packets are handled meanwhile; each reply is sent
 * when it is there.
 *
 * @param stage completes with the reply
 * @param conversion makes bytes or text of it
 */
record LaterReply(CompletionStage<?> stage, ReplyConversion conversion) {

	private static final Logger logger = LoggerFactory.getLogger(LaterReply.class);

	/**
	 * Sends the reply: at once if it is there, otherwise in the worker of the packet.
	 * @param worker that worker, asked for only if the reply is not there
	 * @param now sends it inside the callback
	 * @param later sends it after the callback
	 * @throws Throwable what the stage has failed with, if it has already
	 */
	void send(WorkerSupplier worker, Sender now, Sender later) throws Throwable {
		CompletableFuture<?> future = this.stage.toCompletableFuture();
		if (future.isDone()) {
			Object value = LaterValues.get(future);
			if (value != null) {
				now.send(this.conversion.convertNow(value));
			}
			return;
		}
		Executor executor = worker.get();
		this.stage.whenComplete((value, failure) -> complete(executor, later, value, failure));
	}

	private void complete(Executor executor, Sender sender, @Nullable Object value, @Nullable Throwable failure) {
		if (value == null && failure == null) {
			return;
		}
		if (value instanceof ByteBuf buffer && failure == null) {
			// sent from here: what an executor drops nobody would release
			try {
				sender.send(buffer);
			}
			catch (Throwable ex) {
				execute(executor, () -> LaterValues.fail(ex));
			}
			return;
		}
		execute(executor, () -> {
			if (failure != null) {
				LaterValues.fail(failure);
			}
			else if (value != null) {
				try {
					sender.send(this.conversion.convertNow(value));
				}
				catch (Throwable ex) {
					LaterValues.fail(ex);
				}
			}
		});
	}

	/** Lets go of a reply that is not to be sent, as soon as it is there. */
	void drop() {
		this.stage.whenComplete((value, failure) -> ReferenceCountUtil.release(value));
	}

	private static void runHere(Runnable code) {
		try {
			code.run();
		}
		catch (Throwable ex) {
			logger.error("A reply that no worker could take has failed", ex);
		}
	}

	private static void execute(Executor executor, Runnable code) {
		try {
			executor.execute(code);
		}
		catch (RejectedExecutionException ex) {
			// too much waits for the worker, or there is none any more
			runHere(code);
		}
	}

	/**
	 * Sends what is bytes or text.
	 */
	@FunctionalInterface
	interface Sender {

		void send(Object reply) throws Throwable;

	}

	/**
	 * Finds the worker of the current callback.
	 */
	@FunctionalInterface
	interface WorkerSupplier {

		Executor get();

	}

}
