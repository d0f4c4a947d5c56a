package io.swoole.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures whether echo suffers while 64 other connections flood the task workers: the
 * 99th percentile with and without the flood, in turn.
 */
public final class Isolation {

	private static final Load ECHO = new Load("echo", 16, 1);

	private static final Load FLOOD = new Load("flood", 64, 1);

	private Isolation() {
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
		try (ServerProcess server = ServerProcess.start((port) -> command(environment, port), log)) {
			ECHO.run(setup.script(), server.port(), chosen.warmUp());
			double[] ratios = new double[chosen.rounds()];
			for (int round = 0; round < ratios.length; round++) {
				Load.Report alone = ECHO.run(setup.script(), server.port(), chosen.seconds());
				Load.Report flooded = flooded(setup, server, chosen.seconds());
				ratios[round] = (double) flooded.p99() / alone.p99();
				System.out.printf("round %d: p99 alone %d us, under flood %d us, ratio %.2f%n", round + 1, alone.p99(),
						flooded.p99(), ratios[round]);
			}
			System.out.printf("median ratio %.2f (target: at most 2.00)%n", Results.median(ratios));
		}
	}

	private static List<String> command(Contender.Environment environment, int port) {
		List<String> command = new ArrayList<>(environment.java());
		command.add("io.swoole.benchmarks.contender.FloodedServer");
		command.add(String.valueOf(port));
		return command;
	}

	private static Load.Report flooded(Setup setup, ServerProcess server, int seconds)
			throws IOException, InterruptedException {
		Process flood = FLOOD.begin(setup.script(), server.port(), seconds + 2, "/task");
		Load.Report report = ECHO.run(setup.script(), server.port(), seconds);
		Load.end(flood);
		return report;
	}

}
