package io.swoole.spring.handler;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Arrays;

import org.springframework.core.GenericTypeResolver;
import org.springframework.core.ResolvableType;

/**
 * What the types a method is declared with stand for in a bean: its class, or its
 * {@code @Bean} method, says what the type variables are.
 */
final class DeclaredTypes {

	private final ResolvableType owner;

	private final Class<?> beanClass;

	/**
	 * Creates the types of a method.
	 * @param beanType the type of the bean
	 * @param method the method
	 */
	DeclaredTypes(ResolvableType beanType, Method method) {
		this.owner = beanType.as(method.getDeclaringClass());
		this.beanClass = beanType.toClass();
	}

	/**
	 * The class of a type.
	 * @param type a type that the method is declared with
	 * @param erasure what it is if nobody says what its variables are
	 * @return the class
	 */
	Class<?> toClass(Type type, Class<?> erasure) {
		return ResolvableType.forType(type, this.owner).resolve(erasure);
	}

	/**
	 * A type without the type variables of the class.
	 * @param type a type that the method is declared with
	 * @return the type
	 */
	ResolvableType resolve(Type type) {
		// a bean method may know more about the variables than the class
		ResolvableType declared = ResolvableType.forType(type, this.owner);
		return (this.owner.hasGenerics() && isResolvable(declared)) ? withoutVariables(declared)
				: ResolvableType.forType(GenericTypeResolver.resolveType(type, this.beanClass));
	}

	private static boolean isResolvable(ResolvableType type) {
		Class<?> raw = type.resolve();
		if (raw == null) {
			return false;
		}
		return type.isArray() ? isResolvable(type.getComponentType())
				: raw.getTypeParameters().length == 0 || !type.hasUnresolvableGenerics();
	}

	private static ResolvableType withoutVariables(ResolvableType type) {
		if (type.isArray()) {
			return ResolvableType.forArrayComponent(withoutVariables(type.getComponentType()));
		}
		Class<?> raw = type.toClass();
		return (raw.getTypeParameters().length == 0) ? ResolvableType.forClass(raw)
				: ResolvableType.forClassWithGenerics(raw,
						Arrays.stream(type.getGenerics())
							.map(DeclaredTypes::withoutVariables)
							.toArray(ResolvableType[]::new));
	}

}
