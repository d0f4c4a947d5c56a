package io.swoole.benchmarks;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * Floods a server with tasks: connections write as fast as they can, each packet is a
 * task that sleeps 1 ms, and more come than can be done. Shows whether the connections
 * are slowed down without a task being refused or lost, in how much memory, and what echo
 * on another listener notices. {@code --tasks=1000000}, {@code --connections=64},
 * {@code --capacity=10000} and {@code --workers=8} for tasks, {@code --heap=256} in MB,
 * {@code --mode=base} or {@code process}, {@code --echo=16} connections measured for
 * {@code --seconds=5} at a time.
 */
public final class TaskFlood {

	private final Map<String, String> settings;

	private TaskFlood(Map<String, String> settings) {
		this.settings = settings;
	}

	/**
	 * Runs the flood.
	 * @param arguments see above
	 * @throws Exception if the server fails, or answers wrongly
	 */
	public static void main(String[] arguments) throws Exception {
		Map<String, String> settings = new HashMap<>(Map.of("tasks", "1000000", "connections", "64", "capacity",
				"10000", "workers", "8", "heap", "256", "mode", "base", "echo", "16", "seconds", "5"));
		for (String argument : arguments) {
			String[] parts = argument.split("=", 2);
			String key = parts[0].replaceFirst("^--", "");
			if (parts.length != 2 || !settings.containsKey(key)) {
				throw new IllegalArgumentException("Unknown argument " + argument + ", allowed are --"
						+ String.join("=, --", settings.keySet()) + "=");
			}
			settings.put(key, parts[1]);
		}
		new TaskFlood(settings).run();
	}

	private int number(String setting) {
		return Integer.parseInt(this.settings.get(setting));
	}

	private void run() throws Exception {
		int port;
		try (ServerSocket free = new ServerSocket(0)) {
			port = free.getLocalPort();
		}
		Path log = Files.createTempFile("flood", ".log");
		// the listener for echo is bound last: when that is there, both are
		try (ServerProcess server = ServerProcess.start((echoPort) -> command(port, echoPort), log);
				EchoProbe echo = new EchoProbe(server.port(), number("echo"))) {
			flood(port, echo);
		}
		finally {
			System.out.println("log of the server: " + log);
		}
	}

	private List<String> command(int port, int echoPort) {
		List<String> command = new ArrayList<>(List
			.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + number("heap") + "m"));
		if (Runtime.version().feature() >= 24) {
			command.add("--enable-native-access=ALL-UNNAMED");
			command.add("--sun-misc-unsafe-memory-access=allow");
		}
		command.addAll(
				List.of("-cp", System.getProperty("java.class.path"), "io.swoole.benchmarks.contender.PostingServer",
						String.valueOf(port), String.valueOf(echoPort), this.settings.get("capacity"),
						this.settings.get("workers"), this.settings.get("mode").toUpperCase(java.util.Locale.ROOT)));
		return command;
	}

	private void flood(int port, EchoProbe echo) throws IOException, InterruptedException {
		int connections = number("connections");
		int packets = number("tasks") / connections;
		CountDownLatch begin = new CountDownLatch(1);
		List<FloodClient> clients = new ArrayList<>();
		for (int i = 0; i < connections; i++) {
			FloodClient client = new FloodClient(port, packets);
			client.start(begin);
			clients.add(client);
		}
		int seconds = number("seconds");
		echo.measure(seconds); // warm-up
		List<Long> alone = new ArrayList<>(
				List.of(echo.measure(seconds), echo.measure(seconds), echo.measure(seconds)));
		System.out.printf("echo p99 with %d silent connections beside: %s us%n", connections, micros(alone));
		long start = System.nanoTime();
		begin.countDown();
		CompletableFuture<Void> all = CompletableFuture
			.allOf(clients.stream().map(FloodClient::done).toArray(CompletableFuture[]::new));
		List<Long> flooded = new ArrayList<>();
		while (!all.isDone()) {
			long p99 = echo.measure(seconds);
			if (!all.isDone()) {
				flooded.add(p99);
				System.out.println(echo.describe());
			}
		}
		all.join();
		double took = (System.nanoTime() - start) / 1e9;
		System.out.printf("%d tasks of %d connections answered once each in %.1f s%n", packets * connections,
				connections, took);
		System.out.println(echo.describe());
		System.out.printf("echo p99 under flood: %s us%n", micros(flooded));
		System.out.printf("ratio of medians %.2f (target: at most 2.00)%n", median(flooded) / median(alone));
	}

	private static String micros(List<Long> nanos) {
		return String.valueOf(nanos.stream().map((time) -> time / 1000).toList());
	}

	private static double median(List<Long> values) {
		return Results.median(values.stream().mapToDouble(Long::doubleValue).toArray());
	}

}
