package io.swoole.server;

import org.jspecify.annotations.Nullable;

/**
 * A setting has a value the server cannot work with.
 */
public class InvalidOptionException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String listener;

	private final String option;

	private final transient @Nullable Object value;

	private final String reason;

	/**
	 * Creates an exception.
	 * @param listener the name of the listener the setting belongs to, empty for settings
	 * of the server
	 * @param option the name of the setting in kebab case, such as
	 * {@code task-worker-num}
	 * @param value the value
	 * @param reason what is wrong with it and what is allowed
	 */
	public InvalidOptionException(String listener, String option, @Nullable Object value, String reason) {
		super("Invalid value '" + value + "' for " + option
				+ (listener.isEmpty() ? "" : " of listener '" + listener + "'") + ": " + reason);
		this.listener = listener;
		this.option = option;
		this.value = value;
		this.reason = reason;
	}

	/**
	 * The listener the setting belongs to.
	 * @return its name, empty for settings of the server
	 */
	public String getListener() {
		return this.listener;
	}

	/**
	 * The name of the setting.
	 * @return the name in kebab case
	 */
	public String getOption() {
		return this.option;
	}

	/**
	 * The value that was refused.
	 * @return the value
	 */
	public @Nullable Object getValue() {
		return this.value;
	}

	/**
	 * What is wrong with the value and what is allowed.
	 * @return the reason
	 */
	public String getReason() {
		return this.reason;
	}

}
