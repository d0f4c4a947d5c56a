package io.swoole.spring.autoconfigure;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.SslOptions;
import io.swoole.spring.autoconfigure.ListenerProperties.ClientAuth;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslStoreBundle;

/**
 * Makes the TLS of listeners from SSL bundles, with OpenSSL if netty-tcnative is on the
 * path, else with the JDK. What would fail every handshake fails the start.
 */
final class SslContexts {

	private static final String BUNDLE = "ssl.bundle";

	private final @Nullable SslBundles bundles;

	/** {@code null} to choose when it is needed, as looking for OpenSSL takes time. */
	private final @Nullable SslProvider provider;

	/**
	 * Creates the factory.
	 * @param bundles the bundles, if there are any
	 */
	SslContexts(@Nullable SslBundles bundles) {
		this(bundles, null);
	}

	/**
	 * Creates a factory for one of the two.
	 * @param bundles the bundles, if there are any
	 * @param provider what does the work, {@code null} for the best there is
	 */
	SslContexts(@Nullable SslBundles bundles, @Nullable SslProvider provider) {
		this.bundles = bundles;
		this.provider = provider;
	}

	/**
	 * Makes the TLS of a listener.
	 * @param listener the name of the listener
	 * @param properties its properties
	 * @return the options, {@code null} if its connections are not encrypted
	 * @throws InvalidOptionException if a bundle is missing or cannot be used
	 */
	@Nullable SslOptions create(String listener, ListenerProperties properties) {
		ListenerProperties.Ssl ssl = properties.getSsl();
		boolean clients = ssl.getClientAuth() != ClientAuth.NONE;
		check(clients || !properties.isSslAllowSelfSigned(), listener, "ssl-allow-self-signed", true,
				"has no effect unless ssl.client-auth is want or need");
		String bundle = ssl.getBundle();
		if (bundle == null) {
			String reason = "has no effect without ssl.bundle";
			check(!clients, listener, "ssl.client-auth", ssl.getClientAuth(), reason);
			check(ssl.getSni().isEmpty(), listener, "ssl.sni", ssl.getSni(),
					"ssl.bundle must be set too: it has the certificate for all other names");
			return null;
		}
		SslOptions.Builder options = SslOptions.builder(context(listener, BUNDLE, bundle, properties));
		for (Map.Entry<String, String> entry : ssl.getSni().entrySet()) {
			options.sni(entry.getKey(),
					context(listener, "ssl.sni[" + entry.getKey() + "]", entry.getValue(), properties));
		}
		return options.build();
	}

	private ReloadingSslContext context(String listener, String option, String bundle, ListenerProperties properties) {
		List<String> names = (this.bundles != null) ? this.bundles.getBundleNames() : List.of();
		if (this.bundles == null || !names.contains(bundle)) {
			throw new InvalidOptionException(listener, option, bundle,
					"there is no SSL bundle with this name, but " + names + "; see spring.ssl.bundle");
		}
		SslProvider provider = (this.provider != null) ? this.provider : SslContext.defaultServerProvider();
		ListenerContext factory = new ListenerContext(provider, listener, option, bundle,
				properties.getSsl().getClientAuth(), properties.isSslAllowSelfSigned());
		return new ReloadingSslContext(this.bundles, bundle, factory::create);
	}

	private static void check(boolean valid, String listener, String option, Object value, String reason) {
		if (!valid) {
			throw new InvalidOptionException(listener, option, value, reason);
		}
	}

	/**
	 * What a listener makes of a bundle.
	 */
	private record ListenerContext(SslProvider provider, String listener, String option, String name,
			ClientAuth clientAuth, boolean allowSelfSigned) {

		SslContext create(SslBundle bundle) {
			SslStoreBundle stores = bundle.getStores();
			boolean known = stores != SslStoreBundle.NONE; // else it has managers of its
															// own
			boolean clients = this.clientAuth != ClientAuth.NONE;
			check(!known || stores.getKeyStore() != null, this.listener, this.option, this.name,
					"the bundle has no certificate with a private key to show to clients");
			check(!known || !clients || stores.getTrustStore() != null, this.listener, this.option, this.name,
					"the bundle has no trust store, which ssl.client-auth needs to tell clients from others");
			try {
				return tried(build(bundle, clients));
			}
			catch (SSLException | IllegalArgumentException | IllegalStateException ex) {
				InvalidOptionException failure = new InvalidOptionException(this.listener, this.option, this.name,
						"the bundle cannot be used: " + ex.getMessage());
				failure.initCause(ex);
				throw failure;
			}
		}

		private SslContext build(SslBundle bundle, boolean clients) throws SSLException {
			SslContextBuilder builder = SslContextBuilder.forServer(bundle.getManagers().getKeyManagerFactory())
				.sslProvider(this.provider);
			if (clients) {
				builder.clientAuth((this.clientAuth == ClientAuth.NEED) ? io.netty.handler.ssl.ClientAuth.REQUIRE
						: io.netty.handler.ssl.ClientAuth.OPTIONAL);
				if (this.allowSelfSigned) {
					builder.trustManager(SelfSignedTrustManager.of(bundle.getManagers().getTrustManagers()));
				}
				else {
					builder.trustManager(bundle.getManagers().getTrustManagerFactory());
				}
			}
			String[] ciphers = bundle.getOptions().getCiphers();
			if (ciphers != null) {
				builder.ciphers(Arrays.asList(ciphers));
			}
			String[] protocols = bundle.getOptions().getEnabledProtocols();
			if (protocols != null) {
				builder.protocols(protocols);
			}
			return builder.build();
		}

		/** Some settings are only looked at when a connection comes. */
		private static SslContext tried(SslContext context) {
			SSLEngine engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
			ReferenceCountUtil.release(engine);
			return context;
		}

	}

}
