package io.swoole.benchmarks.contender;

import io.vertx.core.Vertx;
import io.vertx.core.VerticleBase;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;

/**
 * Vert.x: a {@code NetServer} on every event loop, {@code executeBlocking} for tasks.
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
		Work work = Work.of(arguments);
		Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
		WorkerExecutor pool = vertx.createSharedWorkerExecutor("tasks", Work.TASK_THREADS);
		vertx.deployVerticle(() -> new VertxServer(work, pool),
				new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()));
	}

	@Override
	public Future<?> start() {
		return this.vertx.createNetServer(new NetServerOptions().setTcpNoDelay(true))
			.connectHandler(this::connected)
			.listen(this.work.port(), Work.HOST);
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
