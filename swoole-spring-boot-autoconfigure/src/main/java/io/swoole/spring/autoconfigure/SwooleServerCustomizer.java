package io.swoole.spring.autoconfigure;

import io.swoole.server.ServerOptions;

/**
 * A bean that changes the settings of the server, after the properties have been applied
 * and before the server is created. Several of them are called in their order.
 */
@FunctionalInterface
public interface SwooleServerCustomizer {

	/**
	 * Changes settings.
	 * @param builder has the settings, also those for the pipeline of a connection, see
	 * {@link ServerOptions.Builder#pipelineCustomizer}
	 */
	void customize(ServerOptions.Builder builder);

}
