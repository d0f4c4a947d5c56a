package io.swoole.spring.handler;

import java.util.List;

import io.swoole.server.ServerHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Warns of handlers that nothing calls, because the application has a
 * {@link ServerHandler} of its own. Infrastructure, nothing for applications to use.
 */
public final class UnusedHandlers implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(UnusedHandlers.class);

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * Creates an instance that has not looked yet.
	 * @param beanFactory has the beans
	 */
	public UnusedHandlers(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		String[] own = this.beanFactory.getBeanNamesForType(ServerHandler.class, true, false);
		if (own.length == 0 || this.beanFactory.getBeanNamesForType(AnnotatedServerHandler.class).length > 0) {
			return;
		}
		List<String> unused = new HandlerScanner(this.beanFactory, new PacketFormats(List.of())).describe();
		if (!unused.isEmpty()) {
			logger.warn("Bean '{}' handles all events, so these handlers are never called: {}. Remove the bean, or the"
					+ " annotations", own[0], String.join(", ", unused));
		}
	}

}
