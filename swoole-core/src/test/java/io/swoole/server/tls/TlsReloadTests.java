package io.swoole.server.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.SSLSocket;

import io.netty.handler.ssl.SslContext;
import io.swoole.server.ServerMode;
import io.swoole.server.TransportType;
import io.swoole.testing.TestCertificates;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of another certificate while clients talk: SSL-01.
 */
class TlsReloadTests {

	private static final int CLIENTS = 20;

	@ParameterizedTest
	@MethodSource("io.swoole.testing.Transports#available")
	void whenContextIsReplacedThenNoClientNoticesAndNewOnesGetTheNewCertificate(TransportType transport)
			throws Exception {
		ServerMode mode = (transport != TransportType.NIO) ? ServerMode.BASE : ServerMode.PROCESS;
		TestCertificates authority = new TestCertificates("Test Authority");
		AtomicReference<SslContext> current = new AtomicReference<>(TlsServers.context(authority.issue("first")));
		AtomicBoolean stop = new AtomicBoolean();
		AtomicLong answers = new AtomicLong();
		CountDownLatch connected = new CountDownLatch(CLIENTS);
		ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
		try (TestServer server = TestServer.start(TestHandler.echo(),
				TlsServers.tls(current::get).andThen((options) -> options.mode(mode).transport(transport)))) {
			List<Future<?>> clients = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				clients.add(threads.submit(() -> {
					try (TestClient client = TlsServers.connect(server.port(), authority.clientContext())) {
						connected.countDown();
						while (!stop.get()) {
							assertThat(client.send("hello").readText(5)).isEqualTo("hello");
							answers.incrementAndGet();
						}
					}
					return null;
				}));
			}
			assertThat(connected.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(subject(server, authority)).isEqualTo("CN=first");
			for (int round = 0; round < 5; round++) {
				String name = "round-" + round;
				current.set(TlsServers.context(authority.issue(name)));
				assertThat(subject(server, authority)).isEqualTo("CN=" + name);
				long before = answers.get();
				Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> answers.get() > before + CLIENTS * 5);
			}
			stop.set(true);
			for (Future<?> client : clients) {
				client.get(30, TimeUnit.SECONDS);
			}
			assertThat(server.server().stats().acceptCount()).isEqualTo(CLIENTS + 6);
			assertThat(server.server().stats().abortCount()).isZero();
		}
		finally {
			stop.set(true);
			threads.shutdownNow();
		}
	}

	private static String subject(TestServer server, TestCertificates authority) throws Exception {
		try (TestClient client = TlsServers.connect(server.port(), authority.clientContext())) {
			X509Certificate certificate = (X509Certificate) ((SSLSocket) client.socket()).getSession()
				.getPeerCertificates()[0];
			return certificate.getSubjectX500Principal().getName();
		}
	}

}
