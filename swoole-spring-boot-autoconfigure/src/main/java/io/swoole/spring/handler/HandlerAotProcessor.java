package io.swoole.spring.handler;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;

/**
 * Tells a native image what handlers need by reflection. Nothing is generated: the plan
 * of each handler is made at the start, as without it.
 */
final class HandlerAotProcessor implements BeanFactoryInitializationAotProcessor {

	@Override
	public @Nullable BeanFactoryInitializationAotContribution processAheadOfTime(
			ConfigurableListableBeanFactory beanFactory) {
		if (beanFactory.getBeanNamesForType(HandlerMethodProcessor.class, true, false).length == 0) {
			return null;
		}
		Map<ResolvableType, Map<Method, Collection<HandlerMark>>> handlers = new LinkedHashMap<>();
		new HandlerScanner(beanFactory, new PacketFormats(List.of())).forEachMethods(handlers::put);
		return (generation, code) -> {
			HandlerRuntimeHints hints = new HandlerRuntimeHints(generation.getRuntimeHints().reflection());
			hints.registerCallbacks();
			hints.registerVirtualThreads();
			handlers
				.forEach((type, methods) -> methods.forEach((method, marks) -> hints.register(type, method, marks)));
		};
	}

}
