package io.swoole.benchmarks.micro;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

import io.swoole.benchmarks.contender.BroadcastClients;
import io.swoole.server.Connection;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 1 KB to 900 connections, until the last of them has the last byte: by one broadcast,
 * and by one {@code send()} each.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class BroadcastBenchmark {

	private static final int CLIENTS = 900;

	private static final byte[] DATA = new byte[1024];

	private SwooleServer server;

	private Process clients;

	private BufferedReader signals;

	private List<Long> fds;

	/**
	 * Starts the server, and the clients in a process of their own.
	 * @throws IOException if the clients cannot be started
	 */
	@Setup(Level.Trial)
	public void start() throws IOException {
		this.server = SwooleServers.create(ServerOptions.builder().port(0).build(), (server, connection, packet) -> {
		});
		this.server.start();
		this.clients = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), BroadcastClients.class.getName(),
				String.valueOf(this.server.getAddress().getPort()), String.valueOf(CLIENTS),
				String.valueOf(DATA.length))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		this.signals = new BufferedReader(new InputStreamReader(this.clients.getInputStream(), StandardCharsets.UTF_8));
		await(BroadcastClients.CONNECTED);
		while (this.server.getConnectionCount() < CLIENTS) {
			Thread.onSpinWait();
		}
		this.fds = StreamSupport.stream(this.server.getConnections().spliterator(), false).map(Connection::fd).toList();
	}

	/**
	 * Ends both.
	 * @throws InterruptedException if interrupted
	 */
	@TearDown(Level.Trial)
	public void stop() throws InterruptedException {
		this.clients.destroyForcibly().waitFor();
		this.server.shutdown();
		this.server.awaitTermination(Duration.ofSeconds(10));
	}

	/**
	 * One call for all.
	 * @throws IOException if the clients have ended
	 */
	@Benchmark
	public void broadcast() throws IOException {
		this.server.broadcast(DATA);
		await(BroadcastClients.RECEIVED);
	}

	/**
	 * One call for each.
	 * @throws IOException if the clients have ended
	 */
	@Benchmark
	public void sends() throws IOException {
		for (long fd : this.fds) {
			this.server.send(fd, DATA);
		}
		await(BroadcastClients.RECEIVED);
	}

	private void await(String signal) throws IOException {
		String line = this.signals.readLine();
		if (!signal.equals(line)) {
			throw new IllegalStateException("The clients should be " + signal + ", but say " + line);
		}
	}

}
