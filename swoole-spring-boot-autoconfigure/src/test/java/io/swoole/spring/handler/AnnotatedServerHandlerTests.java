package io.swoole.spring.handler;

import java.io.IOException;

import io.netty.buffer.Unpooled;
import io.swoole.server.Connection;
import io.swoole.server.HandlerError;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnWorkerStart;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link AnnotatedServerHandler}.
 */
class AnnotatedServerHandlerTests {

	private final SwooleServer server = mock(SwooleServer.class);

	private final Connection connection = mock(Connection.class);

	@Test
	void whenHandlerThrowsThenThrowsTheSame() {
		AnnotatedServerHandler handler = Handlers.of(Throwing.class);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> handler.onStart(this.server))
			.withMessage("start");
		assertThatExceptionOfType(StackOverflowError.class)
			.isThrownBy(() -> handler.onConnect(this.server, this.connection, 1));
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> handler.onReceive(this.server, this.connection, Unpooled.EMPTY_BUFFER))
			.withMessage("receive");
		assertThatIllegalStateException().isThrownBy(() -> handler.onWorkerStart(this.server, 1)).withMessage("1");
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> Handlers.execute(handler, this.server, new TestTask("a")))
			.withMessage("task");
	}

	@Test
	void whenThereIsNoHandlerThenDoesNothing() throws Exception {
		AnnotatedServerHandler handler = Handlers.of();
		handler.onStart(this.server);
		handler.onBeforeShutdown(this.server);
		handler.onShutdown(this.server);
		handler.onWorkerStart(this.server, 1);
		handler.onWorkerStop(this.server, 1);
		handler.onConnect(this.server, this.connection, 1);
		handler.onClose(this.server, this.connection, 1);
		assertThat(Handlers.takesTask(handler, "a")).isFalse();
	}

	@Test
	void whenThereIsNoReceiveHandlerThenThrows() {
		assertThatIllegalStateException()
			.isThrownBy(() -> Handlers.of().onReceive(this.server, this.connection, Unpooled.EMPTY_BUFFER))
			.withMessage("No bean has an @OnReceive method, the packet is dropped");
	}

	@Test
	void whenServerStartsBeforeHandlersAreKnownThenThrows() {
		assertThatIllegalStateException().isThrownBy(() -> new AnnotatedServerHandler().onWorkerStart(this.server, 0))
			.withMessageContaining("do not start the server earlier");
	}

	@Test
	void whenThereIsErrorHandlerThenIsTold() {
		HandlerErrorHandler errorHandler = mock(HandlerErrorHandler.class);
		HandlerError error = new HandlerError("receive", 1, 2, -1, new IOException());
		Handlers.context((context) -> context.registerBean(HandlerErrorHandler.class, () -> errorHandler))
			.getBean(AnnotatedServerHandler.class)
			.onError(this.server, error);
		then(errorHandler).should().handle(this.server, error);
	}

	@Test
	void whenThereIsNoErrorHandlerThenIgnoresError() {
		Handlers.of().onError(this.server, new HandlerError("receive", 1, 2, -1, new IOException()));
	}

	static class Throwing {

		@OnStart
		void start() throws IOException {
			throw new IOException("start");
		}

		@OnConnect
		void connect() {
			throw new StackOverflowError();
		}

		@OnReceive
		void receive(byte[] data) throws IOException {
			throw new IOException("receive");
		}

		@OnWorkerStart
		void workerStart(int workerId) {
			throw new IllegalStateException("" + workerId);
		}

		@OnTask
		void task(String data) throws IOException {
			throw new IOException("task");
		}

	}

}
