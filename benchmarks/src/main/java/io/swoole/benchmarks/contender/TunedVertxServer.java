package io.swoole.benchmarks.contender;

import io.vertx.core.VertxOptions;

/**
 * Vert.x with its native transport and one instance per processor.
 */
public final class TunedVertxServer {

	private TunedVertxServer() {
	}

	/**
	 * Starts the server.
	 * @param arguments port and kind of work
	 */
	public static void main(String[] arguments) {
		VertxServer.start(Work.of(arguments), new VertxOptions().setPreferNativeTransport(true),
				Runtime.getRuntime().availableProcessors());
	}

}
