package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Takes the value of a parameter from one argument of a callback.
 *
 * @param index the position of the argument among those of the callback
 * @param handle from that argument to the value
 */
record Extractor(int index, MethodHandle handle) {

	static <A> Extractor of(int index, Class<A> argument, Class<?> type,
			Function<A, ? extends @Nullable Object> function) {
		return new Extractor(index,
				bind(Function.class, "apply", Object.class, function).asType(MethodType.methodType(type, argument)));
	}

	/**
	 * What public methods without parameters return, each called on what the one before
	 * has returned. They are called directly: a lambda for each would be a class for
	 * each, made while the application starts.
	 * @param index the position of the argument
	 * @param argument its type
	 * @param methods the names of the methods
	 * @return the extractor; with no names that of the argument itself
	 */
	static Extractor of(int index, Class<?> argument, String... methods) {
		MethodHandle handle = MethodHandles.identity(argument);
		Class<?> type = argument;
		for (int i = 0; i < methods.length; i++) {
			MethodHandle getter = getter(type, methods[i]);
			handle = (i == 0) ? getter : MethodHandles.filterReturnValue(handle, getter);
			type = getter.type().returnType();
		}
		return new Extractor(index, handle);
	}

	private static MethodHandle getter(Class<?> type, String method) {
		try {
			return MethodHandles.publicLookup().unreflect(method(type, method));
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Method method(Class<?> type, String name) {
		try {
			return type.getMethod(name);
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The methods that {@link #of(int, Class, String...)} calls.
	 * @param argument the type of the argument
	 * @param methods the names of the methods
	 * @return the methods
	 */
	static List<Method> methods(Class<?> argument, String... methods) {
		List<Method> found = new ArrayList<>();
		Class<?> type = argument;
		for (String name : methods) {
			Method method = method(type, name);
			found.add(method);
			type = method.getReturnType();
		}
		return found;
	}

	/**
	 * The same value as another type, by a cast or by boxing.
	 * @param type the type of the parameter
	 * @return the extractor
	 */
	Extractor as(Class<?> type) {
		return new Extractor(this.index, this.handle.asType(this.handle.type().changeReturnType(type)));
	}

	Class<?> argumentType() {
		return this.handle.type().parameterType(0);
	}

	private static MethodHandle bind(Class<?> functionType, String method, Class<?> returnType, Object function) {
		try {
			return MethodHandles.publicLookup()
				.findVirtual(functionType, method, MethodType.methodType(returnType, Object.class))
				.bindTo(function);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
