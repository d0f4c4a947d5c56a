package io.swoole.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Measures how long a Spring Boot application takes to start and end, with the server of
 * the first page in it and with nothing in it, in turn.
 */
public final class StartUp {

	private StartUp() {
	}

	/**
	 * Runs the measurement.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if something cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		Arguments chosen = Arguments.parse(arguments);
		Contender.Environment environment = new Setup(chosen.module()).prepare();
		Path log = chosen.module().resolve("target/server.log");
		double[] ratios = new double[chosen.rounds()];
		for (int round = 0; round < ratios.length; round++) {
			double sample = start(environment, "SampleStart", log);
			double empty = start(environment, "EmptyApplication", log);
			ratios[round] = sample / empty;
			System.out.printf("round %d: sample %.2f s, empty %.2f s, ratio %.2f%n", round + 1, sample, empty,
					ratios[round]);
		}
		System.out.printf("median ratio %.2f (target: at most 1.35)%n", Results.median(ratios));
	}

	private static double start(Contender.Environment environment, String main, Path log)
			throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(environment.java());
		command.add("io.swoole.benchmarks.contender." + main);
		command.add("--spring.main.banner-mode=off");
		command.add("--swoole.server.enabled=" + main.equals("SampleStart"));
		command.add("--swoole.server.port=0");
		long begin = System.nanoTime();
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
			throw new IllegalStateException(main + " failed, see " + log);
		}
		return (System.nanoTime() - begin) / 1e9;
	}

}
