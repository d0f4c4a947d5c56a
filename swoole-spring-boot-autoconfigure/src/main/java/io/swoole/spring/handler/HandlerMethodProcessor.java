package io.swoole.spring.handler;

import java.util.ArrayList;
import java.util.List;

import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.ServerOptions;
import io.swoole.spring.context.WorkerBeanScope;
import io.swoole.spring.payload.PayloadConverter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Finds all handlers once the beans exist, checks and binds them, and gives them to the
 * {@link AnnotatedServerHandler}. Infrastructure, nothing for applications to use.
 */
public final class HandlerMethodProcessor implements SmartInitializingSingleton {

	private final ConfigurableListableBeanFactory beanFactory;

	private final AnnotatedServerHandler serverHandler;

	private final ObjectProvider<ServerOptions> options;

	private final ObjectProvider<HandlerErrorHandler> errorHandler;

	private final ObjectProvider<WorkerBeanScope> workerScope;

	private final ObjectProvider<PayloadConverter> converters;

	/**
	 * Creates a processor.
	 * @param beanFactory has the beans
	 * @param serverHandler is given the handlers
	 * @param options the settings of the server, which say what handlers there must be
	 * @param errorHandler is told of failures in handlers
	 * @param workerScope has the beans of workers
	 * @param converters the formats of packets
	 */
	public HandlerMethodProcessor(ConfigurableListableBeanFactory beanFactory, AnnotatedServerHandler serverHandler,
			ObjectProvider<ServerOptions> options, ObjectProvider<HandlerErrorHandler> errorHandler,
			ObjectProvider<WorkerBeanScope> workerScope, ObjectProvider<PayloadConverter> converters) {
		this.beanFactory = beanFactory;
		this.serverHandler = serverHandler;
		this.options = options;
		this.errorHandler = errorHandler;
		this.workerScope = workerScope;
		this.converters = converters;
	}

	@Override
	public void afterSingletonsInstantiated() {
		PacketFormats formats = new PacketFormats(this.converters.orderedStream().toList());
		List<HandlerMethod> methods = new HandlerScanner(this.beanFactory, formats).scan();
		HandlerBinder binder = new HandlerBinder(this.beanFactory);
		List<BoundHandler> handlers = new ArrayList<>();
		for (HandlerMethod method : methods) {
			handlers.add(binder.bind(method));
		}
		HandlerRegistry registry = new HandlerRegistry(handlers, new TaskTypes(this.beanFactory::resolveEmbeddedValue));
		this.options.ifAvailable(registry::checkComplete);
		this.serverHandler.initialize(registry, this.errorHandler.getIfAvailable(), this.workerScope.getIfAvailable());
	}

}
