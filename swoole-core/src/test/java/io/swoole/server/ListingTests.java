package io.swoole.server;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;

import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * LIST: finding connections.
 */
class ListingTests {

	/** LIST-01. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenListIsReadPageByPageThenHasAllInOrder(ServerMode mode) {
		try (TestServer server = TestServer.start(TestHandler.echo(), (options) -> options.mode(mode))) {
			List<TestClient> clients = connect(server, 250);
			List<Long> all = new ArrayList<>();
			List<Long> page = server.server().getClientList(0, 100);
			while (!page.isEmpty()) {
				all.addAll(page);
				page = server.server().getClientList(page.get(page.size() - 1), 100);
			}
			assertThat(all).isEqualTo(LongStream.rangeClosed(1, 250).boxed().toList());
			assertThat(server.server().getClientList(0, 1)).containsExactly(1L);
			assertThat(server.server().getClientList(-7, 3)).containsExactly(1L, 2L, 3L);
			assertThat(server.server().getClientList(245, 10)).containsExactly(246L, 247L, 248L, 249L, 250L);
			assertThat(server.server().getClientList(250, 10)).isEmpty();
			assertThat(server.server().getClientList(Long.MAX_VALUE, 10)).isEmpty();
			clients.forEach(TestClient::close);
		}
	}

	/** LIST-01: goes on behind a connection that has ended. */
	@Test
	void whenStartHasEndedThenGoesOnBehindIt() {
		try (TestServer server = TestServer.start(TestHandler.echo())) {
			List<TestClient> clients = connect(server, 10);
			for (int i : new int[] { 2, 3, 7 }) {
				clients.get(i).close();
			}
			Awaitility.await().until(() -> server.server().getConnectionCount() == 7);
			assertThat(server.server().getClientList(3, 3)).containsExactly(5L, 6L, 7L);
			assertThat(server.server().getClientList(4, 100)).containsExactly(5L, 6L, 7L, 9L, 10L);
			clients.forEach(TestClient::close);
		}
	}

	/** LIST-01. */
	@Test
	void whenSizeIsNotAllowedThenThrows() {
		try (TestServer server = TestServer.start(TestHandler.echo())) {
			assertThatIllegalArgumentException().isThrownBy(() -> server.server().getClientList(0, 0))
				.withMessageContaining("1 to 100");
			assertThatIllegalArgumentException().isThrownBy(() -> server.server().getClientList(0, 101));
			assertThatIllegalArgumentException().isThrownBy(() -> server.server().getClientList(0, -1));
		}
	}

	/** LIST-02: neither while the close callback waits nor while it runs. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenConnectionIsBeingClosedThenIsNotListed(ServerMode mode) throws Exception {
		BlockingQueue<List<Long>> listed = new LinkedBlockingQueue<>();
		TestHandler handler = TestHandler.echo()
			.close((server, connection, reactorId) -> listed.add(server.getClientList(0, 100)));
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode))) {
			List<TestClient> clients = connect(server, 3);
			server.server().close(2);
			assertThat(server.server().getClientList(0, 100)).containsExactly(1L, 3L);
			assertThat(fds(server.server().getConnections())).containsExactly(1L, 3L);
			assertThat(listed.poll(10, TimeUnit.SECONDS)).containsExactly(1L, 3L);
			clients.forEach(TestClient::close);
		}
	}

	/** LIST-03. */
	@Test
	void whenServerHasSeveralListenersThenConnectionsAreOfAll() {
		try (TestServer server = TestServer.start(TestHandler.echo(),
				(options) -> options.listener(ListenerOptions.builder("second").build()));
				TestClient first = echoing(server.connect());
				TestClient second = echoing(TestClient.connect(server.port("second")))) {
			List<String> listeners = new ArrayList<>();
			server.server().getConnections().forEach((connection) -> listeners.add(connection.clientInfo().listener()));
			assertThat(listeners).containsExactly("main", "second");
			assertThat(server.server().getConnectionCount()).isEqualTo(2);
			echoing(first);
			echoing(second);
		}
	}

	/** LIST-03. */
	@Test
	void whenOthersCloseMeanwhileThenIterationGoesOn() {
		try (TestServer server = TestServer.start(TestHandler.echo())) {
			List<TestClient> clients = connect(server, 60);
			Iterable<Connection> connections = server.server().getConnections();
			List<Long> seen = new ArrayList<>();
			for (Connection connection : connections) {
				seen.add(connection.fd());
				server.server().close(connection.fd());
				server.server().close(61 - connection.fd());
			}
			assertThat(seen).isSorted().contains(1L, 2L, 29L).hasSizeBetween(30, 32);
			Awaitility.await().until(() -> !connections.iterator().hasNext());
			Iterator<Connection> none = connections.iterator();
			assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(none::next);
			Awaitility.await().until(() -> server.server().getConnectionCount() == 0);
			clients.forEach(TestClient::close);
		}
	}

	/** LIST-05. */
	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTaskGoesThroughConnectionsThenReachesAll(ServerMode mode) {
		TestHandler handler = new TestHandler().receive((server, connection, packet) -> {
			if (packet.isReadable(4)) {
				server.task("all");
			}
			else {
				connection.send("ok");
			}
		}).task((server, task) -> {
			server.getConnections().forEach((connection) -> connection.send("hello all"));
			return null;
		});
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode).taskWorkerNum(1))) {
			List<TestClient> clients = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				TestClient client = server.connect().send("?");
				assertThat(client.readText(2)).isEqualTo("ok");
				clients.add(client);
			}
			clients.get(7).send("tell all");
			for (TestClient client : clients) {
				assertThat(client.readText(9)).isEqualTo("hello all");
				client.close();
			}
		}
	}

	@Test
	void whenServerDoesNotRunThenThereAreNoConnections() {
		SwooleServer server = SwooleServers.create(ServerOptions.builder().build(), TestHandler.echo());
		assertThat(server.getClientList(0, 10)).isEmpty();
		assertThat(server.getConnections()).isEmpty();
		assertThat(server.getConnectionCount()).isZero();
		assertThat(server.heartbeat(true)).isEmpty();
		assertThat(server.getGroup("any")).isEmpty();
		assertThat(server.broadcast(new byte[1])).isZero();
		assertThat(server.broadcast("any", new byte[1])).isZero();
		assertThat(server.sendToUser(1, new byte[1])).isZero();
		assertThat(server.join(1, "any")).isFalse();
		assertThat(server.leave(1, "any")).isFalse();
	}

	@Test
	void whenConnectionsComeAndGoThenListsStayInOrder() throws Exception {
		CountDownLatch done = new CountDownLatch(1);
		try (TestServer server = TestServer.start(TestHandler.echo())) {
			List<TestClient> staying = connect(server, 20);
			Thread churn = new Thread(() -> {
				while (done.getCount() > 0) {
					echoing(server.connect()).close();
				}
			});
			churn.start();
			for (int i = 0; i < 2000; i++) {
				assertThat(fds(server.server().getConnections())).isSorted().startsWith(1L, 2L, 3L).contains(20L);
			}
			done.countDown();
			churn.join();
			staying.forEach(TestClient::close);
		}
	}

	private static List<Long> fds(Iterable<Connection> connections) {
		return StreamSupport.stream(connections.spliterator(), false).map(Connection::fd).toList();
	}

	private static List<TestClient> connect(TestServer server, int count) {
		List<TestClient> clients = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			clients.add(echoing(server.connect()));
		}
		return clients;
	}

	private static TestClient echoing(TestClient client) {
		assertThat(client.send("hello").readText(5)).isEqualTo("hello");
		return client;
	}

}
