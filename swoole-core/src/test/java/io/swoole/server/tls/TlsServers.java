package io.swoole.server.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.function.Supplier;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SslOptions;
import io.swoole.testing.TestCertificates;
import io.swoole.testing.TestCertificates.Identity;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestServer;

/**
 * What the tests of TLS share.
 */
final class TlsServers {

	private TlsServers() {
	}

	static SslContext context(Identity identity, Consumer<SslContextBuilder> settings) {
		try {
			SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.certificate());
			builder.sslProvider(SslProvider.JDK);
			settings.accept(builder);
			return builder.build();
		}
		catch (SSLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static SslContext context(Identity identity) {
		return context(identity, (builder) -> {
		});
	}

	/** A context that asks clients for a certificate of an authority. */
	static SslContext context(Identity identity, TestCertificates clients, ClientAuth auth) {
		return context(identity, (builder) -> builder.trustManager(clients.authority()).clientAuth(auth));
	}

	static Consumer<ServerOptions.Builder> tls(SslContext context) {
		return tls(() -> context);
	}

	static Consumer<ServerOptions.Builder> tls(Supplier<SslContext> context) {
		return (options) -> options.main((main) -> main.ssl(SslOptions.builder(context).build()));
	}

	static TestServer start(ServerHandler handler, SslContext context) {
		return TestServer.start(handler, tls(context));
	}

	static SSLSocket socket(int port, SSLContext context, Consumer<SSLParameters> settings) {
		try {
			SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
			socket.setSoTimeout(20_000);
			SSLParameters parameters = socket.getSSLParameters();
			settings.accept(parameters);
			socket.setSSLParameters(parameters);
			return socket;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A client whose handshake has succeeded. */
	static TestClient connect(int port, SSLContext context, String... protocols) {
		SSLSocket socket = socket(port, context, (parameters) -> {
			if (protocols.length > 0) {
				parameters.setProtocols(protocols);
			}
		});
		try {
			socket.startHandshake();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return TestClient.of(socket);
	}

	static ListenerOptions.Builder listener(String name, SslContext context) {
		return ListenerOptions.builder(name).ssl(SslOptions.builder(() -> context).build());
	}

}
