package io.swoole.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures what idle connections cost the active ones: echo on 64 connections with none,
 * 1 000 and 10 000 idle ones beside them.
 */
public final class IdleConnections {

	private static final int[] IDLE = { 0, 1_000, 10_000 };

	private IdleConnections() {
	}

	/**
	 * Runs the measurement.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if something cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		Arguments chosen = Arguments.parse(arguments);
		Setup setup = new Setup(chosen.module());
		Contender.Environment environment = setup.prepare();
		Path log = chosen.module().resolve("target/server.log");
		double[] heaps = new double[chosen.rounds()];
		double[][] speeds = new double[IDLE.length][chosen.rounds()];
		try (ServerProcess server = ServerProcess.start((port) -> Contender.CORE.command(environment, "E", port),
				log)) {
			Load.MANY.run(setup.script(), server.port(), chosen.warmUp());
			for (int round = 0; round < chosen.rounds(); round++) {
				for (int i = 0; i < IDLE.length; i++) {
					speeds[i][round] = measure(setup, server, IDLE[i], chosen.seconds());
				}
				heaps[round] = heap(server);
			}
		}
		for (int i = 0; i < IDLE.length; i++) {
			double[] ratios = new double[chosen.rounds()];
			for (int round = 0; round < ratios.length; round++) {
				ratios[round] = speeds[i][round] / speeds[0][round];
			}
			System.out.printf("%6d idle: %.0f requests/s, %.2f of none (target: at least 0.90)%n", IDLE[i],
					Results.median(speeds[i]), Results.median(ratios));
		}
		System.out.printf("%.0f bytes of heap per idle connection (target: at most 8192)%n", Results.median(heaps));
	}

	/** The heap that one idle connection takes, in bytes. */
	private static double heap(ServerProcess server) throws IOException, InterruptedException {
		int idle = IDLE[IDLE.length - 1];
		long before = server.heap();
		List<SocketChannel> connections = open(server, idle);
		try {
			return (double) (server.heap() - before) / idle;
		}
		finally {
			close(connections);
		}
	}

	private static List<SocketChannel> open(ServerProcess server, int count) throws IOException {
		List<SocketChannel> connections = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			connections.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port())));
		}
		return connections;
	}

	private static void close(List<SocketChannel> connections) throws IOException {
		for (SocketChannel connection : connections) {
			connection.close();
		}
	}

	private static double measure(Setup setup, ServerProcess server, int idle, int seconds)
			throws IOException, InterruptedException {
		List<SocketChannel> connections = open(server, idle);
		try {
			return Load.MANY.run(setup.script(), server.port(), seconds).requestsPerSecond();
		}
		finally {
			close(connections);
		}
	}

}
