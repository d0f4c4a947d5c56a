package io.swoole.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A server that takes part in the comparison.
 *
 * @param name what tables call it
 * @param version its version
 * @param main its main class, or empty for the limit server
 */
record Contender(String name, String version, String main) {

	static final Contender LIMIT = new Contender("limit (C, 1 thread)", "", "");

	static final Contender SPRING = ours("this project, annotated", "SwooleSpringApplication");

	static final Contender CORE = ours("this project, core only", "SwooleCoreServer");

	static final Contender NETTY = new Contender("hand-written Netty", versionOf(io.netty.channel.Channel.class),
			"NettyServer");

	static final Contender TUNED_VERTX = new Contender("Vert.x, native transport", versionOf(io.vertx.core.Vertx.class),
			"TunedVertxServer");

	static final List<Contender> ALL = List.of(LIMIT, SPRING, CORE, NETTY,
			new Contender("Vert.x", versionOf(io.vertx.core.Vertx.class), "VertxServer"), TUNED_VERTX,
			new Contender("reactor-netty", versionOf(reactor.netty.tcp.TcpServer.class), "ReactorNettyServer"),
			new Contender("Spring Integration",
					versionOf(org.springframework.integration.ip.tcp.connection.TcpConnection.class),
					"SpringIntegrationServer"));

	private static Contender ours(String name, String main) {
		return new Contender(name, "", main);
	}

	private static String versionOf(Class<?> type) {
		String location = String.valueOf(type.getProtectionDomain().getCodeSource().getLocation());
		return location.replaceAll(".*-(\\d+\\.\\d+\\.\\d+[^/]*)\\.jar$", "$1");
	}

	boolean isLimit() {
		return this.main.isEmpty();
	}

	boolean isOurs() {
		return this.main.startsWith("Swoole");
	}

	/**
	 * Whether it is another framework as its users get it: like this project, with
	 * default settings.
	 */
	boolean isPeer() {
		return !isLimit() && !isOurs() && this != NETTY && this != TUNED_VERTX;
	}

	boolean isWanted(List<String> only) {
		return isLimit() || isOurs() || only.stream().anyMatch(this.name::contains);
	}

	List<String> command(Environment environment, String work, int port) {
		if (isLimit()) {
			return List.of(environment.limit().toString(), String.valueOf(port));
		}
		List<String> command = new ArrayList<>(environment.java());
		command.add("io.swoole.benchmarks.contender." + this.main);
		command.add(String.valueOf(port));
		command.add(work);
		return command;
	}

	/** Where things are that the measurements need. */
	record Environment(Path limit, List<String> java) {

	}

}
