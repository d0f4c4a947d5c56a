package io.swoole.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

import org.springframework.boot.SpringBootVersion;

/**
 * Writes results as raw data, a table with the targets, and a chart.
 */
final class Report {

	private static final String MEANING = """
			Times to answer run from the write of a request until wrk has read the whole answer, on one thread for \
			all connections; with 16 pipelined, from the write that holds the 16 requests until the last of their \
			16 answers. They are the times that were measured: what wrk adds to them by itself is taken out again.

			Peers are the frameworks with default settings, because this project runs with its own, which are the \
			native transport and all processors: Vert.x (NIO, one instance), reactor-netty (native transport), and \
			Spring Integration, which is given TCP_NODELAY as the others have it, and a backlog and send buffers \
			with which it takes 1000 connections. Vert.x set to native transport and an instance per processor is no peer in this sense; it is \
			compared in rows of their own.""";

	private final Results results;

	private final Arguments arguments;

	Report(Results results, Arguments arguments) {
		this.results = results;
		this.arguments = arguments;
	}

	void write(Path folder) throws IOException {
		List<String> raw = new ArrayList<>(List.of(Measurement.CSV_HEADER));
		this.results.all().forEach((measurement) -> raw.add(measurement.csv()));
		Files.write(folder.resolve("comparison.csv"), raw);
		Files.writeString(folder.resolve("comparison.svg"), new Chart(this.results).svg());
		Files.writeString(folder.resolve("comparison.md"), table());
	}

	private String table() throws IOException {
		StringBuilder text = new StringBuilder("# Comparison\n\n");
		text.append("Java ")
			.append(Runtime.version())
			.append(", ")
			.append(System.getProperty("os.name"))
			.append(' ')
			.append(System.getProperty("os.version"))
			.append(", ")
			.append(processor())
			.append(", ")
			.append(Runtime.getRuntime().availableProcessors())
			.append(" processors, ")
			.append(memory())
			.append(" GiB; ")
			.append(firstLine("wrk", "--version"))
			.append("; ")
			.append(firstLine("gcc", "--version"))
			.append("; Spring Boot ")
			.append(SpringBootVersion.getVersion())
			.append(", this project at ")
			.append(firstLine("git", "describe", "--always", "--dirty"))
			.append(". ")
			.append(this.arguments.rounds())
			.append(" rounds in turn, ")
			.append(this.arguments.seconds())
			.append(" s per measurement, medians of the rounds. E: answer at once; T: answer after a task on 4 threads. ")
			.append(MEANING)
			.append("\n\n");
		for (Contender contender : Contender.ALL) {
			if (!contender.version().isEmpty()) {
				text.append(contender.name()).append(' ').append(contender.version()).append(". ");
			}
		}
		text.append("\n\n![requests per second](comparison.svg)\n");
		for (String work : List.of("E", "T")) {
			for (Load load : Load.ALL) {
				text.append("\n## ")
					.append(work)
					.append(", ")
					.append(load.name())
					.append("\n\n")
					.append("| server | requests/s | ÷ limit | p50 µs | p99 µs | p99.9 µs | processor µs per request |"
							+ " resident MB |\n|---|--:|--:|--:|--:|--:|--:|--:|\n");
				for (Contender contender : Contender.ALL) {
					row(text, contender, work, load);
				}
			}
		}
		text.append("\n## Targets\n\n| case | target | measured | met |\n|---|--:|--:|---|\n");
		new Targets(this.results).all().forEach((target) -> text.append(target.row()));
		return text.toString();
	}

	private void row(StringBuilder text, Contender contender, String work, Load load) {
		if (contender.isLimit() && work.equals("T")) {
			return;
		}
		double speed = this.results.median(contender, work, load, Measurement::requestsPerSecond);
		if (Double.isNaN(speed)) {
			return;
		}
		long failures = this.results.failures(contender, work, load);
		text.append("| ").append(contender.name());
		if (speed == 0) {
			text.append(" | does not answer | | | | | | |\n");
			return;
		}
		if (failures > 0) {
			text.append(" (no answer in ").append(failures).append((failures == 1) ? " round)" : " rounds)");
		}
		text.append(" | ")
			.append(figure(contender, work, load, Measurement::requestsPerSecond, 0))
			.append(" | ")
			.append(number(this.results.ratio(contender, Contender.LIMIT, work, load, Measurement::requestsPerSecond),
					2))
			.append(" | ")
			.append(figure(contender, work, load, Measurement::p50, 0))
			.append(" | ")
			.append(figure(contender, work, load, Measurement::p99, 0))
			.append(" | ")
			.append(figure(contender, work, load, Measurement::p999, 0))
			.append(" | ")
			.append(figure(contender, work, load, Measurement::cpuMicros, 2))
			.append(" | ")
			.append(figure(contender, work, load, Measurement::residentMegabytes, 0))
			.append(" |\n");
	}

	private String figure(Contender contender, String work, Load load, ToDoubleFunction<Measurement> figure,
			int decimals) {
		return number(this.results.median(contender, work, load, figure), decimals);
	}

	static String number(double value, int decimals) {
		return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%,." + decimals + "f", value);
	}

	private static long memory() throws IOException {
		String total = Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("\\D", "");
		return Long.parseLong(total) / 1024 / 1024;
	}

	/** What a tool says about its version. */
	private static String firstLine(String... command) throws IOException {
		Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
		try (BufferedReader output = tool.inputReader()) {
			return String.valueOf(output.readLine()).replaceFirst(" Copyright.*", "");
		}
	}

	private static String processor() throws IOException {
		return Files.readAllLines(Path.of("/proc/cpuinfo"))
			.stream()
			.filter((line) -> line.startsWith("model name"))
			.map((line) -> line.replaceFirst(".*: ", ""))
			.findFirst()
			.orElse("unknown processor");
	}

}
