package io.swoole.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prepares a measurement: says what is missing on this machine and builds the limit
 * server. Installs nothing.
 */
final class Setup {

	private final Path module;

	Setup(Path module) {
		this.module = module;
	}

	Contender.Environment prepare() throws IOException, InterruptedException {
		List<String> missing = new ArrayList<>();
		requireTool("wrk", "the load generator; on Debian: apt-get install wrk", missing);
		requireTool("gcc", "builds the limit server; on Debian: apt-get install gcc", missing);
		if (!Files.exists(Path.of("/proc/self/stat"))) {
			missing.add("/proc: processor time is read there, so only Linux can measure");
		}
		Path classPath = this.module.resolve("target/classpath");
		if (!Files.exists(classPath)) {
			missing.add(classPath + ": build first with 'mvn -q -DskipTests package'");
		}
		if (!missing.isEmpty()) {
			throw new IllegalStateException("Missing: " + String.join("; ", missing));
		}
		Path limit = this.module.resolve("target/limit");
		run("gcc", "-O2", "-o", limit.toString(), this.module.resolve("src/main/c/limit.c").toString());
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		String paths = this.module.resolve("target/classes") + ":" + Files.readString(classPath).strip();
		List<String> command = new ArrayList<>(List.of(java, "-Xmx1g", "-Dlogging.level.root=WARN"));
		if (Runtime.version().feature() >= 24) {
			command.add("--enable-native-access=ALL-UNNAMED");
			command.add("--sun-misc-unsafe-memory-access=allow");
		}
		command.addAll(List.of("-cp", paths));
		return new Contender.Environment(limit, command);
	}

	Path script() {
		return this.module.resolve("src/main/lua/load.lua");
	}

	private static void requireTool(String name, String purpose, List<String> missing) {
		boolean found = List.of(System.getenv().getOrDefault("PATH", "").split(":"))
			.stream()
			.anyMatch((folder) -> Files.isExecutable(Path.of(folder, name)));
		if (!found) {
			missing.add(name + " (" + purpose + ")");
		}
	}

	private static void run(String... command) throws IOException, InterruptedException {
		int status = new ProcessBuilder(command).inheritIO().start().waitFor();
		if (status != 0) {
			throw new IllegalStateException(String.join(" ", command) + " failed with status " + status);
		}
	}

}
