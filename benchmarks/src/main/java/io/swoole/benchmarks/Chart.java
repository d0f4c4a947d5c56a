package io.swoole.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * Draws requests per second as bars, one group per kind of work and load.
 */
final class Chart {

	private static final List<Load> LOADS = List.of(Load.MANY, Load.PIPELINED);

	private static final int BAR = 18;

	private static final int LABEL = 190;

	private static final int WIDTH = 460;

	private final Results results;

	Chart(Results results) {
		this.results = results;
	}

	String svg() {
		StringBuilder bars = new StringBuilder();
		int y = 10;
		for (String work : List.of("E", "T")) {
			for (Load load : LOADS) {
				y = group(bars, work, load, y);
			}
		}
		return """
				<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
				<rect width="100%%" height="100%%" fill="white"/>
				%s</svg>
				""".formatted(LABEL + WIDTH + 110, y, bars);
	}

	private int group(StringBuilder bars, String work, Load load, int top) {
		double largest = 1;
		for (Contender contender : Contender.ALL) {
			double speed = speed(contender, work, load);
			largest = Math.max(largest, Double.isNaN(speed) ? 0 : speed);
		}
		int y = top + 16;
		text(bars, 10, y, "bold", (work.equals("E") ? "Echo, " : "Task, ") + load.name() + ": requests per second");
		y += 8;
		for (Contender contender : Contender.ALL) {
			double speed = speed(contender, work, load);
			if (Double.isNaN(speed)) {
				continue;
			}
			String colour = contender.isOurs() ? "#2563eb" : contender.isLimit() ? "#9ca3af" : "#94b8a0";
			text(bars, 10, y + 13, "normal", contender.name());
			bars.append(
					String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%d\" fill=\"%s\"/>%n",
							LABEL, y, Math.max(1, speed / largest * WIDTH), BAR - 4, colour));
			text(bars, LABEL + (int) (speed / largest * WIDTH) + 6, y + 12, "normal", Report.number(speed, 0));
			y += BAR;
		}
		return y + 14;
	}

	private double speed(Contender contender, String work, Load load) {
		return this.results.median(contender, contender.isLimit() ? "E" : work, load, Measurement::requestsPerSecond);
	}

	private static void text(StringBuilder bars, int x, int y, String weight, String text) {
		bars.append("<text x=\"%d\" y=\"%d\" font-weight=\"%s\">%s</text>%n".formatted(x, y, weight, text));
	}

}
