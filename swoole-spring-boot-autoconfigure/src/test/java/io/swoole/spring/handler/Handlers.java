package io.swoole.spring.handler;

import java.util.function.Consumer;

import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.ServerOptions;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Makes an {@link AnnotatedServerHandler} of beans, without a server.
 */
final class Handlers {

	private Handlers() {
	}

	/**
	 * Makes a handler of bean or configuration classes.
	 * @param types the classes
	 * @return the handler
	 */
	static AnnotatedServerHandler of(Class<?>... types) {
		return context((context) -> {
		}, types).getBean(AnnotatedServerHandler.class);
	}

	static GenericApplicationContext context(Consumer<GenericApplicationContext> initializer, Class<?>... types) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(AnnotatedServerHandler.class);
		context.registerBean(HandlerMethodProcessor.class,
				() -> new HandlerMethodProcessor(context.getBeanFactory(),
						context.getBean(AnnotatedServerHandler.class), context.getBeanProvider(ServerOptions.class),
						context.getBeanProvider(HandlerErrorHandler.class)));
		initializer.accept(context);
		if (types.length > 0) {
			context.register(types);
		}
		context.refresh();
		return context;
	}

}
