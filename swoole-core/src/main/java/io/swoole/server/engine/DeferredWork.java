package io.swoole.server.engine;

import java.util.concurrent.RejectedExecutionException;

import io.swoole.server.callback.WorkerCallbacks;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Supervised;
import io.swoole.server.worker.Worker;
import io.swoole.task.execution.TaskPipeline;
import org.jspecify.annotations.Nullable;

/**
 * Code the application leaves with workers, which run it after what already waits there.
 * From any thread.
 */
final class DeferredWork {

	private final TaskPipeline tasks;

	private final WorkerCallbacks callbacks;

	private final Backlog backlog;

	DeferredWork(TaskPipeline tasks, WorkerCallbacks callbacks, int workers) {
		this.tasks = tasks;
		this.callbacks = callbacks;
		this.backlog = new Backlog(workers);
	}

	/**
	 * Leaves code with an event worker.
	 * @param event what failures are reported as
	 * @param lane the lane of the callback that leaves it
	 * @param worker the worker that callback belongs to
	 * @param connection the connection it is about, if any
	 * @param code the code
	 */
	void leave(String event, Lane lane, Worker worker, @Nullable NettyConnection connection, Runnable code) {
		add(worker.id(), lane.inLane());
		lane.post(Event.of(() -> {
			this.backlog.remove(worker.id());
			this.callbacks.run(event, lane.context().in(worker), connection, code);
		}));
	}

	/**
	 * Leaves code with a worker; a task worker runs it between two tasks.
	 * @param event what failures are reported as
	 * @param worker the worker
	 * @param code the code
	 */
	void leave(String event, Supervised worker, Runnable code) {
		add(worker.id(), worker.inLane());
		this.tasks.postInOrder(worker, () -> {
			this.backlog.remove(worker.id());
			this.callbacks.run(event, worker.context(), code);
		});
	}

	/**
	 * Has the engine's own code run in a worker at the request of another thread.
	 * @param worker the worker
	 * @param code the code
	 */
	void post(Supervised worker, Runnable code) {
		add(worker.id(), false);
		worker.post(Event.of(() -> {
			this.backlog.remove(worker.id());
			code.run();
		}));
	}

	private void add(int workerId, boolean own) {
		if (!this.backlog.add(workerId, own)) {
			throw new RejectedExecutionException("Worker " + workerId + " does not come to its work: "
					+ (own ? Backlog.OWN_LIMIT : Backlog.LIMIT) + " pieces wait for it already");
		}
	}

}
