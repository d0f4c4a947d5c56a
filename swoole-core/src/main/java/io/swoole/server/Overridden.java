package io.swoole.server;

import java.util.Arrays;

/**
 * Tells whether a handler has a callback of its own.
 */
final class Overridden {

	private Overridden() {
	}

	/** Whether the class of a handler overrides a method of {@link ServerHandler}. */
	static boolean by(ServerHandler handler, String method) {
		return Arrays.stream(handler.getClass().getMethods())
			.filter((candidate) -> candidate.getName().equals(method))
			.anyMatch((candidate) -> candidate.getDeclaringClass() != ServerHandler.class);
	}

}
