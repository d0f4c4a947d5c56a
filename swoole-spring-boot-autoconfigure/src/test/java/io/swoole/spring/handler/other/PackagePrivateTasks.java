package io.swoole.spring.handler.other;

import io.swoole.spring.annotation.OnTask;

/**
 * Has a handler that classes of other packages inherit but cannot override.
 */
public abstract class PackagePrivateTasks {

	private final String field = "field";

	@OnTask
	String task(String data) {
		return this.field + " " + data;
	}

}
