package io.swoole.spring.handler;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.swoole.server.Connection;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnReceive;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link Reply}.
 */
class ReplyTests {

	private static @Nullable UnaryOperator<ByteBuf> handling;

	private static CompletableFuture<String> later = new CompletableFuture<>();

	private final SwooleServer server = mock(SwooleServer.class);

	private final Connection connection = mock(Connection.class);

	@Test
	void whenReplyIsTextThenSendsIt() throws Exception {
		receive(TextReply.class);
		then(this.connection).should().sendPacket((CharSequence) "reply");
	}

	@Test
	void whenReplyIsByteArrayThenSendsIt() throws Exception {
		receive(BytesReply.class);
		then(this.connection).should().sendPacket(new byte[] { 1, 2 });
	}

	@Test
	void whenReplyIsNullThenSendsNothing() throws Exception {
		receive(NullReply.class);
		then(this.connection).shouldHaveNoInteractions();
	}

	@Test
	void whenReplyIsPacketThenSendsIt() throws Exception {
		assertReplied((packet) -> packet);
	}

	@Test
	void whenReplyIsRetainedPacketThenSendsIt() throws Exception {
		assertReplied(ByteBuf::retain);
	}

	@Test
	void whenReplyIsSliceOfPacketThenSendsIt() throws Exception {
		assertReplied((packet) -> packet.slice(0, packet.readableBytes()));
	}

	@Test
	void whenReplyIsRetainedSliceOfPacketThenSendsIt() throws Exception {
		assertReplied((packet) -> packet.retainedSlice(0, 4));
	}

	@Test
	void whenReplyIsOtherBufferThenSendsIt() throws Exception {
		assertReplied(ByteBuf::copy);
	}

	@Test
	void whenReplyComesLaterAndItsWorkerTakesNothingThenIsSentNevertheless() throws Exception {
		later = new CompletableFuture<>();
		given(this.server.getWorkerExecutor("receive")).willReturn((code) -> {
			throw new RejectedExecutionException("too much waits");
		});
		receive(LaterTextReply.class);
		then(this.connection).shouldHaveNoInteractions();
		later.complete("reply");
		then(this.connection).should().sendPacket((CharSequence) "reply");
	}

	private void assertReplied(UnaryOperator<ByteBuf> reply) throws Exception {
		for (ByteBufAllocator allocator : new ByteBufAllocator[] { PooledByteBufAllocator.DEFAULT,
				UnpooledByteBufAllocator.DEFAULT }) {
			handling = reply;
			ByteBuf packet = allocator.buffer().writeBytes("data".getBytes(StandardCharsets.UTF_8));
			given(this.connection.sendPacket(any(ByteBuf.class))).willAnswer((invocation) -> {
				ByteBuf sent = invocation.getArgument(0);
				assertThat(sent.toString(StandardCharsets.UTF_8)).isEqualTo("data");
				sent.release();
				return true;
			});
			Handlers.of(BufferHandler.class).onReceive(this.server, this.connection, packet);
			assertThat(packet.refCnt()).isOne();
			packet.release();
		}
	}

	private void receive(Class<?> type) throws Exception {
		ByteBuf packet = PooledByteBufAllocator.DEFAULT.buffer();
		Handlers.of(type).onReceive(this.server, this.connection, packet);
		assertThat(packet.refCnt()).isOne();
		packet.release();
	}

	static class BufferHandler {

		@OnReceive
		@Nullable ByteBuf receive(ByteBuf packet) {
			return (handling != null) ? handling.apply(packet) : null;
		}

	}

	static class TextReply {

		@OnReceive
		CharSequence receive() {
			return "reply";
		}

	}

	static class LaterTextReply {

		@OnReceive
		CompletionStage<String> receive() {
			return later;
		}

	}

	static class BytesReply {

		@OnReceive
		byte[] receive() {
			return new byte[] { 1, 2 };
		}

	}

	static class NullReply {

		@OnReceive
		@Nullable String receive() {
			return null;
		}

	}

}
