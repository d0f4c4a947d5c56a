package io.swoole.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.StreamSupport;

import com.sun.management.ThreadMXBean;
import io.swoole.benchmarks.contender.BroadcastClients;
import io.swoole.server.Connection;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;

/**
 * Measures a broadcast of 1 KB to 10 000 connections against a loop over {@code send()},
 * in turn: the time of the calling thread, what it allocates, and when the last client
 * has the last byte.
 */
public final class Broadcasting {

	private static final int CLIENTS = 10_000;

	private static final byte[] DATA = new byte[1024];

	private static final int WARM_UP = 20;

	private Broadcasting() {
	}

	/**
	 * Runs the measurement.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if something cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		int rounds = 4 * Arguments.parse(arguments).rounds();
		SwooleServer server = SwooleServers.create(ServerOptions.builder().port(0).build(),
				(run, connection, packet) -> {
				});
		server.start();
		Process clients = startClients(server.getAddress().getPort());
		try (BufferedReader signals = new BufferedReader(
				new InputStreamReader(clients.getInputStream(), StandardCharsets.UTF_8))) {
			await(signals, BroadcastClients.CONNECTED);
			while (server.getConnectionCount() < CLIENTS) {
				Thread.onSpinWait();
			}
			List<Long> fds = StreamSupport.stream(server.getConnections().spliterator(), false)
				.map(Connection::fd)
				.toList();
			Series broadcast = new Series(rounds);
			Series loop = new Series(rounds);
			for (int round = -WARM_UP; round < rounds; round++) {
				broadcast.measure(round, signals, () -> server.broadcast(DATA));
				loop.measure(round, signals, () -> (int) fds.stream().filter((fd) -> server.send(fd, DATA)).count());
			}
			broadcast.print("broadcast");
			loop.print("loop");
			System.out.printf("time of the caller: %.1f times less than the loop (target: at least 5.0)%n",
					Results.median(loop.callMicros) / Results.median(broadcast.callMicros));
			System.out.printf("last byte: %.2f of the loop (target: at most 1.00)%n",
					Results.median(broadcast.lastMicros) / Results.median(loop.lastMicros));
			System.out.printf("allocated: %.1f bytes per connection (target: at most 64)%n",
					Results.median(broadcast.bytes));
		}
		finally {
			clients.destroyForcibly().waitFor();
			server.shutdown();
		}
	}

	private static Process startClients(int port) throws IOException {
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), BroadcastClients.class.getName(), String.valueOf(port),
				String.valueOf(CLIENTS), String.valueOf(DATA.length))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
	}

	private static void await(BufferedReader signals, String signal) throws IOException {
		String line = signals.readLine();
		if (!signal.equals(line)) {
			throw new IllegalStateException("The clients should be " + signal + ", but say " + line);
		}
	}

	private static final class Series {

		private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

		private final double[] callMicros;

		private final double[] lastMicros;

		private final double[] bytes;

		Series(int rounds) {
			this.callMicros = new double[rounds];
			this.lastMicros = new double[rounds];
			this.bytes = new double[rounds];
		}

		/** Measures one round; negative ones only warm up. */
		void measure(int round, BufferedReader signals, IntSupplier send) throws IOException {
			long allocated = this.threads.getCurrentThreadAllocatedBytes();
			long begin = System.nanoTime();
			int accepted = send.getAsInt();
			long called = System.nanoTime();
			allocated = this.threads.getCurrentThreadAllocatedBytes() - allocated;
			if (accepted != CLIENTS) {
				throw new IllegalStateException("Only " + accepted + " connections have accepted");
			}
			await(signals, BroadcastClients.RECEIVED);
			if (round >= 0) {
				this.callMicros[round] = (called - begin) / 1e3;
				this.lastMicros[round] = (System.nanoTime() - begin) / 1e3;
				this.bytes[round] = (double) allocated / CLIENTS;
			}
		}

		void print(String name) {
			System.out.printf(
					"%-9s: %6.0f us for the caller, %7.0f us until the last byte, %6.1f bytes per connection%n", name,
					Results.median(this.callMicros), Results.median(this.lastMicros), Results.median(this.bytes));
		}

	}

}
