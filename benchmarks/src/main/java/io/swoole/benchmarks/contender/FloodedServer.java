package io.swoole.benchmarks.contender;

import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import org.jspecify.annotations.Nullable;

/**
 * This project with both kinds of work on one listener: {@code GET /task} takes the way
 * through a task that sleeps 10 ms, everything else is answered at once.
 */
public final class FloodedServer implements ServerHandler {

	/** Where the path of {@code GET /task} differs from any other. */
	private static final int PATH = 5;

	private final byte[] answer = Work.answer();

	private FloodedServer() {
	}

	/**
	 * Starts the server.
	 * @param arguments the port
	 */
	public static void main(String[] arguments) {
		SwooleServers
			.create(ServerOptions.builder()
				.port(Integer.parseInt(arguments[0]))
				.taskWorkerNum(Work.TASK_THREADS)
				.main((main) -> main.openEofSplit(true))
				.build(), new FloodedServer())
			.start();
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
		if (packet.getByte(packet.readerIndex() + PATH) == 't') {
			server.task(connection.fd());
		}
		else {
			connection.send(this.answer);
		}
	}

	@Override
	public @Nullable Object onTask(SwooleServer server, Task task) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(10);
		return task.data();
	}

	@Override
	public void onFinish(SwooleServer server, TaskResult result) {
		if (result.data() instanceof Long fd) {
			server.send(fd, this.answer);
		}
	}

}
