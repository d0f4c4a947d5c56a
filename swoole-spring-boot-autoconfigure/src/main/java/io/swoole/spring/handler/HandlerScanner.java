package io.swoole.spring.handler;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;

/**
 * Finds the handlers among the types of all beans, without creating any.
 */
final class HandlerScanner {

	private static final Logger logger = LoggerFactory.getLogger(HandlerScanner.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final PacketFormats formats;

	HandlerScanner(ConfigurableListableBeanFactory beanFactory, PacketFormats formats) {
		this.beanFactory = beanFactory;
		this.formats = formats;
	}

	/**
	 * Finds and plans all handlers.
	 * @return the handlers
	 * @throws InvalidHandlerException if one of them cannot handle its event
	 */
	List<HandlerMethod> scan() {
		List<HandlerMethod> handlers = new ArrayList<>();
		forEachType((beanName, type) -> {
			addMethods(beanName, type, handlers);
			addFunctions(beanName, type, handlers);
		});
		return handlers;
	}

	/**
	 * Finds all handlers and only names them, whether they can handle their events or
	 * not.
	 * @return such as {@code @OnReceive Echo.receive}
	 */
	List<String> describe() {
		List<String> handlers = new ArrayList<>();
		forEachType((beanName, type) -> {
			annotatedMethods(beanName, type).forEach((method, marks) -> marks
				.forEach((mark) -> handlers.add(mark.event() + " " + type.getSimpleName() + "." + method.getName())));
			marksOfBean(definition(beanName), type)
				.forEach((mark, annotated) -> handlers.add(mark.event() + " bean '" + beanName + "'"));
		});
		return handlers;
	}

	/**
	 * Finds all annotated methods, whether they can handle their events or not.
	 * @param consumer is given the type of each bean that has some, and these with their
	 * marks
	 */
	void forEachMethods(BiConsumer<ResolvableType, Map<Method, Collection<HandlerMark>>> consumer) {
		forEachType((beanName, type) -> {
			Map<Method, Collection<HandlerMark>> methods = annotatedMethods(beanName, type);
			if (!methods.isEmpty()) {
				consumer.accept(genericType(definition(beanName), type, type), methods);
			}
		});
	}

	private void forEachType(BiConsumer<String, Class<?>> consumer) {
		for (String beanName : this.beanFactory.getBeanNamesForType(Object.class)) {
			if (!ScopedProxyUtils.isScopedTarget(beanName)) {
				Class<?> type = userType(beanName);
				if (type != null) {
					consumer.accept(beanName, type);
				}
			}
		}
	}

	/**
	 * The class behind any proxy.
	 */
	private @Nullable Class<?> userType(String beanName) {
		try {
			Class<?> type = AutoProxyUtils.determineTargetClass(this.beanFactory, beanName);
			if (type != null && ScopedObject.class.isAssignableFrom(type)) {
				Class<?> target = AutoProxyUtils.determineTargetClass(this.beanFactory,
						ScopedProxyUtils.getTargetBeanName(beanName));
				return (target != null) ? target : type;
			}
			return type;
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Bean '{}' is not searched for handlers as its type is not known", beanName, ex);
			return null;
		}
	}

	private void addMethods(String beanName, Class<?> type, List<HandlerMethod> handlers) {
		Map<Method, Collection<HandlerMark>> methods = annotatedMethods(beanName, type);
		if (methods.isEmpty()) {
			return;
		}
		ResolvableType beanType = genericType(definition(beanName), type, type);
		methods.forEach((method, marks) -> marks.forEach((mark) -> handlers
			.add(HandlerMethod.of(resolve(mark), beanName, beanType, method, method, this.formats))));
	}

	/** The name of a listener may be a placeholder. */
	private HandlerMark resolve(HandlerMark mark) {
		String port = this.beanFactory.resolveEmbeddedValue(mark.port());
		return new HandlerMark(mark.event(), (port != null) ? port : "");
	}

	private static Map<Method, Collection<HandlerMark>> annotatedMethods(String beanName, Class<?> type) {
		try {
			return HandlerAnnotations.ofMethods(type);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Bean '{}' is not searched for handlers as its methods cannot be read", beanName, ex);
			return Map.of();
		}
	}

	private void addFunctions(String beanName, Class<?> type, List<HandlerMethod> handlers) {
		RootBeanDefinition definition = definition(beanName);
		marksOfBean(definition, type).forEach((mark, annotated) -> {
			HandlerEvent event = mark.event();
			Class<?> function = event.functionalInterface();
			if (function == null) {
				throw new InvalidHandlerException(
						"%s stands on bean '%s', but can only stand on a method that handles the event."
							.formatted(event, beanName),
						"Move it to a method of the bean.");
			}
			if (!function.isAssignableFrom(type)) {
				throw new InvalidHandlerException(
						"%s stands on bean '%s' of type %s, which is no %s.".formatted(event, beanName, type.getName(),
								function.getSimpleName()),
						"Implement %s, or move the annotation to a method of the bean.".formatted(function.getName()));
			}
			handlers.add(HandlerMethod.of(resolve(mark), beanName, genericType(definition, type, function),
					functionMethod(function), annotated, this.formats));
		});
	}

	/** The events the class or the factory method of a bean is annotated with. */
	private static Map<HandlerMark, AnnotatedElement> marksOfBean(@Nullable RootBeanDefinition definition,
			Class<?> type) {
		Map<HandlerMark, AnnotatedElement> marks = new LinkedHashMap<>();
		HandlerAnnotations.ofClass(type).forEach((mark) -> marks.put(mark, type));
		Method factoryMethod = (definition != null) ? definition.getResolvedFactoryMethod() : null;
		if (factoryMethod != null) {
			HandlerAnnotations.ofFactoryMethod(factoryMethod).forEach((mark) -> marks.put(mark, factoryMethod));
		}
		return marks;
	}

	private @Nullable RootBeanDefinition definition(String beanName) {
		return (this.beanFactory.containsBeanDefinition(beanName)
				&& this.beanFactory.getMergedBeanDefinition(beanName) instanceof RootBeanDefinition definition)
						? definition : null;
	}

	/**
	 * The type that says most about the type arguments of a class, or of an interface of
	 * it: what the bean method declares, or the class.
	 */
	private static ResolvableType genericType(@Nullable RootBeanDefinition definition, Class<?> type,
			Class<?> generic) {
		ResolvableType declared = (definition != null) ? definition.getResolvableType().as(generic)
				: ResolvableType.NONE;
		return (declared != ResolvableType.NONE && !declared.hasUnresolvableGenerics()) ? declared
				: ResolvableType.forClass(type).as(generic);
	}

	private static Method functionMethod(Class<?> function) {
		return Arrays.stream(function.getMethods())
			.filter((method) -> Modifier.isAbstract(method.getModifiers()))
			.findFirst()
			.orElseThrow();
	}

}
