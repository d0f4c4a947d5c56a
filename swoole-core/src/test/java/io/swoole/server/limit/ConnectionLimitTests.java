package io.swoole.server.limit;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import io.netty.channel.embedded.EmbeddedChannel;
import io.swoole.testing.LogCapture;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ConnectionLimit} and {@link Lease}.
 */
class ConnectionLimitTests {

	/** LIMIT-01. */
	@Test
	void whenNothingIsSetThenIsTheSmallerOfAHundredThousandAndTheOpenFiles() {
		assertThat(ConnectionLimit.effective(0, 1024)).isEqualTo(1024);
		assertThat(ConnectionLimit.effective(0, 1_000_000)).isEqualTo(100_000);
		assertThat(ConnectionLimit.effective(0, Long.MAX_VALUE)).isEqualTo(100_000);
	}

	/** LIMIT-01. */
	@Test
	void whenMoreThanTheOpenFilesIsSetThenIsLoweredWithAWarning() {
		try (LogCapture log = LogCapture.of("io.swoole.server.limit")) {
			assertThat(ConnectionLimit.effective(5000, 1024)).isEqualTo(1024);
			assertThat(log.messages(Level.WARN)).singleElement()
				.asString()
				.contains("max-connection of 5000 is lowered to 1024", "ulimit -n");
		}
		assertThat(ConnectionLimit.effective(1, 1024)).isEqualTo(1);
		assertThat(ConnectionLimit.effective(1_048_576, Long.MAX_VALUE)).isEqualTo(1_048_576);
	}

	@Test
	void whenSocketIsClosedThenPlaceStaysTakenAsLongAsTheConnectionHoldsIt() {
		ConnectionLimit limit = new ConnectionLimit(1, 0);
		EmbeddedChannel channel = new EmbeddedChannel();
		Lease lease = limit.lease();
		lease.attach(channel);
		assertThat(Lease.of(channel)).isSameAs(lease);
		assertThat(limit.lease()).isNull();
		lease.hold();
		channel.close();
		assertThat(limit.open()).isOne();
		lease.release();
		assertThat(limit.open()).isZero();
	}

	@Test
	void whenConnectionIsNeverEstablishedThenItsSocketAloneHoldsThePlace() {
		ConnectionLimit limit = new ConnectionLimit(1, 0);
		EmbeddedChannel channel = new EmbeddedChannel();
		limit.lease().attach(channel);
		channel.close();
		assertThat(limit.open()).isZero();
	}

	@Test
	void whenAddressHasItsFillThenOthersStillGetIn() throws Exception {
		ConnectionLimit limit = new ConnectionLimit(100, 2);
		InetAddress one = InetAddress.getByName("10.0.0.1");
		Lease first = limit.lease();
		assertThat(first.claim(one)).isTrue();
		assertThat(limit.lease().claim(one)).isTrue();
		Lease refused = limit.lease();
		assertThat(refused.claim(one)).isFalse();
		refused.release();
		assertThat(limit.lease().claim(InetAddress.getByName("10.0.0.2"))).isTrue();
		first.release();
		assertThat(limit.lease().claim(one)).isTrue();
		assertThat(limit.lease().claim(one)).isFalse();
	}

	/** LIMIT-02: the count is exact, whoever comes and goes at the same time. */
	@Test
	void whenManyComeAndGoAtOnceThenTheLimitIsNeverExceededAndNothingIsLeft() throws Exception {
		ConnectionLimit limit = new ConnectionLimit(20, 7);
		AtomicInteger[] held = { new AtomicInteger(), new AtomicInteger(), new AtomicInteger(), new AtomicInteger() };
		AtomicInteger all = new AtomicInteger();
		ExecutorService clients = Executors.newFixedThreadPool(6);
		try {
			List<Callable<Void>> work = new ArrayList<>();
			for (int i = 0; i < 6; i++) {
				work.add(() -> {
					for (int round = 0; round < 20_000; round++) {
						Lease lease = limit.lease();
						if (lease == null) {
							continue;
						}
						int address = ThreadLocalRandom.current().nextInt(4);
						assertThat(all.incrementAndGet()).isLessThanOrEqualTo(20);
						if (lease.claim(InetAddress.getByAddress(new byte[] { 10, 0, 0, (byte) address }))) {
							assertThat(held[address].incrementAndGet()).isLessThanOrEqualTo(7);
							held[address].decrementAndGet();
						}
						all.decrementAndGet();
						lease.release();
					}
					return null;
				});
			}
			for (Future<Void> result : clients.invokeAll(work)) {
				result.get();
			}
		}
		finally {
			clients.shutdownNow();
		}
		assertThat(limit.open()).isZero();
		assertThat(limit.addresses()).as("addresses without a connection").isZero();
	}

}
