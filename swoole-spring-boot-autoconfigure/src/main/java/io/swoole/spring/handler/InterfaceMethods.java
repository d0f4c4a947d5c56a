package io.swoole.spring.handler;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Stream;

import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * The methods of interfaces, by which a proxy of interfaces is called.
 */
final class InterfaceMethods {

	private InterfaceMethods() {
	}

	/**
	 * The methods of interfaces that a method implements. One of a generic interface may
	 * have other parameter types.
	 * @param method the method
	 * @param type the class of the bean or of its proxy, which has the interfaces
	 * @return the methods of the interfaces
	 */
	static Stream<Method> implementedBy(Method method, Class<?> type) {
		return Arrays.stream(ClassUtils.getAllInterfacesForClass(type))
			.flatMap((candidate) -> Arrays.stream(candidate.getMethods()))
			.filter((candidate) -> isImplementedBy(method, candidate));
	}

	private static boolean isImplementedBy(Method method, Method candidate) {
		Class<?>[] parameters = method.getParameterTypes();
		if (!candidate.getName().equals(method.getName()) || candidate.getParameterCount() != parameters.length
				|| Modifier.isStatic(candidate.getModifiers())) {
			return false;
		}
		for (int i = 0; i < parameters.length; i++) {
			if (ResolvableType.forMethodParameter(candidate, i, method.getDeclaringClass())
				.toClass() != parameters[i]) {
				return false;
			}
		}
		return true;
	}

}
