package io.swoole.benchmarks.contender;

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
 * This project without Spring, default settings.
 */
public final class SwooleCoreServer implements ServerHandler {

	private final byte[] answer = Work.answer();

	private final boolean tasks;

	private SwooleCoreServer(boolean tasks) {
		this.tasks = tasks;
	}

	/**
	 * Starts the server.
	 * @param arguments port and kind of work
	 */
	public static void main(String[] arguments) {
		Work work = Work.of(arguments);
		ServerOptions options = ServerOptions.builder()
			.port(work.port())
			.taskWorkerNum(work.tasks() ? Work.TASK_THREADS : 0)
			.main((main) -> main.openEofSplit(true))
			.build();
		SwooleServers.create(options, new SwooleCoreServer(work.tasks())).start();
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
		if (this.tasks) {
			server.task(new Job(connection.fd(), this.answer));
		}
		else {
			connection.send(this.answer);
		}
	}

	@Override
	public @Nullable Object onTask(SwooleServer server, Task task) {
		return task.data();
	}

	@Override
	public void onFinish(SwooleServer server, TaskResult result) {
		Job job = (Job) result.data();
		if (job != null) {
			server.send(job.fd(), job.answer());
		}
	}

	private record Job(long fd, byte[] answer) {

	}

}
