package io.swoole.spring.autoconfigure;

import java.util.function.Function;
import java.util.function.Supplier;

import io.netty.handler.ssl.SslContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/**
 * The TLS context of a bundle. When the bundle changes, new connections get a new one; if
 * the new bundle is no good, they go on with the old one.
 */
final class ReloadingSslContext implements Supplier<SslContext> {

	private static final Logger logger = LoggerFactory.getLogger(ReloadingSslContext.class);

	private final String bundle;

	private final Function<SslBundle, SslContext> factory;

	private volatile SslContext context;

	ReloadingSslContext(SslBundles bundles, String bundle, Function<SslBundle, SslContext> factory) {
		this.bundle = bundle;
		this.factory = factory;
		this.context = factory.apply(bundles.getBundle(bundle));
		bundles.addBundleUpdateHandler(bundle, this::update);
	}

	private void update(SslBundle changed) {
		try {
			this.context = this.factory.apply(changed);
			logger.info("SSL bundle '{}' has changed: new connections use it", this.bundle);
		}
		catch (RuntimeException ex) {
			logger.error("SSL bundle '{}' has changed and cannot be used: new connections go on with what it was",
					this.bundle, ex);
		}
	}

	@Override
	public SslContext get() {
		return this.context;
	}

}
