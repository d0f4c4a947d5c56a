package io.swoole.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import io.swoole.server.ClientInfo;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.testing.Openssl;
import io.swoole.testing.TestCertificates;
import io.swoole.testing.TestCertificates.Identity;
import io.swoole.testing.TestClient;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for TLS by SSL bundles: SSL-01, SSL-04, SSL-05, SSL-06, SSL-07, SSL-08, SSL-09,
 * SSL-10, PORT-01, PORT-02.
 */
@ExtendWith(OutputCaptureExtension.class)
class TlsIntegrationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static TestCertificates authority;

	@TempDir
	private Path directory;

	@BeforeAll
	static void createAuthority() {
		authority = new TestCertificates("Test Authority");
	}

	/** SSL-01. */
	@ParameterizedTest
	@ValueSource(strings = { "base", "process" })
	void whenBundleIsNamedThenConnectionsAreEncrypted(String mode) {
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"), "swoole.server.mode=" + mode,
				"swoole.server.ssl.bundle=server"); TestClient client = connect(context, "main", null)) {
			assertThat(client.send("hello").readText(12)).isEqualTo("main nobody ");
			assertThat(context.getBean(SwooleServer.class).getListeners()).singleElement()
				.satisfies((listener) -> assertThat(listener.ssl()).isTrue());
		}
	}

	/** SSL-01, PORT-01. */
	@Test
	void whenListenerHasABundleOfItsOwnThenOnlyItIsEncrypted() {
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"),
				"swoole.server.listeners[0].name=secure", "swoole.server.listeners[0].port=0",
				"swoole.server.listeners[0].ssl.bundle=server");
				TestClient plain = TestClient.connect(port(context, "main"));
				TestClient encrypted = connect(context, "secure", null)) {
			assertThat(plain.send("hello").readText(12)).isEqualTo("main nobody ");
			assertThat(encrypted.send("hello").readText(14)).isEqualTo("secure nobody ");
		}
	}

	/** PORT-02. */
	@Test
	void whenListenerSetsNothingOfTlsThenHasThatOfMain() {
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"),
				"swoole.server.ssl.bundle=server", "swoole.server.listeners[0].name=second",
				"swoole.server.listeners[0].port=0", "swoole.server.listeners[1].name=plain",
				"swoole.server.listeners[1].port=0", "swoole.server.listeners[1].open-eof-check=false");
				TestClient encrypted = connect(context, "second", null);
				TestClient plain = TestClient.connect(port(context, "plain"))) {
			assertThat(encrypted.send("hello").readText(14)).isEqualTo("second nobody ");
			assertThat(plain.send("hello").readText(13)).isEqualTo("plain nobody ");
		}
	}

	/** SSL-05, SSL-08. */
	@Test
	void whenClientsNeedACertificateThenOthersAreRefused() {
		Identity alice = authority.issue("alice");
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"), trust("server"),
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.client-auth=need")) {
			try (TestClient client = connect(context, "main", alice)) {
				assertThat(client.send("hello").readText(14)).isEqualTo("main CN=alice ");
			}
			for (Identity wrong : Arrays.asList(null, authority.issueExpired("alice"),
					TestCertificates.selfSigned("alice"), new TestCertificates("Other").issue("alice"))) {
				assertRefused(context, wrong);
			}
			await().atMost(PATIENCE).until(() -> context.getBean(SwooleServer.class).stats().abortCount() == 4);
		}
	}

	/** SSL-05, SSL-08 with a client that is not Java. */
	@ParameterizedTest
	@ValueSource(strings = { "-tls1_2", "-tls1_3" })
	void whenClientIsOpensslThenOnlyTheRightCertificateIsServed(String protocol) {
		Assumptions.assumeTrue(Openssl.isInstalled(), "openssl is not installed");
		Handlers.connects.set(0);
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"), trust("server"),
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.client-auth=need")) {
			SwooleServer server = context.getBean(SwooleServer.class);
			try (Openssl client = openssl(context, protocol, authority.issue("alice"))) {
				client.send("hello\n").await("main CN=alice ");
			}
			List<Identity> wrong = Arrays.asList(null, authority.issueExpired("alice"),
					TestCertificates.selfSigned("alice"), new TestCertificates("Other").issue("alice"));
			for (int i = 0; i < wrong.size(); i++) {
				try (Openssl client = openssl(context, protocol, wrong.get(i))) {
					assertThat(client.awaitEnd()).doesNotContain("main ");
				}
				long refused = i + 1;
				await().atMost(PATIENCE).until(() -> server.stats().abortCount() == refused);
			}
			assertThat(Handlers.connects).hasValue(1);
		}
	}

	private Openssl openssl(ConfigurableApplicationContext context, String protocol, Identity identity) {
		if (identity == null) {
			return Openssl.connect(port(context, "main"), protocol);
		}
		return Openssl.connect(port(context, "main"), protocol, "-cert",
				identity.writeCertificate(this.directory.resolve("client.pem")), "-key",
				identity.writeKey(this.directory.resolve("client.key")));
	}

	/** SSL-07: optional, but checked when it is shown. */
	@Test
	void whenClientsMayShowACertificateThenItMustBeGood() {
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"), trust("server"),
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.client-auth=want")) {
			try (TestClient client = connect(context, "main", null)) {
				assertThat(client.send("hello").readText(12)).isEqualTo("main nobody ");
			}
			try (TestClient client = connect(context, "main", authority.issue("bob"))) {
				assertThat(client.send("hello").readText(12)).isEqualTo("main CN=bob ");
			}
			assertRefused(context, authority.issueExpired("bob"));
		}
	}

	/** SSL-06. */
	@Test
	void whenSelfSignedCertificatesAreAllowedThenClientsMayShowThem() {
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"), trust("server"),
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.client-auth=need",
				"swoole.server.ssl-allow-self-signed=true")) {
			for (Identity good : List.of(authority.issue("carol"), TestCertificates.selfSigned("carol"))) {
				try (TestClient client = connect(context, "main", good)) {
					assertThat(client.send("hello").readText(14)).isEqualTo("main CN=carol ");
				}
			}
			for (Identity wrong : Arrays.asList(null, authority.issueExpired("carol"),
					new TestCertificates("Other").issue("carol"))) {
				assertRefused(context, wrong);
			}
		}
	}

	/** SSL-09. */
	@Test
	void whenClientAsksForANameThenGetsItsCertificate() throws IOException {
		Map<String, String> subjects = Map.of("a.test", "a.test", "A.TEST", "a.test", "x.b.test", "*.b.test", "b.test",
				"localhost", "x.y.b.test", "localhost", "c.test", "localhost");
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"), bundle("a", "a.test"),
				bundle("b", "*.b.test"), "swoole.server.ssl.bundle=server", "swoole.server.ssl.sni[a.test]=a",
				"swoole.server.ssl.sni[*.b.test]=b")) {
			for (Map.Entry<String, String> entry : subjects.entrySet()) {
				try (SSLSocket socket = socket(port(context, "main"), authority.clientContext())) {
					SSLParameters parameters = socket.getSSLParameters();
					parameters.setServerNames(List.of(new SNIHostName(entry.getKey())));
					socket.setSSLParameters(parameters);
					assertThat(subject(socket)).as(entry.getKey()).isEqualTo("CN=" + entry.getValue());
				}
				if (Openssl.isInstalled()) {
					try (Openssl client = Openssl.connect(port(context, "main"), "-servername", entry.getKey())) {
						client.await("subject=CN = " + entry.getValue() + "\n");
					}
				}
			}
		}
	}

	/** SSL-10. */
	@Test
	void whenBundleHasOptionsThenTheyHold() throws IOException {
		try (ConfigurableApplicationContext context = run(bundle("server", "localhost"),
				"swoole.server.ssl.bundle=server", "spring.ssl.bundle.pem.server.options.enabled-protocols=TLSv1.2",
				"spring.ssl.bundle.pem.server.options.ciphers=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
				SSLSocket socket = socket(port(context, "main"), authority.clientContext())) {
			socket.startHandshake();
			assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
			assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
		}
	}

	/** SSL-01: the files of a bundle change while clients talk: none of them notices. */
	@Test
	void whenBundleChangesThenNewConnectionsHaveItAndOldOnesGoOn(CapturedOutput output) throws Exception {
		int count = 20;
		AtomicBoolean stop = new AtomicBoolean();
		AtomicLong answers = new AtomicLong();
		CountDownLatch connected = new CountDownLatch(count);
		ExecutorService threads = Executors.newFixedThreadPool(count);
		try (ConfigurableApplicationContext context = run(bundle("server", "first"), "swoole.server.ssl.bundle=server",
				"spring.ssl.bundle.pem.server.reload-on-update=true",
				"spring.ssl.bundle.pem.server.keystore.verify-keys=true",
				"spring.ssl.bundle.watch.file.quiet-period=50ms")) {
			List<Future<?>> clients = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				clients.add(threads.submit(() -> {
					try (TestClient client = connect(context, "main", null)) {
						connected.countDown();
						while (!stop.get()) {
							assertThat(client.send("hello").readText(12)).isEqualTo("main nobody ");
							answers.incrementAndGet();
						}
					}
					return null;
				}));
			}
			assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();
			assertThat(subject(context)).isEqualTo("CN=first");
			replace("server", authority.issue("second"));
			await().atMost(PATIENCE).until(() -> "CN=second".equals(subject(context)));
			// another certificate that the key does not belong to
			authority.issue("wrong").writeCertificate(this.directory.resolve("server.pem"));
			await().atMost(PATIENCE).until(() -> output.getAll().contains("SSL reload error"));
			assertThat(subject(context)).isEqualTo("CN=second");
			replace("server", authority.issue("third"));
			await().atMost(PATIENCE).until(() -> "CN=third".equals(subject(context)));
			long before = answers.get();
			await().atMost(PATIENCE).until(() -> answers.get() > before + count * 5L);
			stop.set(true);
			for (Future<?> client : clients) {
				client.get(60, TimeUnit.SECONDS);
			}
			assertThat(context.getBean(SwooleServer.class).stats().abortCount()).isZero();
		}
		finally {
			stop.set(true);
			threads.shutdownNow();
		}
	}

	/** SSL-01. */
	@Test
	void whenBundleDoesNotExistThenStartFails() {
		assertFails("ssl.bundle", "there is no SSL bundle with this name, but [server]", bundle("server", "localhost"),
				"swoole.server.ssl.bundle=sever");
		assertFails("ssl.sni[a.test]", "there is no SSL bundle with this name", bundle("server", "localhost"),
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.sni[a.test]=nothing");
	}

	/** SSL-01, SSL-04. */
	@Test
	void whenBundleCannotServeThenStartFails() {
		String[] trustOnly = { trust("clients")[0] };
		assertFails("ssl.bundle", "no certificate with a private key", trustOnly, "swoole.server.ssl.bundle=clients");
		assertFails("ssl.bundle", "has no trust store", bundle("server", "localhost"),
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.client-auth=need");
		assertFails("ssl.bundle", "the bundle cannot be used", bundle("server", "localhost"),
				"swoole.server.ssl.bundle=server", "spring.ssl.bundle.pem.server.options.ciphers=NO_SUCH_CIPHER");
	}

	@Test
	void whenSettingsOfTlsHaveNoEffectThenStartFails() {
		String[] server = bundle("server", "localhost");
		assertFails("ssl.client-auth", "has no effect without ssl.bundle", server,
				"swoole.server.ssl.client-auth=need");
		assertFails("ssl.sni", "ssl.bundle must be set too", server, "swoole.server.ssl.sni[a.test]=server");
		assertFails("ssl-allow-self-signed", "has no effect unless", server, "swoole.server.ssl.bundle=server",
				"swoole.server.ssl-allow-self-signed=true");
		assertFails("ssl.sni", "write a name with a wildcard in brackets, '[*.b.test]'", server,
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.sni.*.b.test=server");
		assertFails("ssl.sni[a.*.test]", "allowed are names such as a.test and *.b.test", server,
				"swoole.server.ssl.bundle=server", "swoole.server.ssl.sni[a.*.test]=server");
	}

	private void assertFails(String option, String reason, Object... settings) {
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> run(settings).close())
			.satisfies((ex) -> assertInvalid(find(ex), option, reason));
	}

	private static Throwable find(Throwable failure) {
		Throwable next = failure;
		while (next != null && !(next instanceof InvalidOptionException)) {
			next = next.getCause();
		}
		return next;
	}

	private static void assertInvalid(Throwable failure, String option, String reason) {
		assertThat(failure).isInstanceOfSatisfying(InvalidOptionException.class, (invalid) -> {
			assertThat(invalid.getOption()).isEqualTo(option);
			assertThat(invalid.getReason()).contains(reason);
		});
	}

	/**
	 * The properties of a bundle with a new certificate, below the name of the bundle.
	 */
	private String[] bundle(String name, String subject) {
		Identity identity = authority.issue(subject);
		Path certificate = identity.writeCertificate(this.directory.resolve(name + ".pem"));
		Path key = identity.writeKey(this.directory.resolve(name + ".key"));
		String prefix = "spring.ssl.bundle.pem." + name + ".keystore.";
		return new String[] { prefix + "certificate=" + certificate, prefix + "private-key=" + key };
	}

	private String[] trust(String name) {
		Path file = TestCertificates.write(authority.authority(), this.directory.resolve(name + "-trust.pem"));
		return new String[] { "spring.ssl.bundle.pem." + name + ".truststore.certificate=" + file };
	}

	/** As a tool that renews certificates does it: one file after the other. */
	private void replace(String name, Identity identity) throws IOException {
		Path certificate = identity.writeCertificate(this.directory.resolve("new.pem"));
		Path key = identity.writeKey(this.directory.resolve("new.key"));
		Files.move(certificate, this.directory.resolve(name + ".pem"), StandardCopyOption.REPLACE_EXISTING);
		Files.move(key, this.directory.resolve(name + ".key"), StandardCopyOption.REPLACE_EXISTING);
	}

	private static void assertRefused(ConfigurableApplicationContext context, Identity identity) {
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> {
			try (TestClient client = connect(context, "main", identity)) {
				client.send("hello").readText(1);
			}
		});
	}

	private static TestClient connect(ConfigurableApplicationContext context, String listener, Identity identity) {
		SSLSocket socket = socket(port(context, listener), authority.clientContext(identity));
		try {
			socket.startHandshake();
			return TestClient.of(socket);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static SSLSocket socket(int port, SSLContext context) {
		try {
			SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
			socket.setSoTimeout(20_000);
			return socket;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String subject(ConfigurableApplicationContext context) throws IOException {
		try (SSLSocket socket = socket(port(context, "main"), authority.clientContext())) {
			return subject(socket);
		}
	}

	private static String subject(SSLSocket socket) throws IOException {
		socket.startHandshake();
		X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
		return certificate.getSubjectX500Principal().getName();
	}

	private static int port(ConfigurableApplicationContext context, String listener) {
		return context.getBean(SwooleServer.class)
			.getListeners()
			.stream()
			.filter((candidate) -> candidate.name().equals(listener))
			.findFirst()
			.orElseThrow()
			.port();
	}

	private static ConfigurableApplicationContext run(Object... settings) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		application.setRegisterShutdownHook(false);
		String[] arguments = Stream
			.concat(Stream.of("swoole.server.port=0"),
					Arrays.stream(settings)
						.flatMap((setting) -> (setting instanceof String[] several) ? Arrays.stream(several)
								: Stream.of((String) setting)))
			.map((setting) -> "--" + setting)
			.toArray(String[]::new);
		return application.run(arguments);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SslAutoConfiguration.class, SwooleServerAutoConfiguration.class })
	@Import(Handlers.class)
	static class Application {

	}

	static class Handlers {

		private static final AtomicInteger connects = new AtomicInteger();

		@OnConnect
		void connect() {
			connects.incrementAndGet();
		}

		@OnReceive
		String receive(ClientInfo client) {
			X509Certificate certificate = client.clientCertificate();
			return client.listener() + " "
					+ ((certificate != null) ? certificate.getSubjectX500Principal().getName() : "nobody") + " ";
		}

	}

}
