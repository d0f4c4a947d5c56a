package io.swoole.server.connection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PipelineNames;
import io.swoole.server.worker.Reactor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OutputBuffer}: SEND-13.
 */
class OutputBufferTests {

	private static final int PIECE = SendableFile.PIECE;

	/**
	 * What TLS makes of a piece are several records: the next piece is read before the
	 * last record of the one before is written.
	 */
	@Test
	void whenPieceOfFileIsReadAheadThenItStillCountsAsPending(@TempDir Path directory) throws Exception {
		SendableFile file = SendableFile.open(Files.write(directory.resolve("file"), new byte[3 * PIECE - 10]), 0, 0);
		SlowChannel channel = new SlowChannel();
		PendingOutput pending = new BufferEvents().pending(ListenerOptions.builder("main").build());
		OutputBuffer output = new OutputBuffer(channel, new Reactor(0, channel.eventLoop()), pending,
				new ServerCounters(this, 1));
		output.open();
		assertThat(pending.tryAddFile(file.length())).isTrue();
		output.write(file);
		output.flush();
		List<Boolean> written = new ArrayList<>();
		output.whenWritten(written::add);
		for (long left = file.length(); left > 0; left = Math.max(0, left - PIECE)) {
			assertThat(pending.total()).isEqualTo(left);
			assertThat(written).isEmpty();
			channel.take(3);
			assertThat(pending.total()).isEqualTo(left);
			assertThat(written).isEmpty();
			channel.take(1);
		}
		assertThat(pending.total()).isZero();
		assertThat(written).containsExactly(true);
		assertThat(channel.unsafe().outboundBuffer().isEmpty()).isTrue();
		channel.finishAndReleaseAll();
	}

	/**
	 * Its socket takes as many buffers as it is told to.
	 */
	private static final class SlowChannel extends EmbeddedChannel {

		private int room;

		SlowChannel() {
			config().setWriteBufferWaterMark(new WriteBufferWaterMark(20_000, 60_000));
			pipeline().addLast(new Splitter());
			pipeline().addLast(PipelineNames.CONNECTION, new ChannelInboundHandlerAdapter());
		}

		void take(int count) {
			this.room = count;
			unsafe().flush();
			runPendingTasks();
		}

		@Override
		protected void doWrite(ChannelOutboundBuffer output) {
			for (; this.room > 0 && output.current() != null; this.room--) {
				output.remove();
			}
		}

	}

	/**
	 * Makes four buffers of a piece, like TLS.
	 */
	private static final class Splitter extends ChannelOutboundHandlerAdapter {

		@Override
		public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
			ByteBuf piece = (ByteBuf) message;
			while (piece.readableBytes() > PIECE / 4) {
				ctx.write(piece.readRetainedSlice(PIECE / 4));
			}
			ctx.write(piece, promise);
		}

	}

}
