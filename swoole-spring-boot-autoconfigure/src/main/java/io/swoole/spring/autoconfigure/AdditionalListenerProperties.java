package io.swoole.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * The properties of a listener beside the main one.
 */
public class AdditionalListenerProperties extends ListenerProperties {

	/**
	 * Name of the listener, which handlers use in their attribute 'port'.
	 */
	private @Nullable String name;

	/**
	 * Local port to listen on. Zero means any free port.
	 */
	private @Nullable Integer port;

	public @Nullable String getName() {
		return this.name;
	}

	public void setName(@Nullable String name) {
		this.name = name;
	}

	public @Nullable Integer getPort() {
		return this.port;
	}

	public void setPort(@Nullable Integer port) {
		this.port = port;
	}

}
