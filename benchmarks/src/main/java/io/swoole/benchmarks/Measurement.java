package io.swoole.benchmarks;

/**
 * What one server did under one load in one round.
 *
 * @param round the round
 * @param contender the server
 * @param work E for echo, T for tasks
 * @param load the load
 * @param requestsPerSecond answers per second
 * @param p50 median time to the answer in microseconds, or to all answers of a write that
 * held several requests
 * @param p99 99th percentile in microseconds
 * @param p999 99.9th percentile in microseconds
 * @param cpuMicros processor time of the server per request in microseconds
 * @param residentMegabytes resident memory of the server
 * @param errors failed requests
 */
record Measurement(int round, Contender contender, String work, Load load, double requestsPerSecond, double p50,
		double p99, double p999, double cpuMicros, double residentMegabytes, long errors) {

	static final String CSV_HEADER = "round,contender,work,load,requests_per_second,p50_us,p99_us,p999_us,"
			+ "cpu_us_per_request,resident_mb,errors";

	/** A server that did not answer. */
	static Measurement failure(int round, Contender contender, String work, Load load) {
		return new Measurement(round, contender, work, load, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN,
				Double.NaN, 1);
	}

	boolean isFailure() {
		return this.requestsPerSecond == 0;
	}

	String csv() {
		return "%d,\"%s\",%s,\"%s\",%.0f,%.0f,%.0f,%.0f,%.3f,%.0f,%d".formatted(this.round, this.contender.name(),
				this.work, this.load.name(), this.requestsPerSecond, this.p50, this.p99, this.p999, this.cpuMicros,
				this.residentMegabytes, this.errors);
	}

}
