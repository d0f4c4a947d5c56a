package io.swoole.benchmarks.contender;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;

/**
 * What somebody who knows Netty writes by hand: stock frame decoder, one flush per read.
 */
public final class NettyServer {

	private NettyServer() {
	}

	/**
	 * Starts the server.
	 * @param arguments port and kind of work
	 */
	public static void main(String[] arguments) {
		Work work = Work.of(arguments);
		ExecutorService pool = Executors.newFixedThreadPool(Work.TASK_THREADS);
		new ServerBootstrap()
			.group(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()),
					new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(),
							EpollIoHandler.newFactory()))
			.channel(EpollServerSocketChannel.class)
			.option(ChannelOption.SO_BACKLOG, 1024)
			.childOption(ChannelOption.TCP_NODELAY, true)
			.childHandler(new ChannelInitializer<>() {
				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline()
						.addLast(
								new DelimiterBasedFrameDecoder(65536, false,
										Unpooled.copiedBuffer(Work.TERMINATOR.getBytes())),
								work.tasks() ? new TaskHandler(pool) : new EchoHandler());
				}
			})
			.bind(Work.HOST, work.port())
			.syncUninterruptibly();
	}

	/**
	 * Answers at once.
	 */
	private static final class EchoHandler extends SimpleChannelInboundHandler<ByteBuf> {

		private final ByteBuf answer = Unpooled
			.unreleasableBuffer(Unpooled.directBuffer().writeBytes(Work.answer()).asReadOnly());

		@Override
		protected void channelRead0(ChannelHandlerContext ctx, ByteBuf packet) {
			ctx.write(this.answer.duplicate(), ctx.voidPromise());
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext ctx) {
			ctx.flush();
		}

	}

	/**
	 * Answers after a task.
	 */
	private static final class TaskHandler extends SimpleChannelInboundHandler<ByteBuf> {

		private final ByteBuf answer = Unpooled
			.unreleasableBuffer(Unpooled.directBuffer().writeBytes(Work.answer()).asReadOnly());

		private final ExecutorService pool;

		TaskHandler(ExecutorService pool) {
			this.pool = pool;
		}

		@Override
		protected void channelRead0(ChannelHandlerContext ctx, ByteBuf packet) {
			this.pool.execute(() -> {
				ByteBuf result = this.answer.duplicate();
				ctx.executor().execute(() -> ctx.writeAndFlush(result, ctx.voidPromise()));
			});
		}

	}

}
