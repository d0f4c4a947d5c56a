package io.swoole.benchmarks;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What can be chosen on the command line: {@code --rounds=5}, {@code --seconds=4} per
 * measurement, {@code --warm-up=8} seconds per server, {@code --only=Vert.x,Netty} for
 * the servers whose names contain one of these words, beside the limit and this project,
 * {@code --module} and {@code --output} as folders.
 *
 * @param rounds how often each server is measured
 * @param seconds how long one measurement takes
 * @param warmUp how long a server is loaded before
 * @param only words of which one is in the name of a server that takes part
 * @param module the folder of the benchmarks module
 * @param output where results are written
 */
record Arguments(int rounds, int seconds, int warmUp, List<String> only, Path module, Path output) {

	static Arguments parse(String[] arguments) {
		Map<String, String> values = new HashMap<>(Map.of("rounds", "5", "seconds", "4", "warm-up", "8", "only", "",
				"module", "benchmarks", "output", ""));
		for (String argument : arguments) {
			String[] parts = argument.split("=", 2);
			String key = parts[0].replaceFirst("^--", "");
			if (parts.length != 2 || !values.containsKey(key)) {
				throw new IllegalArgumentException("Unknown argument " + argument + ", allowed are --"
						+ String.join("=, --", values.keySet()) + "=");
			}
			values.put(key, parts[1]);
		}
		Path output = values.get("output").isEmpty() ? Path.of("docs/performance/jdk" + Runtime.version().feature())
				: Path.of(values.get("output"));
		return new Arguments(Integer.parseInt(values.get("rounds")), Integer.parseInt(values.get("seconds")),
				Integer.parseInt(values.get("warm-up")), List.of(values.get("only").split(",")),
				Path.of(values.get("module")), output);
	}

}
