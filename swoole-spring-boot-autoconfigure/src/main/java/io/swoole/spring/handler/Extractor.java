package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

import org.jspecify.annotations.Nullable;

/**
 * Takes the value of a parameter from one argument of a callback.
 *
 * @param index the position of the argument among those of the callback
 * @param handle from that argument to the value
 */
record Extractor(int index, MethodHandle handle) {

	static Extractor argument(int index, Class<?> type) {
		return new Extractor(index, MethodHandles.identity(type));
	}

	static <A> Extractor of(int index, Class<A> argument, Class<?> type,
			Function<A, ? extends @Nullable Object> function) {
		return new Extractor(index,
				bind(Function.class, "apply", Object.class, function).asType(MethodType.methodType(type, argument)));
	}

	static <A> Extractor ofInt(int index, Class<A> argument, ToIntFunction<A> function) {
		return new Extractor(index, bind(ToIntFunction.class, "applyAsInt", int.class, function)
			.asType(MethodType.methodType(int.class, argument)));
	}

	static <A> Extractor ofLong(int index, Class<A> argument, ToLongFunction<A> function) {
		return new Extractor(index, bind(ToLongFunction.class, "applyAsLong", long.class, function)
			.asType(MethodType.methodType(long.class, argument)));
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
