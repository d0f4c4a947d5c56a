package io.swoole.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What this project wants to reach, as ratios within one round.
 */
final class Targets {

	private static final ToDoubleFunction<Measurement> SPEED = Measurement::requestsPerSecond;

	private static final ToDoubleFunction<Measurement> COST = Measurement::cpuMicros;

	private final Results results;

	private final List<Target> targets = new ArrayList<>();

	Targets(Results results) {
		this.results = results;
		atLeast("E, 64 connections: annotated ÷ limit, requests/s", 0.95, limit("E", Load.MANY, SPEED));
		atMost("E, 64 connections: annotated ÷ limit, processor time", 1.25, limit("E", Load.MANY, COST));
		atLeast("E, 16 pipelined: annotated ÷ limit, requests/s", 0.60, limit("E", Load.PIPELINED, SPEED));
		atLeast("T, 64 connections: annotated ÷ limit, requests/s", 0.65, limit("T", Load.MANY, SPEED));
		atMost("T, 64 connections: annotated ÷ limit, processor time", 2.0, limit("T", Load.MANY, COST));
		atLeast("T, 16 pipelined: annotated ÷ limit, requests/s", 0.45, limit("T", Load.PIPELINED, SPEED));
		for (String work : List.of("E", "T")) {
			for (Load load : List.of(Load.MANY, Load.PIPELINED)) {
				atLeast(work + ", " + load.name() + ": annotated ÷ own core, requests/s", 0.93,
						ratio(Contender.CORE, work, load));
			}
		}
		bestPeer("E", Load.MANY, "E, 64 connections: annotated ÷ best peer", 1.2);
		bestPeer("E", Load.PIPELINED, "E, 16 pipelined: annotated ÷ best peer", 1.2);
		bestPeer("T", Load.MANY, "T, 64 connections: annotated ÷ best peer", 1.3);
		bestPeer("T", Load.PIPELINED, "T, 16 pipelined: annotated ÷ best peer", 3);
		for (String work : List.of("E", "T")) {
			for (Load load : List.of(Load.MANY, Load.PIPELINED)) {
				compare(work + ", " + load.name() + ": annotated ÷ " + Contender.TUNED_VERTX.name(),
						ratio(Contender.TUNED_VERTX, work, load));
			}
		}
		atLeast("E, 64 connections: annotated ÷ hand-written Netty", 0.97, ratio(Contender.NETTY, "E", Load.MANY));
		atLeast("E, 16 pipelined: annotated ÷ hand-written Netty", 0.97, ratio(Contender.NETTY, "E", Load.PIPELINED));
	}

	List<Target> all() {
		return this.targets;
	}

	private double limit(String work, Load load, ToDoubleFunction<Measurement> figure) {
		return this.results.ratio(Contender.SPRING, Contender.LIMIT, work, load, figure);
	}

	private double ratio(Contender other, String work, Load load) {
		return this.results.ratio(Contender.SPRING, other, work, load, SPEED);
	}

	private void bestPeer(String work, Load load, String name, double wanted) {
		Contender.ALL.stream()
			.filter(Contender::isPeer)
			.filter((peer) -> !Double.isNaN(ratio(peer, work, load)))
			.min(Comparator.comparingDouble((peer) -> ratio(peer, work, load)))
			.ifPresentOrElse((peer) -> atLeast(name + " (" + peer.name() + ")", wanted, ratio(peer, work, load)),
					() -> atLeast(name, wanted, Double.NaN));
	}

	private void atLeast(String name, double wanted, double measured) {
		add(name, "≥ " + Report.number(wanted, 2), measured, measured >= wanted);
	}

	private void atMost(String name, double wanted, double measured) {
		add(name, "≤ " + Report.number(wanted, 2), measured, measured <= wanted);
	}

	private void add(String name, String wanted, double measured, boolean met) {
		this.targets.add(new Target(name, wanted, measured, Double.isNaN(measured) ? "–" : met ? "yes" : "**no**"));
	}

	/** Shows a ratio for which there is no target. */
	private void compare(String name, double measured) {
		this.targets.add(new Target(name, "–", measured, "–"));
	}

	/** One target and what was measured. */
	record Target(String name, String wanted, double measured, String met) {

		String row() {
			return "| " + this.name + " | " + this.wanted + " | " + Report.number(this.measured, 2) + " | " + this.met
					+ " |\n";
		}

	}

}
