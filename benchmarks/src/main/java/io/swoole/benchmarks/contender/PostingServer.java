package io.swoole.benchmarks.contender;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.Connection;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;
import io.swoole.server.ServerStats;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import org.jspecify.annotations.Nullable;

/**
 * This project with two listeners. Each packet of the first, 16 bytes, becomes a task
 * that sleeps 1 ms and is answered with 4 of them. The second sends back what it gets, or
 * tells how the server is when asked with a question mark.
 */
public final class PostingServer implements ServerHandler {

	private static final int PACKET = 16;

	private PostingServer() {
	}

	/**
	 * Starts the server.
	 * @param arguments port, port of the second listener, task-queue-capacity,
	 * task-worker-num, mode
	 */
	public static void main(String[] arguments) {
		SwooleServers
			.create(ServerOptions.builder()
				.port(Integer.parseInt(arguments[0]))
				.taskQueueCapacity(Integer.parseInt(arguments[2]))
				.taskWorkerNum(Integer.parseInt(arguments[3]))
				.mode(ServerMode.valueOf(arguments[4]))
				.main((main) -> main.packageLengthFunc((data) -> (data.readableBytes() < PACKET) ? 0 : PACKET)
					.openLengthCheck(true))
				.listener(ListenerOptions.builder("echo").port(Integer.parseInt(arguments[1])).build())
				.build(), new PostingServer())
			.start();
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
		if (connection.clientInfo().listener().equals("main")) {
			server.task(new Job(connection.fd(), packet.getInt(packet.readerIndex())));
		}
		else if (packet.getByte(packet.readerIndex()) == '?') {
			connection.send(describe(server.stats()));
		}
		else {
			connection.send(packet.retain());
		}
	}

	private static byte[] describe(ServerStats stats) {
		long heap = 0;
		for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
			heap += (pool.getType() == MemoryType.HEAP) ? pool.getPeakUsage().getUsed() : 0;
		}
		return ("tasks=%d open=%d rejected=%d pauses=%d paused=%d errors=%d heapPeakMegabytes=%d\n".formatted(
				stats.taskCount(), stats.openTaskNum(), stats.taskRejectCount(), stats.taskPauseCount(),
				stats.pausedConnectionNum(), stats.handlerErrorCount(), heap >> 20))
			.getBytes(StandardCharsets.US_ASCII);
	}

	@Override
	public @Nullable Object onTask(SwooleServer server, Task task) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(1);
		return task.data();
	}

	@Override
	public void onFinish(SwooleServer server, TaskResult result) {
		if (result.data() instanceof Job job) {
			server.send(job.fd(), Unpooled.buffer(4).writeInt(job.number()));
		}
	}

	private record Job(long fd, int number) {

	}

}
