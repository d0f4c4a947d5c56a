package io.swoole.spring.handler;

import java.util.List;

import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Warns of handlers that nothing calls, because the application has a
 * {@link ServerHandler} of its own, or because the server belongs to a parent context.
 * Infrastructure, nothing for applications to use.
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
		if (own.length == 0 && isServedByParent()) {
			warn("The server belongs to the parent context", "Declare them there");
		}
		else if (own.length > 0 && this.beanFactory.getBeanNamesForType(AnnotatedServerHandler.class).length == 0) {
			warn("Bean '" + own[0] + "' handles all events", "Remove the bean, or the annotations");
		}
	}

	private boolean isServedByParent() {
		return this.beanFactory.getParentBeanFactory() instanceof ListableBeanFactory parent
				&& this.beanFactory.getBeanNamesForType(SwooleServer.class, true, false).length == 0 && BeanFactoryUtils
					.beanNamesForTypeIncludingAncestors(parent, SwooleServer.class, true, false).length > 0;
	}

	private void warn(String reason, String advice) {
		List<String> unused = new HandlerScanner(this.beanFactory, new PacketFormats(List.of())).describe();
		if (!unused.isEmpty()) {
			logger.warn("{}, so these handlers are never called: {}. {}", reason, String.join(", ", unused), advice);
		}
	}

}
