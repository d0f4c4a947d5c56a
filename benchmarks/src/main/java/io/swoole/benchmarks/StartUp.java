package io.swoole.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Measures the time from the launch of the JVM until a Spring Boot application has
 * started, of the handlers of the first page with what the starter brings and of an empty
 * one with what {@code spring-boot-starter} brings, in turn.
 */
public final class StartUp {

	/** What an application prints when it has started. */
	public static final String STARTED = "STARTED";

	private static final Predicate<String> BOOT = Pattern.compile(
			"(spring-(boot|core|context|beans|aop|expression)|logback|log4j|slf4j|jul|jakarta|snakeyaml|micrometer|commons-logging|jspecify).*")
		.asMatchPredicate();

	private static final Predicate<String> STARTER = BOOT.or(Pattern.compile(
			"(swoole.*|netty-(buffer|codec-base|codec-haproxy|common|handler|resolver|transport(-classes|-native)?(-epoll|-kqueue|-unix-common)?)-\\d.*)")
		.asMatchPredicate());

	private StartUp() {
	}

	/**
	 * Runs the measurement.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if something cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		Arguments chosen = Arguments.parse(arguments);
		Contender.Environment environment = new Setup(chosen.module()).prepare();
		double[] ratios = new double[chosen.rounds()];
		for (int round = 0; round < ratios.length; round++) {
			double sample = start(environment, "SampleStart", STARTER);
			double empty = start(environment, "EmptyApplication", BOOT);
			ratios[round] = sample / empty;
			System.out.printf("round %d: sample %.2f s, empty %.2f s, ratio %.2f%n", round + 1, sample, empty,
					ratios[round]);
		}
		System.out.printf("median ratio %.2f (target: at most 1.35)%n", Results.median(ratios));
	}

	private static double start(Contender.Environment environment, String main, Predicate<String> jars)
			throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(environment.java());
		command.set(command.size() - 1, only(jars, command.get(command.size() - 1)));
		command.add("io.swoole.benchmarks.contender." + main);
		command.add("--spring.main.banner-mode=off");
		command.add("--swoole.server.port=0");
		long begin = System.nanoTime();
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		List<String> output = new ArrayList<>();
		long started = 0;
		try (BufferedReader reader = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				output.add(line);
				if (line.equals(STARTED)) {
					started = System.nanoTime();
				}
			}
		}
		if (!process.waitFor(60, TimeUnit.SECONDS) || started == 0) {
			throw new IllegalStateException(main + " has not started:\n" + String.join("\n", output));
		}
		return (started - begin) / 1e9;
	}

	/**
	 * The entries of a class path that are folders or jars of the given names, in the
	 * order in which the starter brings them: those of Spring first.
	 */
	private static String only(Predicate<String> jars, String classPath) {
		return Arrays.stream(classPath.split(File.pathSeparator))
			.filter((entry) -> !entry.endsWith(".jar") || jars.test(name(entry)))
			.sorted(Comparator.comparing((entry) -> entry.endsWith(".jar") && !BOOT.test(name(entry))))
			.collect(Collectors.joining(File.pathSeparator));
	}

	private static String name(String entry) {
		return Path.of(entry).getFileName().toString();
	}

}
