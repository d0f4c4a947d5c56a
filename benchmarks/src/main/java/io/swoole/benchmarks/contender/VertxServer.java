package io.swoole.benchmarks.contender;

import io.vertx.core.Vertx;
import io.vertx.core.VerticleBase;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;

/**
 * Vert.x as it comes: a {@code NetServer} with default options in one instance, and
 * {@code executeBlocking} for tasks.
 */
public final class VertxServer extends VerticleBase {

	private final Work work;

	private final WorkerExecutor pool;

	private final Buffer answer = Buffer.buffer(Work.answer());

	private VertxServer(Work work, WorkerExecutor pool) {
		this.work = work;
		this.pool = pool;
	}

	/**
	 * Starts the server.
	 * @param arguments port and kind of work
	 */
	public static void main(String[] arguments) {
		start(Work.of(arguments), new VertxOptions(), 1);
	}

	static void start(Work work, VertxOptions options, int instances) {
		Vertx vertx = Vertx.vertx(options);
		WorkerExecutor pool = vertx.createSharedWorkerExecutor("tasks", Work.TASK_THREADS);
		vertx.deployVerticle(() -> new VertxServer(work, pool), new DeploymentOptions().setInstances(instances));
	}

	@Override
	public Future<?> start() {
		return this.vertx.createNetServer().connectHandler(this::connected).listen(this.work.port(), Work.HOST);
	}

	private void connected(NetSocket socket) {
		socket.handler(RecordParser.newDelimited(Work.TERMINATOR, (packet) -> {
			if (this.work.tasks()) {
				this.pool.executeBlocking(() -> this.answer, false).onSuccess(socket::write);
			}
			else {
				socket.write(this.answer);
			}
		}));
	}

}
