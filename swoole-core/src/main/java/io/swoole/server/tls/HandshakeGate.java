package io.swoole.server.tls;

import java.nio.channels.ClosedChannelException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.swoole.server.connection.NettyConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connection to itself until its handshake has succeeded: to all handlers behind
 * it the channel becomes active only then, and one whose handshake fails never does.
 * Afterwards it translates the end of the encrypted stream.
 */
final class HandshakeGate extends ChannelInboundHandlerAdapter {

	private static final Logger logger = LoggerFactory.getLogger(HandshakeGate.class);

	private static final String CLOSED = "it was closed during the TLS handshake";

	private final NettyConnection connection;

	private final Duration timeout;

	private final HandshakeFailures failures;

	private State state = State.HANDSHAKE;

	private @Nullable Future<?> deadline;

	HandshakeGate(NettyConnection connection, Duration timeout, HandshakeFailures failures) {
		this.connection = connection;
		this.timeout = timeout;
		this.failures = failures;
	}

	@Override
	public void channelActive(ChannelHandlerContext ctx) {
		if (!this.timeout.isZero()) {
			this.deadline = ctx.executor()
				.schedule(() -> fail(ctx, "there was no TLS handshake within " + this.timeout.toMillis() + " ms"),
						this.timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event instanceof SslHandshakeCompletionEvent handshake) {
			if (handshake.isSuccess()) {
				succeed(ctx);
			}
			else {
				fail(ctx, reason(handshake.cause()));
			}
		}
		else if (event instanceof ChannelInputShutdownEvent) {
			endInput(ctx);
		}
		else if (event instanceof SslCloseCompletionEvent close) {
			if (close.isSuccess()) {
				endInput(ctx);
			}
		}
		else if (!(event instanceof SniCompletionEvent)) {
			ctx.fireUserEventTriggered(event);
		}
	}

	private void succeed(ChannelHandlerContext ctx) {
		if (this.state != State.HANDSHAKE) {
			return; // a later handshake of the same connection
		}
		this.state = State.ESTABLISHED;
		cancelDeadline();
		this.connection.peer().identified(clientCertificate(ctx));
		ctx.fireChannelActive();
	}

	private static @Nullable X509Certificate clientCertificate(ChannelHandlerContext ctx) {
		try {
			Certificate[] chain = ctx.pipeline().get(SslHandler.class).engine().getSession().getPeerCertificates();
			return (chain.length > 0 && chain[0] instanceof X509Certificate certificate) ? certificate : null;
		}
		catch (SSLPeerUnverifiedException ex) {
			return null; // it has shown none
		}
	}

	private void fail(ChannelHandlerContext ctx, String reason) {
		if (this.state != State.HANDSHAKE) {
			return;
		}
		this.state = State.FAILED;
		cancelDeadline();
		this.failures.failed(this.connection.peer().address(), reason);
		ctx.close();
	}

	private void cancelDeadline() {
		if (this.deadline != null) {
			this.deadline.cancel(false);
			this.deadline = null;
		}
	}

	/**
	 * The client has said so in TLS, or has ended its side of the connection, or usually
	 * first one and then the other. Both are passed on: a connection that the server has
	 * ended after the first one waits for the second one.
	 */
	private void endInput(ChannelHandlerContext ctx) {
		fail(ctx, CLOSED);
		if (this.state == State.ESTABLISHED) {
			ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
		}
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		if (this.state == State.ESTABLISHED) {
			ctx.fireChannelReadComplete();
		}
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext ctx) {
		if (this.state == State.ESTABLISHED) {
			ctx.fireChannelWritabilityChanged();
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		fail(ctx, CLOSED);
		if (this.state == State.ESTABLISHED) {
			ctx.fireChannelInactive();
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		if (this.state == State.ESTABLISHED && !isTls(cause)) {
			ctx.fireExceptionCaught(cause);
			return;
		}
		logger.debug("{} is closed: its TLS is broken", this.connection, cause);
		fail(ctx, reason(cause));
		ctx.close();
	}

	/** What a client has sent instead of TLS is not for the log. */
	private static String reason(Throwable failure) {
		Throwable cause = (failure instanceof DecoderException && failure.getCause() != null) ? failure.getCause()
				: failure;
		if (cause instanceof NotSslRecordException) {
			return "what it sends is not TLS";
		}
		if (cause instanceof ClosedChannelException) {
			return CLOSED;
		}
		return "the TLS handshake has failed: " + cause.getMessage();
	}

	private static boolean isTls(Throwable cause) {
		return cause instanceof SSLException
				|| (cause instanceof DecoderException && cause.getCause() instanceof SSLException);
	}

	/**
	 * How far the handshake has come.
	 */
	private enum State {

		HANDSHAKE, ESTABLISHED, FAILED

	}

}
