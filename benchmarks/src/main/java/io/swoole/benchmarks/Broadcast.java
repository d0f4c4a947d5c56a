package io.swoole.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;

/**
 * Measures a broadcast of 1 KB to 10 000 connections against a loop of sends, in turn:
 * what the calling thread spends and allocates, and when the last byte has arrived. The
 * clients are in a process of their own, {@link BroadcastClients}.
 */
public final class Broadcast implements ServerHandler {

	private static final int CONNECTIONS = 10_000;

	private static final int BYTES = 1024;

	private final AtomicInteger connected = new AtomicInteger();

	private Broadcast() {
	}

	/**
	 * Runs the measurement.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if something cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		Arguments chosen = Arguments.parse(arguments);
		Contender.Environment environment = new Setup(chosen.module()).prepare();
		Broadcast handler = new Broadcast();
		SwooleServer server = SwooleServers.create(ServerOptions.builder().port(0).build(), handler);
		server.start();
		List<String> command = new ArrayList<>(environment.java());
		command.addAll(List.of("io.swoole.benchmarks.BroadcastClients", String.valueOf(server.getAddress().getPort()),
				String.valueOf(CONNECTIONS), String.valueOf(BYTES)));
		Process clients = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try (BufferedReader arrivals = new BufferedReader(
				new InputStreamReader(clients.getInputStream(), StandardCharsets.US_ASCII))) {
			arrivals.readLine(); // all are connected
			while (handler.connected.get() < CONNECTIONS) {
				Thread.onSpinWait();
			}
			measure(server, arrivals, chosen.rounds());
		}
		finally {
			clients.destroy();
			server.shutdown();
		}
	}

	private static void measure(SwooleServer server, BufferedReader arrivals, int rounds) throws IOException {
		byte[] data = new byte[BYTES];
		for (int i = 0; i < 20; i++) {
			broadcast(server, arrivals, data);
			loop(server, arrivals, data);
		}
		double[] calls = new double[rounds];
		double[] last = new double[rounds];
		double[] allocated = new double[rounds];
		for (int round = 0; round < rounds; round++) {
			Cost together = broadcast(server, arrivals, data);
			Cost single = loop(server, arrivals, data);
			calls[round] = (double) single.caller() / together.caller();
			last[round] = (double) together.lastByte() / single.lastByte();
			allocated[round] = (double) together.allocated() / CONNECTIONS;
			System.out.printf(
					"round %d: caller %d us against %d us, last byte after %d ms against %d ms, %.1f bytes allocated per"
							+ " connection%n",
					round + 1, together.caller() / 1000, single.caller() / 1000, together.lastByte() / 1_000_000,
					single.lastByte() / 1_000_000, allocated[round]);
		}
		System.out.printf(
				"median: %.1f times less for the caller (target: at least 5), last byte at %.2f of the loop's"
						+ " time (target: at most 1), %.1f bytes per connection (target: at most 64)%n",
				Results.median(calls), Results.median(last), Results.median(allocated));
	}

	private static Cost broadcast(SwooleServer server, BufferedReader arrivals, byte[] data) throws IOException {
		return run(() -> server.broadcast(data), arrivals);
	}

	private static Cost loop(SwooleServer server, BufferedReader arrivals, byte[] data) throws IOException {
		return run(() -> {
			for (long fd = 1; fd <= CONNECTIONS; fd++) {
				server.send(fd, data);
			}
		}, arrivals);
	}

	private static Cost run(Runnable call, BufferedReader arrivals) throws IOException {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long before = threads.getCurrentThreadAllocatedBytes();
		long begin = System.nanoTime();
		call.run();
		long caller = System.nanoTime() - begin;
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		arrivals.readLine();
		return new Cost(caller, System.nanoTime() - begin, allocated);
	}

	@Override
	public void onConnect(SwooleServer server, Connection connection, int reactorId) {
		this.connected.incrementAndGet();
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
	}

	private record Cost(long caller, long lastByte, long allocated) {

	}

}
