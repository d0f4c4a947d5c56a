package io.swoole.spring.handler;

import org.jspecify.annotations.Nullable;

/**
 * A handler is missing, defined twice, or cannot be called as it is written. Fails the
 * start of the application.
 */
public class InvalidHandlerException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String description;

	private final String action;

	InvalidHandlerException(String description, String action) {
		this(description, action, null);
	}

	InvalidHandlerException(String description, String action, @Nullable Throwable cause) {
		super(description + " " + action, cause);
		this.description = description;
		this.action = action;
	}

	/**
	 * What is wrong.
	 * @return one or more sentences, naming the handler
	 */
	public String getDescription() {
		return this.description;
	}

	/**
	 * What to do about it.
	 * @return one or more sentences
	 */
	public String getAction() {
		return this.action;
	}

}
