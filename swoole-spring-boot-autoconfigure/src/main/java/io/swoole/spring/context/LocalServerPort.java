package io.swoole.spring.context;

import java.util.HashMap;
import java.util.Map;

import org.springframework.context.ApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Makes the bound port a property, where Boot's web servers have theirs.
 */
final class LocalServerPort {

	static final String PROPERTY = "local.swoole.server.port";

	private static final String SOURCE = "server.ports";

	private LocalServerPort() {
	}

	/**
	 * Sets the property in a context and its parents.
	 * @param port the port
	 * @param context the context
	 */
	static void publish(int port, ApplicationContext context) {
		if (context.getEnvironment() instanceof ConfigurableEnvironment environment) {
			publish(port, environment.getPropertySources());
		}
		ApplicationContext parent = context.getParent();
		if (parent != null) {
			publish(port, parent);
		}
	}

	@SuppressWarnings("unchecked")
	private static void publish(int port, MutablePropertySources sources) {
		PropertySource<?> source = sources.get(SOURCE);
		if (source == null) {
			source = new MapPropertySource(SOURCE, new HashMap<>());
			sources.addFirst(source);
		}
		((Map<String, Object>) source.getSource()).put(PROPERTY, port);
	}

}
