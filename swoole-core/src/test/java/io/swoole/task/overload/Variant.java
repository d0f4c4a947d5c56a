package io.swoole.task.overload;

import java.util.Arrays;
import java.util.stream.Stream;

import io.swoole.server.ServerMode;
import io.swoole.server.ServerOptions;

/**
 * The ways in which callbacks run, as far as the JVM has them.
 */
enum Variant {

	BASE(ServerMode.BASE, false),

	PROCESS(ServerMode.PROCESS, false),

	BASE_VIRTUAL(ServerMode.BASE, true),

	PROCESS_VIRTUAL(ServerMode.PROCESS, true);

	private final ServerMode mode;

	private final boolean virtual;

	Variant(ServerMode mode, boolean virtual) {
		this.mode = mode;
		this.virtual = virtual;
	}

	void apply(ServerOptions.Builder options) {
		options.mode(this.mode).enableCoroutine(this.virtual);
	}

	static Stream<Variant> all() {
		boolean virtual = Runtime.version().feature() >= 21;
		return Arrays.stream(values()).filter((variant) -> virtual || !variant.virtual);
	}

}
