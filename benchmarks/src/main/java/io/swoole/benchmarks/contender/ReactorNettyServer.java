package io.swoole.benchmarks.contender;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.tcp.TcpServer;

/**
 * reactor-netty: a {@code TcpServer}, a bounded scheduler for tasks.
 */
public final class ReactorNettyServer {

	private ReactorNettyServer() {
	}

	/**
	 * Starts the server.
	 * @param arguments port and kind of work
	 */
	public static void main(String[] arguments) {
		Work work = Work.of(arguments);
		Scheduler pool = Schedulers.newBoundedElastic(Work.TASK_THREADS, Integer.MAX_VALUE, "tasks");
		ByteBuf answer = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(Work.answer()));
		TcpServer.create()
			.host(Work.HOST)
			.port(work.port())
			.doOnConnection((connection) -> connection.addHandlerLast(
					new DelimiterBasedFrameDecoder(65536, false, Unpooled.copiedBuffer(Work.TERMINATOR.getBytes()))))
			.handle((in, out) -> {
				Flux<ByteBuf> answers = work.tasks()
						? in.receive().flatMap((packet) -> Mono.fromCallable(answer::duplicate).subscribeOn(pool))
						: in.receive().map((packet) -> answer.duplicate());
				return out.send(answers);
			})
			.bindNow()
			.onDispose()
			.block();
	}

}
