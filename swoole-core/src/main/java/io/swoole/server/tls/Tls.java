package io.swoole.server.tls;

import java.time.Duration;
import java.util.function.Supplier;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.DomainWildcardMappingBuilder;
import io.netty.util.Mapping;
import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PipelineNames;
import io.swoole.server.SslOptions;
import io.swoole.server.connection.NettyConnection;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of a listener: puts itself in front of everything else that happens to its
 * connections.
 */
@Internal
public final class Tls {

	private final Supplier<SslContext> context;

	/** {@code null} if there is one context for all names. */
	private final @Nullable Mapping<String, Supplier<SslContext>> names;

	private final Duration timeout;

	private final HandshakeFailures failures;

	private Tls(SslOptions ssl, @Nullable Mapping<String, Supplier<SslContext>> names, Duration timeout,
			HandshakeFailures failures) {
		this.context = ssl.context();
		this.names = names;
		this.timeout = timeout;
		this.failures = failures;
	}

	/**
	 * The TLS of a listener.
	 * @param listener its settings
	 * @param failures takes what becomes of failed handshakes
	 * @return the TLS, {@code null} if it has none
	 */
	public static @Nullable Tls of(ListenerOptions listener, HandshakeFailures failures) {
		SslOptions ssl = listener.ssl();
		return (ssl != null) ? new Tls(ssl, names(ssl), listener.sslHandshakeTimeout(), failures) : null;
	}

	private static @Nullable Mapping<String, Supplier<SslContext>> names(SslOptions ssl) {
		if (ssl.sni().isEmpty()) {
			return null;
		}
		DomainWildcardMappingBuilder<Supplier<SslContext>> builder = new DomainWildcardMappingBuilder<>(ssl.context());
		ssl.sni().forEach(builder::add);
		return builder.build();
	}

	/**
	 * Adds TLS to a connection that has just been accepted.
	 * @param pipeline its pipeline, still empty
	 * @param connection the connection
	 */
	public void addTo(ChannelPipeline pipeline, NettyConnection connection) {
		ChannelHandler handler;
		if (this.names != null) {
			handler = new ServerNameHandler(this.names);
		}
		else {
			handler = configure(this.context.get().newHandler(pipeline.channel().alloc()));
		}
		pipeline.addLast(PipelineNames.SSL, handler);
		pipeline.addLast(PipelineNames.SSL + ".handshake", new HandshakeGate(connection, this.timeout, this.failures));
	}

	/** The gate has the deadline: it begins before the name of the server is known. */
	static SslHandler configure(SslHandler handler) {
		handler.setHandshakeTimeoutMillis(0);
		return handler;
	}

}
