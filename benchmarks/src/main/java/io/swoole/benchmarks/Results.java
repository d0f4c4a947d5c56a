package io.swoole.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * All measurements, and medians over their rounds.
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
		return median(this.all.stream()
			.filter((next) -> next.contender() == contender && next.work().equals(work) && next.load() == load)
			.mapToDouble(figure)
			.toArray());
	}

	/**
	 * The median over the rounds of the ratio between two servers. The limit does nothing
	 * but echo, so it is always its echo that is compared with.
	 */
	double ratio(Contender first, Contender second, String work, Load load, ToDoubleFunction<Measurement> figure) {
		List<Double> ratios = new ArrayList<>();
		for (Measurement one : this.all) {
			for (Measurement other : this.all) {
				boolean sameWork = other.work().equals(second.isLimit() ? "E" : work);
				if (one.round() == other.round() && one.contender() == first && other.contender() == second
						&& one.work().equals(work) && sameWork && one.load() == load && other.load() == load) {
					ratios.add(figure.applyAsDouble(one) / figure.applyAsDouble(other));
				}
			}
		}
		return median(ratios.stream().mapToDouble(Double::doubleValue).toArray());
	}

	static double median(double[] values) {
		if (values.length == 0) {
			return Double.NaN;
		}
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		int middle = sorted.length / 2;
		return (sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	}

}
