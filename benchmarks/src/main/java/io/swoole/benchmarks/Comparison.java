package io.swoole.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures all servers in turn, round after round, and writes table, chart and raw data.
 */
public final class Comparison {

	private final Arguments arguments;

	private final Setup setup;

	private final Path log;

	private Comparison(Arguments arguments) {
		this.arguments = arguments;
		this.setup = new Setup(arguments.module());
		this.log = arguments.module().resolve("target/server.log");
	}

	/**
	 * Runs the comparison.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if something cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		new Comparison(Arguments.parse(arguments)).run();
	}

	private void run() throws IOException, InterruptedException {
		Contender.Environment environment = this.setup.prepare();
		Results results = new Results();
		for (int round = 1; round <= this.arguments.rounds(); round++) {
			for (String work : List.of("E", "T")) {
				for (Contender contender : Contender.ALL) {
					if ((!contender.isLimit() || work.equals("E")) && contender.isWanted(this.arguments.only())) {
						measure(round, contender, work, environment, results);
					}
				}
			}
		}
		Path folder = this.arguments.output();
		Files.createDirectories(folder);
		new Report(results, this.arguments).write(folder);
		System.out.println("Written to " + folder);
	}

	private void measure(int round, Contender contender, String work, Contender.Environment environment,
			Results results) throws IOException, InterruptedException {
		try (ServerProcess server = ServerProcess.start((port) -> contender.command(environment, work, port),
				this.log)) {
			Load.MANY.run(this.setup.script(), server.port(), this.arguments.warmUp());
			Load.PIPELINED.run(this.setup.script(), server.port(), Math.max(1, this.arguments.warmUp() / 4));
			for (Load load : Load.ALL) {
				Measurement measurement = measure(round, contender, work, server, load);
				results.add(measurement);
				System.out.println(measurement.csv());
			}
		}
	}

	private Measurement measure(int round, Contender contender, String work, ServerProcess server, Load load)
			throws IOException, InterruptedException {
		try {
			load.run(this.setup.script(), server.port(), 1);
			long before = server.cpuMicros();
			Load.Report report = load.run(this.setup.script(), server.port(), this.arguments.seconds());
			double cpu = (double) (server.cpuMicros() - before) / report.requests();
			return new Measurement(round, contender, work, load, report.requestsPerSecond(), report.p50(), report.p99(),
					report.p999(), cpu, server.residentMegabytes(), report.errors());
		}
		catch (IllegalStateException ex) {
			// a server that is overwhelmed must not end the comparison of the others
			System.out.println(contender.name() + " does not answer " + load.name() + ": " + ex.getMessage().strip());
			return new Measurement(round, contender, work, load, 0, 0, 0, 0, Double.NaN, server.residentMegabytes(), 1);
		}
	}

}
