package io.swoole.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A load: connections in a closed loop, each with so many requests under way. wrk
 * measures one time per write: to the last answer to all requests it held.
 *
 * @param name what tables call it
 * @param connections how many connections
 * @param depth how many requests one write holds
 */
record Load(String name, int connections, int depth) {

	static final Load ONE = new Load("1 connection", 1, 1);

	static final Load MANY = new Load("64 connections", 64, 1);

	static final Load CROWD = new Load("1000 connections", 1000, 1);

	static final Load PIPELINED = new Load("64 connections, 16 pipelined", 64, 16);

	/** The crowd comes last, because not every server survives it. */
	static final List<Load> ALL = List.of(ONE, MANY, PIPELINED, CROWD);

	/** How many seconds wrk may take longer than it should, until it is ended. */
	private static final int GRACE = 20;

	/** What wrk reported. */
	record Report(long requests, long micros, long p50, long p99, long p999, long errors) {

		double requestsPerSecond() {
			return this.requests * 1e6 / this.micros;
		}

	}

	Process begin(Path script, int port, int seconds, String target) throws IOException {
		ProcessBuilder wrk = new ProcessBuilder("wrk", "-t1", "-c" + this.connections, "-d" + seconds + "s", "-s",
				script.toString(), "http://127.0.0.1:" + port + "/");
		wrk.environment()
			.putAll(Map.of("CONNECTIONS", String.valueOf(this.connections), "DEPTH", String.valueOf(this.depth),
					"TARGET", target));
		Process process = wrk.redirectErrorStream(true).start();
		process.onExit()
			.orTimeout(seconds + GRACE, TimeUnit.SECONDS)
			.exceptionally((late) -> process.destroyForcibly());
		return process;
	}

	static Report end(Process wrk) throws IOException, InterruptedException {
		String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		wrk.waitFor();
		for (String line : output.split("\n")) {
			if (line.startsWith("FIGURES ")) {
				String[] figures = line.split(" ");
				return new Report(Long.parseLong(figures[1]), Long.parseLong(figures[2]), Long.parseLong(figures[3]),
						Long.parseLong(figures[4]), Long.parseLong(figures[5]), Long.parseLong(figures[6]));
			}
		}
		throw new IllegalStateException("wrk failed: " + output);
	}

	Report run(Path script, int port, int seconds) throws IOException, InterruptedException {
		return end(begin(script, port, seconds, "/"));
	}

}
