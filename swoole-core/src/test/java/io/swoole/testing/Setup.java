package io.swoole.testing;

import java.util.function.Consumer;
import java.util.stream.Stream;

import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;

/**
 * Where callbacks run: the ways to set a server up that must make no difference to what
 * its connections observe.
 */
public enum Setup implements Consumer<ServerOptions.Builder> {

	/** On event loops. */
	BASE,

	/** In threads beside the event loops. */
	PROCESS,

	/** On virtual threads. */
	COROUTINE;

	/** Those this JVM can do. */
	public static Stream<Setup> available() {
		return Stream.of(values()).filter((setup) -> setup != COROUTINE || Runtime.version().feature() >= 21);
	}

	@Override
	public void accept(ServerOptions.Builder options) {
		options.mode((this == PROCESS) ? ServerMode.PROCESS : ServerMode.BASE);
		if (this == COROUTINE) {
			options.enableCoroutine(true);
		}
	}

}
