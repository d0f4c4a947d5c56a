package io.swoole.server;

import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.management.ThreadMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.swoole.testing.ClientSwarm;
import io.swoole.testing.TestClient;
import io.swoole.testing.TestHandler;
import io.swoole.testing.TestServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * LIMIT-06: very many connections at once.
 */
class ManyConnectionsTests {

	private static final Logger logger = LoggerFactory.getLogger(ManyConnectionsTests.class);

	private static final int CLIENTS = 10_000;

	private static final int FILES = CLIENTS + 1000;

	@BeforeEach
	void needsFiles() {
		long files = (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)
				? system.getMaxFileDescriptorCount() : 0;
		assumeTrue(files >= FILES,
				() -> "needs " + FILES + " open files, but may have " + files + " (raise it with ulimit -n)");
	}

	@ParameterizedTest
	@EnumSource(ServerMode.class)
	void whenTenThousandConnectThenAllAreServedAndTakeLittleMemory(ServerMode mode) throws Exception {
		Set<Long> connected = ConcurrentHashMap.newKeySet();
		Set<Long> closed = ConcurrentHashMap.newKeySet();
		AtomicInteger twice = new AtomicInteger();
		TestHandler handler = TestHandler.echo()
			.connect((server, connection, reactorId) -> twice.addAndGet(connected.add(connection.fd()) ? 0 : 1))
			.close((server, connection, reactorId) -> twice.addAndGet(closed.add(connection.fd()) ? 0 : 1));
		try (TestServer server = TestServer.start(handler, (options) -> options.mode(mode))) {
			warmUp(server);
			connected.clear();
			closed.clear();
			long before = usedHeap();
			try (ClientSwarm clients = ClientSwarm.connect(server.port(), CLIENTS)) {
				assertThat(server.server().stats().connectionNum()).isEqualTo(CLIENTS);
				assertThat(connected).hasSize(CLIENTS);
				checkMemory(mode, before, connected);
				checkListing(server.server(), connected);
				checkBroadcast(mode, server.server(), clients);
				assertThat(closed).isEmpty();
			}
			Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> server.server().stats().connectionNum() == 0);
			assertThat(closed).isEqualTo(connected);
			assertThat(twice).as("events that came twice").hasValue(0);
			assertThat(handler.errors).isEmpty();
		}
	}

	private static void warmUp(TestServer server) {
		for (int i = 0; i < 200; i++) {
			try (TestClient client = server.connect()) {
				assertThat(client.send("hello").readText(5)).isEqualTo("hello");
				server.server().broadcast(new byte[1024]);
			}
		}
		Awaitility.await().until(() -> server.server().stats().connectionNum() == 0);
	}

	private static void checkMemory(ServerMode mode, long before, Set<Long> connected) {
		// what this test itself keeps for a connection is counted as well
		long perConnection = (usedHeap() - before) / connected.size();
		logger.warn("{} bytes of heap per idle connection in mode {}", perConnection, mode);
		assertThat(perConnection).isLessThanOrEqualTo(8 * 1024);
	}

	/** LIST-01. */
	private static void checkListing(SwooleServer server, Set<Long> connected) {
		Set<Long> listed = new HashSet<>();
		int pages = 0;
		long last = 0;
		for (List<Long> page = server.getClientList(0, 100); !page.isEmpty(); page = server.getClientList(last, 100)) {
			assertThat(page).isSorted();
			assertThat(page.get(0)).isGreaterThan(last);
			last = page.get(page.size() - 1);
			listed.addAll(page);
			pages++;
		}
		assertThat(pages).isEqualTo(CLIENTS / 100);
		assertThat(listed).isEqualTo(connected);
		assertThat(server.getConnections()).hasSize(CLIENTS);
	}

	private static void checkBroadcast(ServerMode mode, SwooleServer server, ClientSwarm clients) throws Exception {
		byte[] data = new byte[1024];
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long begin = System.nanoTime();
		long before = threads.getCurrentThreadAllocatedBytes();
		int accepted = server.broadcast(data);
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		long called = System.nanoTime() - begin;
		assertThat(accepted).isEqualTo(CLIENTS);
		clients.awaitBytes(data.length);
		logger.warn(
				"Broadcast of 1 KB to {} connections in mode {}: {} µs for the caller, {} ms until all have it, {} bytes"
						+ " allocated per connection",
				CLIENTS, mode, called / 1000, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin),
				(double) allocated / CLIENTS);
		assertThat(allocated / CLIENTS).isLessThanOrEqualTo(64);
	}

	private static long usedHeap() {
		long least = Long.MAX_VALUE;
		for (int i = 0; i < 4; i++) {
			System.gc();
			least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
		}
		return least;
	}

}
