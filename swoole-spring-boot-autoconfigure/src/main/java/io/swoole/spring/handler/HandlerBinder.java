package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Supplier;

import org.springframework.aop.SpringProxy;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ReflectionUtils;

/**
 * Turns a planned method and its bean into one method handle, which is called with the
 * arguments of the callback and looks nothing up: every parameter has its extractor, and
 * nothing is boxed or put into arrays.
 */
final class HandlerBinder {

	private final ConfigurableListableBeanFactory beanFactory;

	HandlerBinder(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Binds a method. A singleton is got now and once; a bean of another scope at every
	 * call.
	 * @param handler the planned method
	 * @return the handler
	 * @throws InvalidHandlerException if the bean does not let the method be called
	 */
	BoundHandler bind(HandlerMethod handler) {
		MethodHandle target = target(handler);
		MethodType callback = handler.event().signature().methodType();
		List<Extractor> extractors = handler.extractors();
		MethodHandle[] filters = new MethodHandle[extractors.size()];
		int[] order = new int[filters.length];
		for (int i = 0; i < filters.length; i++) {
			Extractor extractor = extractors.get(i);
			filters[i] = extractor.as(target.type().parameterType(i)).handle();
			order[i] = extractor.index();
		}
		MethodHandle filtered = MethodHandles.filterArguments(target, 0, filters);
		MethodHandle permuted = MethodHandles.permuteArguments(filtered,
				callback.changeReturnType(target.type().returnType()), order);
		return new BoundHandler(handler, ReturnAdapter.adapt(handler, permuted).asType(callback));
	}

	/**
	 * The method with its bean, so that only the parameters are left.
	 */
	private MethodHandle target(HandlerMethod handler) {
		String beanName = handler.beanName();
		if (this.beanFactory.isSingleton(beanName)) {
			Object bean = this.beanFactory.getBean(beanName);
			Method method = invocableMethod(handler, bean.getClass());
			MethodHandle target = unreflect(handler, method);
			return Modifier.isStatic(method.getModifiers()) ? target : target.bindTo(bean);
		}
		Class<?> type = this.beanFactory.getType(beanName);
		Method method = (type != null) ? invocableMethod(handler, type) : handler.method();
		MethodHandle target = unreflect(handler, method);
		if (Modifier.isStatic(method.getModifiers())) {
			return target;
		}
		MethodHandle bean = supplier(() -> this.beanFactory.getBean(beanName))
			.asType(MethodType.methodType(method.getDeclaringClass()));
		return MethodHandles.foldArguments(target, bean);
	}

	private static Method invocableMethod(HandlerMethod handler, Class<?> beanType) {
		Method method = handler.method();
		try {
			Method invocable = AopUtils.selectInvocableMethod(method, beanType);
			if (bypassesProxy(invocable, beanType)) {
				throw new InvalidHandlerException(
						"The %s method %s is final, so the proxy of the bean cannot pass the call on."
							.formatted(handler.event(), handler),
						"Remove 'final' from the method.");
			}
			return invocable;
		}
		catch (IllegalStateException ex) {
			throw new InvalidHandlerException(
					"The %s method %s cannot be called through the proxy of the bean, which is of type %s."
						.formatted(handler.event(), handler, beanType.getName()),
					"Declare the method in an interface the bean implements, or proxy its class instead "
							+ "(spring.aop.proxy-target-class=true, or proxyTargetClass=true where the proxy is asked for).",
					ex);
		}
	}

	private static boolean bypassesProxy(Method method, Class<?> beanType) {
		int modifiers = method.getModifiers();
		return SpringProxy.class.isAssignableFrom(beanType) && !Proxy.isProxyClass(beanType)
				&& Modifier.isFinal(modifiers) && !Modifier.isStatic(modifiers);
	}

	private static MethodHandle unreflect(HandlerMethod handler, Method method) {
		try {
			ReflectionUtils.makeAccessible(method);
			return MethodHandles.lookup().unreflect(method);
		}
		catch (IllegalAccessException | RuntimeException ex) {
			throw new InvalidHandlerException("The %s method %s is not accessible.".formatted(handler.event(), handler),
					"Make it public, or open its package to this library if it is in a named module.", ex);
		}
	}

	private static MethodHandle supplier(Supplier<Object> supplier) {
		try {
			return MethodHandles.publicLookup()
				.findVirtual(Supplier.class, "get", MethodType.methodType(Object.class))
				.bindTo(supplier);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
