package io.swoole.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * All measurements, and medians over their rounds. A round in which a server did not
 * answer counts as no requests per second; it has no times, and nothing is compared with
 * it.
 */
final class Results {

	private final List<Measurement> all = new ArrayList<>();

	void add(Measurement measurement) {
		this.all.add(measurement);
	}

	List<Measurement> all() {
		return this.all;
	}

	/** The median of a figure; NaN if it was not measured. */
	double median(Contender contender, String work, Load load, ToDoubleFunction<Measurement> figure) {
		return median(rounds(contender, work, load).mapToDouble(figure).toArray());
	}

	/** In how many rounds a server did not answer. */
	long failures(Contender contender, String work, Load load) {
		return rounds(contender, work, load).filter(Measurement::isFailure).count();
	}

	private Stream<Measurement> rounds(Contender contender, String work, Load load) {
		return this.all.stream()
			.filter((next) -> next.contender() == contender && next.work().equals(work) && next.load() == load);
	}

	/**
	 * The median over the rounds of the ratio between two servers. The limit does nothing
	 * but echo, so it is always its echo that is compared with.
	 */
	double ratio(Contender first, Contender second, String work, Load load, ToDoubleFunction<Measurement> figure) {
		String otherWork = second.isLimit() ? "E" : work;
		return median(rounds(first, work, load)
			.flatMapToDouble((one) -> rounds(second, otherWork, load).filter((other) -> other.round() == one.round())
				.mapToDouble((other) -> figure.applyAsDouble(one) / figure.applyAsDouble(other)))
			.toArray());
	}

	/** The median of the values that are numbers; NaN if there is none. */
	static double median(double[] values) {
		double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
		if (sorted.length == 0) {
			return Double.NaN;
		}
		int middle = sorted.length / 2;
		return (sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	}

}
