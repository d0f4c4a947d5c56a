package io.swoole.spring.handler;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.stereotype.Component;

/**
 * Reads which events classes and methods are annotated with; annotations may be inherited
 * and meta-annotations.
 */
final class HandlerAnnotations {

	private HandlerAnnotations() {
	}

	/**
	 * The annotated methods of a class and of what it inherits from. {@code @Bean}
	 * methods do not count: their annotations describe the bean.
	 * @param type the class as the user has written it
	 * @return the methods and the events they handle
	 */
	static Map<Method, Collection<HandlerMark>> ofMethods(Class<?> type) {
		return isCandidate(type) ? MethodIntrospector.selectMethods(type, HandlerAnnotations::ofMethod) : Map.of();
	}

	/**
	 * The events a class is annotated with.
	 * @param type the class as the user has written it
	 * @return the events
	 */
	static Collection<HandlerMark> ofClass(Class<?> type) {
		return isCandidate(type) ? HandlerMark.of(annotations(type)) : List.of();
	}

	/**
	 * The events a {@code @Bean} method is annotated with.
	 * @param method the method
	 * @return the events
	 */
	static Collection<HandlerMark> ofFactoryMethod(Method method) {
		return HandlerMark.of(annotations(method));
	}

	private static @Nullable Collection<HandlerMark> ofMethod(Method method) {
		MergedAnnotations annotations = annotations(method);
		Collection<HandlerMark> marks = HandlerMark.of(annotations);
		return (marks.isEmpty() || annotations.isPresent(Bean.class)) ? null : marks;
	}

	private static boolean isCandidate(Class<?> type) {
		return AnnotationUtils.isCandidateClass(type, HandlerEvent.ANNOTATIONS)
				&& (!type.getName().startsWith("org.springframework.") || annotations(type).isPresent(Component.class));
	}

	private static MergedAnnotations annotations(AnnotatedElement element) {
		return MergedAnnotations.from(element, SearchStrategy.TYPE_HIERARCHY);
	}

}
