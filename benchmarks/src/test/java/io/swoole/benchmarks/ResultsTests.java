package io.swoole.benchmarks;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Medians over rounds, also when a server did not answer in some of them.
 */
class ResultsTests {

	private final Results results = new Results();

	@Test
	void whenRatiosDifferThenIsMedianOfRatiosAndNotRatioOfMedians() {
		add(Contender.SPRING, 10, 30, 20);
		add(Contender.CORE, 10, 10, 40);
		assertThat(ratio(Contender.SPRING, Contender.CORE)).isEqualTo(1);
		add(4, Contender.SPRING, 60);
		add(4, Contender.CORE, 20);
		assertThat(ratio(Contender.SPRING, Contender.CORE)).isEqualTo(2);
	}

	@Test
	void whenTheOtherDoesNotAnswerThenItsRoundIsNotCompared() {
		add(Contender.SPRING, 10, 20, 30);
		add(Contender.CORE, 0, 10, 10);
		assertThat(ratio(Contender.SPRING, Contender.CORE)).isEqualTo(2.5);
		assertThat(this.results.ratio(Contender.SPRING, Contender.CORE, "E", Load.MANY, Measurement::cpuMicros))
			.isEqualTo(1);
	}

	@Test
	void whenItDoesNotAnswerThenItsRoundCountsAsNoRequests() {
		add(Contender.SPRING, 0, 0, 30);
		add(Contender.CORE, 10, 10, 10);
		assertThat(ratio(Contender.SPRING, Contender.CORE)).isZero();
		assertThat(this.results.failures(Contender.SPRING, "E", Load.MANY)).isEqualTo(2);
		assertThat(this.results.median(Contender.SPRING, "E", Load.MANY, Measurement::p99)).isEqualTo(99);
	}

	@Test
	void whenNeitherWasMeasuredThenIsNotANumber() {
		add(Contender.SPRING, 10);
		assertThat(ratio(Contender.SPRING, Contender.CORE)).isNaN();
		assertThat(new Targets(this.results).all()).filteredOn((target) -> target.met().equals("–"))
			.filteredOn((target) -> target.row().contains("| – | – |"))
			.isNotEmpty();
	}

	@Test
	void whenLimitIsComparedWithTasksThenItsEchoIsTaken() {
		this.results.add(measurement(1, Contender.SPRING, "T", 10));
		this.results.add(measurement(1, Contender.LIMIT, "E", 40));
		assertThat(
				this.results.ratio(Contender.SPRING, Contender.LIMIT, "T", Load.MANY, Measurement::requestsPerSecond))
			.isEqualTo(0.25);
	}

	@Test
	void whenPeersAreMeasuredThenBestIsNamed() {
		List<Contender> peers = Contender.ALL.stream().filter(Contender::isPeer).toList();
		add(Contender.SPRING, 30);
		add(Contender.TUNED_VERTX, 40);
		add(peers.get(0), 10);
		add(peers.get(1), 20);
		assertThat(new Targets(this.results).all()).extracting(Targets.Target::row)
			.contains("| E, 64 connections: annotated ÷ best peer (reactor-netty) | ≥ 1.20 | 1.50 | yes |\n",
					"| E, 64 connections: annotated ÷ Vert.x, native transport | – | 0.75 | – |\n",
					"| T, 64 connections: annotated ÷ best peer | ≥ 1.30 | – | – |\n");
	}

	@Test
	void whenFrameworkIsTunedThenIsNoPeer() {
		assertThat(Contender.ALL).filteredOn(Contender::isPeer)
			.extracting(Contender::name)
			.containsExactly("Vert.x", "reactor-netty", "Spring Integration");
	}

	private double ratio(Contender one, Contender other) {
		return this.results.ratio(one, other, "E", Load.MANY, Measurement::requestsPerSecond);
	}

	private void add(Contender contender, double... requestsPerSecond) {
		for (int i = 0; i < requestsPerSecond.length; i++) {
			add(i + 1, contender, requestsPerSecond[i]);
		}
	}

	private void add(int round, Contender contender, double requestsPerSecond) {
		this.results.add((requestsPerSecond > 0) ? measurement(round, contender, "E", requestsPerSecond)
				: Measurement.failure(round, contender, "E", Load.MANY));
	}

	private static Measurement measurement(int round, Contender contender, String work, double requestsPerSecond) {
		return new Measurement(round, contender, work, Load.MANY, requestsPerSecond, 50, 99, 999, 5, 100, 0);
	}

}
