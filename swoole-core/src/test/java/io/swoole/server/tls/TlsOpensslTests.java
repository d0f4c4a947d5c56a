package io.swoole.server.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerStats;
import io.swoole.server.SslOptions;
import io.swoole.testing.Openssl;
import io.swoole.testing.TestCertificates;
import io.swoole.testing.TestCertificates.Identity;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of TLS with a client that is not Java: SSL-02, SSL-03, SSL-05, SSL-08, SSL-09,
 * SSL-10.
 */
class TlsOpensslTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static TestCertificates servers;

	private static TestCertificates clients;

	private static Identity identity;

	@TempDir
	private static Path directory;

	private static Path authority;

	@BeforeAll
	static void issueCertificates() {
		Assumptions.assumeTrue(Openssl.isInstalled(), "openssl is not installed");
		servers = new TestCertificates("Server Authority");
		clients = new TestCertificates("Client Authority");
		identity = servers.issue("localhost");
		authority = TestCertificates.write(servers.authority(), directory.resolve("authority.pem"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-tls1_2", "-tls1_3" })
	void whenClientTrustsTheServerThenPacketsPassBothWays(String protocol) {
		try (TestServer server = TlsServers.start(TestHandler.echo(), TlsServers.context(identity));
				Openssl client = Openssl.connect(server.port(), protocol, "-CAfile", authority,
						"-verify_return_error")) {
			client.send("hello, is anybody there?\n").await("Verify return code: 0 (ok)");
			// the first is what openssl has been told to send, which it does not print
			client.await("hello, is anybody there?");
		}
	}

	@Test
	void whenClientDoesNotTrustTheServerThenThereAreNoEvents() {
		AtomicInteger events = new AtomicInteger();
		Path other = TestCertificates.write(clients.authority(), directory.resolve("other.pem"));
		try (TestServer server = TlsServers.start(
				TestHandler.echo().connect((swoole, connection, reactorId) -> events.incrementAndGet()),
				TlsServers.context(identity));
				Openssl client = Openssl.connect(server.port(), "-CAfile", other, "-verify_return_error")) {
			assertThat(client.awaitEnd()).contains("verify error");
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().abortCount() == 1);
			assertThat(events).hasValue(0);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "-tls1_2", "-tls1_3" })
	void whenClientShowsTheRightCertificateThenItIsKnown(String protocol) throws Exception {
		BlockingQueue<String> names = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.connect((swoole, connection, reactorId) -> names
				.add(connection.clientInfo().clientCertificate().getSubjectX500Principal().getName()));
		Identity alice = clients.issue("alice");
		try (TestServer server = TlsServers.start(handler, TlsServers.context(identity, clients, ClientAuth.REQUIRE));
				Openssl client = Openssl.connect(server.port(), protocol, "-cert",
						alice.writeCertificate(directory.resolve("alice.pem")), "-key",
						alice.writeKey(directory.resolve("alice.key")))) {
			client.send("hello, is anybody there?\n").await("hello, is anybody there?");
			assertThat(names.poll(20, TimeUnit.SECONDS)).isEqualTo("CN=alice");
		}
	}

	@ParameterizedTest
	@CsvSource({ "missing, -tls1_2", "missing, -tls1_3", "wrong, -tls1_2", "wrong, -tls1_3", "expired, -tls1_2",
			"expired, -tls1_3", "self-signed, -tls1_3" })
	void whenClientHasNoRightCertificateThenThereAreNoEvents(String kind, String protocol) {
		AtomicInteger events = new AtomicInteger();
		TestHandler handler = TestHandler.echo()
			.connect((swoole, connection, reactorId) -> events.incrementAndGet())
			.close((swoole, connection, reactorId) -> events.incrementAndGet());
		try (TestServer server = TlsServers.start(handler, TlsServers.context(identity, clients, ClientAuth.REQUIRE));
				Openssl client = Openssl.connect(server.port(), certificate(kind, protocol))) {
			client.awaitEnd();
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().abortCount() == 1);
			ServerStats stats = server.server().stats();
			assertThat(stats.acceptCount()).isEqualTo(1);
			assertThat(stats.closeCount()).isEqualTo(1);
			assertThat(stats.connectionNum()).isZero();
			assertThat(events).hasValue(0);
		}
	}

	private static Object[] certificate(String kind, String protocol) {
		Identity shown = switch (kind) {
			case "wrong" -> servers.issue("mallory");
			case "expired" -> clients.issueExpired("alice");
			case "self-signed" -> TestCertificates.selfSigned("alice");
			default -> null;
		};
		if (shown == null) {
			return new Object[] { protocol };
		}
		return new Object[] { protocol, "-cert", shown.writeCertificate(directory.resolve(kind + ".pem")), "-key",
				shown.writeKey(directory.resolve(kind + ".key")) };
	}

	@ParameterizedTest
	@CsvSource({ "a.test, CN = a.test", "A.Test, CN = a.test", "x.b.test, CN = *.b.test", "Y.B.TEST, CN = *.b.test",
			"b.test, CN = localhost", "x.y.b.test, CN = localhost", "other.test, CN = localhost",
			"'', CN = localhost" })
	void whenClientAsksForANameThenItGetsTheCertificateOfThatName(String name, String subject) {
		SslContext fallback = TlsServers.context(identity);
		SslContext exact = TlsServers.context(servers.issue("a.test"));
		SslContext wildcard = TlsServers.context(servers.issue("*.b.test"));
		ListenerOptions.Builder listener = ListenerOptions.builder("names")
			.ssl(SslOptions.builder(() -> fallback).sni("a.test", () -> exact).sni("*.B.test", () -> wildcard).build());
		Object[] options = name.isEmpty() ? new Object[] { "-noservername" } : new Object[] { "-servername", name };
		try (TestServer server = TestServer.start(TestHandler.echo(), (all) -> all.listener(listener.build()));
				Openssl client = Openssl.connect(server.port("names"), options)) {
			client.send("hello, is anybody there?\n").await("hello, is anybody there?");
			assertThat(client.output()).contains("subject=" + subject + "\n");
		}
	}

	@Test
	void whenContextAllowsOneProtocolThenOthersAreRefused() {
		SslContext context = TlsServers.context(identity,
				(builder) -> builder.protocols("TLSv1.2").ciphers(List.of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")));
		try (TestServer server = TlsServers.start(TestHandler.echo(), context)) {
			try (Openssl client = Openssl.connect(server.port(), "-tls1_2")) {
				client.await("Cipher is ECDHE-ECDSA-AES256-GCM-SHA384");
			}
			try (Openssl client = Openssl.connect(server.port(), "-tls1_3")) {
				client.awaitEnd();
			}
			Awaitility.await().atMost(PATIENCE).until(() -> server.server().stats().abortCount() == 1);
		}
	}

	@Test
	void whenServerClosesThenClientIsTold() {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			connection.send("goodbye\n");
			connection.close();
		});
		try (TestServer server = TlsServers.start(handler, TlsServers.context(identity));
				Openssl client = Openssl.connect(server.port())) {
			// openssl prints this only after the farewell of TLS
			assertThat(client.send("hello\n").awaitEnd()).contains("goodbye\n").contains("closed");
		}
	}

}
