package io.swoole.spring.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContext;
import io.netty.handler.ssl.SslProvider;
import io.swoole.server.SslOptions;
import io.swoole.spring.autoconfigure.ListenerProperties.ClientAuth;
import io.swoole.testing.TestCertificates;
import io.swoole.testing.TestCertificates.Identity;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleKey;
import org.springframework.boot.ssl.SslStoreBundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SslContexts}: the same bundles with the JDK and with OpenSSL (SSL-01,
 * SSL-05, SSL-06, SSL-07, SSL-08, SSL-10).
 */
class SslContextsTests {

	private static final String PASSWORD = "password";

	private static TestCertificates authority;

	private final SwooleServerProperties properties = new SwooleServerProperties();

	@BeforeAll
	static void createAuthority() {
		authority = new TestCertificates("Test Authority");
	}

	SslContextsTests() {
		this.properties.getSsl().setBundle("server");
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "OPENSSL" })
	void whenProviderIsChosenThenItServes(SslProvider provider) throws Exception {
		SslOptions ssl = create(provider, registry(bundle("localhost")));
		assertThat(ssl.context().get())
			.isInstanceOf((provider == SslProvider.JDK) ? JdkSslContext.class : OpenSslContext.class);
		try (TestServer server = start(ssl)) {
			for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
				SSLSocket socket = socket(server, null);
				socket.setEnabledProtocols(new String[] { protocol });
				try (TestClient client = TestClient.of(socket)) {
					assertThat(client.send("hello").readText(7)).isEqualTo("nobody;");
					assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
				}
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "OPENSSL" })
	void whenClientsNeedACertificateThenOthersAreRefused(SslProvider provider) throws Exception {
		this.properties.getSsl().setClientAuth(ClientAuth.NEED);
		try (TestServer server = start(create(provider, registry(bundle("localhost"))))) {
			assertServed(server, authority.issue("alice"), "CN=alice");
			assertRefused(server, null, authority.issueExpired("alice"), TestCertificates.selfSigned("alice"),
					new TestCertificates("Other").issue("alice"));
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "OPENSSL" })
	void whenClientsMayShowACertificateThenItMustBeGood(SslProvider provider) throws Exception {
		this.properties.getSsl().setClientAuth(ClientAuth.WANT);
		try (TestServer server = start(create(provider, registry(bundle("localhost"))))) {
			assertServed(server, null, "nobody");
			assertServed(server, authority.issue("bob"), "CN=bob");
			// Java shows no certificate of another authority where it need not show any
			assertRefused(server, authority.issueExpired("bob"));
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "OPENSSL" })
	void whenSelfSignedCertificatesAreAllowedThenClientsMayShowThem(SslProvider provider) throws Exception {
		this.properties.getSsl().setClientAuth(ClientAuth.NEED);
		this.properties.setSslAllowSelfSigned(true);
		try (TestServer server = start(create(provider, registry(bundle("localhost"))))) {
			assertServed(server, authority.issue("carol"), "CN=carol");
			assertServed(server, TestCertificates.selfSigned("carol"), "CN=carol");
			assertRefused(server, null, authority.issueExpired("carol"), new TestCertificates("Other").issue("carol"));
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "OPENSSL" })
	void whenBundleHasOptionsThenTheyHold(SslProvider provider) throws Exception {
		String cipher = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
		SslBundle bundle = bundle("localhost",
				org.springframework.boot.ssl.SslOptions.of(Set.of(cipher), Set.of("TLSv1.2")));
		try (TestServer server = start(create(provider, registry(bundle))); SSLSocket socket = socket(server, null)) {
			socket.startHandshake();
			assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
			assertThat(socket.getSession().getCipherSuite()).isEqualTo(cipher);
		}
	}

	/** SSL-10: what Swoole calls ssl_prefer_server_ciphers. */
	@ParameterizedTest
	@EnumSource(names = { "JDK", "OPENSSL" })
	void whenClientPrefersAnotherCipherThenThatOfTheServerIsTaken(SslProvider provider) throws Exception {
		String first = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
		String second = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
		for (List<String> order : List.of(List.of(first, second), List.of(second, first))) {
			SslBundle bundle = bundle("localhost",
					org.springframework.boot.ssl.SslOptions.of(new LinkedHashSet<>(order), Set.of("TLSv1.2")));
			try (TestServer server = start(create(provider, registry(bundle)));
					SSLSocket socket = socket(server, null)) {
				socket.setEnabledCipherSuites(new String[] { first, second });
				socket.startHandshake();
				assertThat(socket.getSession().getCipherSuite()).isEqualTo(order.get(0));
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "OPENSSL" })
	void whenBundleChangesThenNewConnectionsHaveItUnlessItIsNoGood(SslProvider provider) throws Exception {
		DefaultSslBundleRegistry registry = registry(bundle("first"));
		try (TestServer server = start(create(provider, registry));
				TestClient old = TestClient.of(socket(server, null))) {
			assertThat(old.send("hello").readText(7)).isEqualTo("nobody;");
			assertThat(subject(server)).isEqualTo("CN=first");
			registry.updateBundle("server", bundle("second"));
			assertThat(subject(server)).isEqualTo("CN=second");
			registry.updateBundle("server", SslBundle.of(SslStoreBundle.of(null, null, trusted())));
			assertThat(subject(server)).isEqualTo("CN=second");
			assertThat(old.send("hello").readText(7)).isEqualTo("nobody;");
		}
	}

	private SslOptions create(SslProvider provider, DefaultSslBundleRegistry registry) {
		Assumptions.assumeTrue(provider == SslProvider.JDK || OpenSsl.isAvailable(),
				"netty-tcnative does not work here");
		SslOptions ssl = new SslContexts(registry, provider).create("main", this.properties);
		assertThat(ssl).isNotNull();
		return ssl;
	}

	private static DefaultSslBundleRegistry registry(SslBundle bundle) {
		return new DefaultSslBundleRegistry("server", bundle);
	}

	private static SslBundle bundle(String name) throws Exception {
		return bundle(name, org.springframework.boot.ssl.SslOptions.NONE);
	}

	private static SslBundle bundle(String name, org.springframework.boot.ssl.SslOptions options) throws Exception {
		Identity identity = authority.issue(name);
		KeyStore keys = store((store) -> {
			try {
				store.setKeyEntry("server", identity.key(), PASSWORD.toCharArray(),
						new Certificate[] { identity.certificate() });
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
		});
		return SslBundle.of(SslStoreBundle.of(keys, PASSWORD, trusted()), SslBundleKey.NONE, options);
	}

	private static KeyStore trusted() throws Exception {
		return store((store) -> {
			try {
				store.setCertificateEntry("authority", authority.authority());
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private static KeyStore store(Consumer<KeyStore> entries) throws Exception {
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		entries.accept(store);
		return store;
	}

	private static TestServer start(SslOptions ssl) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			X509Certificate certificate = connection.clientInfo().clientCertificate();
			connection.send(((certificate != null) ? certificate.getSubjectX500Principal().getName() : "nobody") + ";");
		});
		return TestServer.start(handler, (options) -> options.main((main) -> main.ssl(ssl)));
	}

	private static SSLSocket socket(TestServer server, @Nullable Identity identity) throws IOException {
		SSLContext context = authority.clientContext(identity);
		SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port());
		socket.setSoTimeout(20_000);
		return socket;
	}

	private static void assertServed(TestServer server, @Nullable Identity identity, String name) throws IOException {
		try (TestClient client = TestClient.of(socket(server, identity))) {
			assertThat(client.send("hello").readText(name.length() + 1)).isEqualTo(name + ";");
		}
	}

	private static void assertRefused(TestServer server, @Nullable Identity... wrong) {
		for (Identity identity : Arrays.asList(wrong)) {
			assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> {
				try (TestClient client = TestClient.of(socket(server, identity))) {
					client.send("hello").readText(1);
				}
			});
		}
	}

	private static String subject(TestServer server) throws IOException {
		try (SSLSocket socket = socket(server, null)) {
			socket.startHandshake();
			X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
			return certificate.getSubjectX500Principal().getName();
		}
	}

}
