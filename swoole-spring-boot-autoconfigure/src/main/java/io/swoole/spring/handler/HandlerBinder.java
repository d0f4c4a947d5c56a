package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import org.springframework.aop.SpringProxy;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;
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
		Class<?> type = this.beanFactory.isPrototype(beanName) ? typeOfInstance(beanName)
				: this.beanFactory.getType(beanName);
		Method method = (type != null) ? invocableMethod(handler, type) : handler.method();
		MethodHandle target = unreflect(handler, method);
		if (Modifier.isStatic(method.getModifiers())) {
			return target;
		}
		MethodHandle bean = supplier(() -> this.beanFactory.getBean(beanName))
			.asType(MethodType.methodType(method.getDeclaringClass()));
		return MethodHandles.foldArguments(target, bean);
	}

	/**
	 * The type of an instance that is made for this purpose only: whether prototypes have
	 * a proxy, and which, is not known before.
	 */
	private Class<?> typeOfInstance(String beanName) {
		Object bean = this.beanFactory.getBean(beanName);
		Object target = AopProxyUtils.getSingletonTarget(bean);
		this.beanFactory.destroyBean(beanName, (target != null) ? target : bean);
		return bean.getClass();
	}

	private static Method invocableMethod(HandlerMethod handler, Class<?> beanType) {
		Method method;
		try {
			method = AopUtils.selectInvocableMethod(handler.method(), beanType);
		}
		catch (IllegalStateException ex) {
			// that of a generic interface has other parameter types
			Optional<Method> generic = InterfaceMethods.implementedBy(handler.method(), beanType).findFirst();
			if (generic.isPresent()) {
				return generic.get();
			}
			throw new InvalidHandlerException(
					"The %s method %s cannot be called through the proxy of the bean, which is of type %s."
						.formatted(handler.event(), handler, beanType.getName()),
					"Declare the method in an interface the bean implements, or proxy its class instead "
							+ "(spring.aop.proxy-target-class=true, or proxyTargetClass=true where the proxy is asked for).",
					ex);
		}
		checkProxyOverrides(handler, method, beanType);
		return method;
	}

	/**
	 * A method that the proxy of a class does not override would be executed by the
	 * proxy, which has none of the fields of the bean.
	 */
	private static void checkProxyOverrides(HandlerMethod handler, Method method, Class<?> beanType) {
		int modifiers = method.getModifiers();
		if (!SpringProxy.class.isAssignableFrom(beanType) || Proxy.isProxyClass(beanType)
				|| Modifier.isStatic(modifiers)) {
			return;
		}
		if (Modifier.isFinal(modifiers)) {
			throw handler.invalid("is final, so the proxy of the bean cannot pass the call on.",
					"Remove 'final' from the method.");
		}
		Class<?> beanClass = ClassUtils.getUserClass(beanType);
		if (!Modifier.isPublic(modifiers) && !Modifier.isProtected(modifiers)
				&& !isSamePackage(method.getDeclaringClass(), beanClass)) {
			throw handler.invalid(
					"is package-private in another package than the class of the bean, %s, so its proxy cannot pass the call on."
						.formatted(beanClass.getName()),
					"Make the method protected or public.");
		}
	}

	/** Packages of two class loaders are not the same. */
	private static boolean isSamePackage(Class<?> one, Class<?> other) {
		return one.getPackageName().equals(other.getPackageName()) && one.getClassLoader() == other.getClassLoader();
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
