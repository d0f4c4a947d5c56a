package io.swoole.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import io.netty.handler.ssl.SslContext;

/**
 * The certificates of a listener; immutable. A context says everything else: protocols,
 * ciphers, whether clients show certificates and which of them are trusted.
 * <p>
 * The suppliers are asked for every new connection. To change a certificate, let them
 * return another context: new connections use it, existing ones go on with theirs.
 *
 * @see ListenerOptions.Builder#ssl
 */
public final class SslOptions {

	private final Supplier<SslContext> context;

	private final Map<String, Supplier<SslContext>> sni;

	private SslOptions(Builder builder) {
		this.context = builder.context;
		this.sni = Map.copyOf(builder.sni);
	}

	/**
	 * A builder with a context and no names.
	 * @param context the context of clients that ask for no name, or for one that is not
	 * known; must be one for servers
	 * @return the builder
	 */
	public static Builder builder(Supplier<SslContext> context) {
		return new Builder(context);
	}

	/**
	 * The context of clients that ask for no name, or for one that is not known.
	 * @return gives the context to use now
	 */
	public Supplier<SslContext> context() {
		return this.context;
	}

	/**
	 * The contexts of clients that ask for a name.
	 * @return each gives the context to use now, by host name
	 */
	public Map<String, Supplier<SslContext>> sni() {
		return this.sni;
	}

	/**
	 * Collects contexts.
	 */
	public static final class Builder {

		private final Supplier<SslContext> context;

		private final Map<String, Supplier<SslContext>> sni = new LinkedHashMap<>();

		private Builder(Supplier<SslContext> context) {
			this.context = context;
		}

		/**
		 * Adds the context of a host name. Swoole: {@code ssl_sni_certs}.
		 * @param host a name such as {@code a.test}, or {@code *.b.test} for all names
		 * with one label before {@code .b.test}; case does not matter
		 * @param context gives the context to use now
		 * @return this builder
		 */
		public Builder sni(String host, Supplier<SslContext> context) {
			this.sni.put(host, context);
			return this;
		}

		/**
		 * The options.
		 * @return the options
		 */
		public SslOptions build() {
			return new SslOptions(this);
		}

	}

}
