package io.swoole.spring.handler;

import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.core.type.MethodMetadata;

/**
 * Keeps beans with handlers out of lazy initialization: the server calls them, so they
 * are needed from the start. Infrastructure, nothing for applications to use.
 */
public final class HandlerLazyInitializationExcludeFilter implements LazyInitializationExcludeFilter {

	@Override
	public boolean isExcluded(String beanName, BeanDefinition beanDefinition, Class<?> beanType) {
		return isAnnotatedBeanMethod(beanDefinition) || !HandlerAnnotations.ofClass(beanType).isEmpty()
				|| !HandlerAnnotations.ofMethods(beanType).isEmpty();
	}

	private static boolean isAnnotatedBeanMethod(BeanDefinition beanDefinition) {
		MethodMetadata method = (beanDefinition instanceof AnnotatedBeanDefinition annotated)
				? annotated.getFactoryMethodMetadata() : null;
		return method != null
				&& HandlerEvent.ANNOTATIONS.stream().anyMatch((annotation) -> method.isAnnotated(annotation.getName()));
	}

}
