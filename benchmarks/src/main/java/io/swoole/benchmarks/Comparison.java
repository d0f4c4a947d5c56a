package io.swoole.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
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
		List<Turn> turns = turns();
		Progress progress = new Progress(turns.size(), expectedSeconds());
		for (Turn turn : turns) {
			System.out.println(progress.next(turn.toString()));
			measure(turn, environment, results);
		}
		Path folder = this.arguments.output();
		Files.createDirectories(folder);
		new Report(results, this.arguments).write(folder);
		System.out.println("Written to " + folder);
	}

	/**
	 * How long a turn takes about: start, warm-up, and a second before each measurement.
	 */
	private int expectedSeconds() {
		return 4 + this.arguments.warmUp() * 5 / 4 + Load.ALL.size() * (1 + this.arguments.seconds());
	}

	private List<Turn> turns() {
		List<Turn> turns = new ArrayList<>();
		for (int round = 1; round <= this.arguments.rounds(); round++) {
			for (String work : List.of("E", "T")) {
				for (Contender contender : Contender.ALL) {
					if ((!contender.isLimit() || work.equals("E")) && contender.isWanted(this.arguments.only())) {
						turns.add(new Turn(round, contender, work));
					}
				}
			}
		}
		return turns;
	}

	private void measure(Turn turn, Contender.Environment environment, Results results)
			throws IOException, InterruptedException {
		try (ServerProcess server = ServerProcess
			.start((port) -> turn.contender().command(environment, turn.work(), port), this.log)) {
			Load.MANY.run(this.setup.script(), server.port(), this.arguments.warmUp());
			Load.PIPELINED.run(this.setup.script(), server.port(), Math.max(1, this.arguments.warmUp() / 4));
			for (Load load : Load.ALL) {
				Measurement measurement = measure(turn, server, load);
				results.add(measurement);
				System.out.println(measurement.csv());
			}
		}
		catch (IllegalStateException ex) {
			System.out.println("Not measured: " + ex.getMessage().strip());
			Load.ALL.forEach((load) -> results.add(turn.failure(load)));
		}
	}

	private Measurement measure(Turn turn, ServerProcess server, Load load) throws IOException, InterruptedException {
		try {
			load.run(this.setup.script(), server.port(), 1);
			long before = server.cpuMicros();
			Load.Report report = load.run(this.setup.script(), server.port(), this.arguments.seconds());
			if (report.requests() > 0) {
				double cpu = (double) (server.cpuMicros() - before) / report.requests();
				return new Measurement(turn.round(), turn.contender(), turn.work(), load, report.requestsPerSecond(),
						report.p50(), report.p99(), report.p999(), cpu, server.residentMegabytes(), report.errors());
			}
			System.out.println("No answer to " + load.name());
		}
		catch (IllegalStateException | NoSuchFileException ex) {
			System.out.println("No answer to " + load.name() + ": " + ex.getMessage().strip());
		}
		// a server that is overwhelmed, or gone, must not end the comparison of the
		// others
		return turn.failure(load);
	}

	/** A server's turn in a round. */
	private record Turn(int round, Contender contender, String work) {

		Measurement failure(Load load) {
			return Measurement.failure(this.round, this.contender, this.work, load);
		}

		@Override
		public String toString() {
			return "round " + this.round + ", " + this.work + ", " + this.contender.name();
		}

	}

}
