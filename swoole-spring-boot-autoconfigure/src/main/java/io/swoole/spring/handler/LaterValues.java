package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.util.ClassUtils;

/**
 * Values that handlers return before they are there. The server knows
 * {@link CompletionStage}; with Reactor on the path there is {@code Mono} as well.
 */
final class LaterValues {

	private static final boolean REACTOR = ClassUtils.isPresent("reactor.core.publisher.Mono",
			LaterValues.class.getClassLoader());

	private LaterValues() {
	}

	/**
	 * Whether a handler can return a type, as a value that is there or comes later.
	 * @param type the type
	 * @return {@code false} for other futures, and for several values that come later
	 */
	static boolean allows(Class<?> type) {
		if (CompletionStage.class.isAssignableFrom(type) || isMono(type)) {
			return true;
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
		return adapter == null && !Future.class.isAssignableFrom(type);
	}

	private static boolean isMono(Class<?> type) {
		return REACTOR && Reactor.isMono(type);
	}

	/**
	 * Lets a method return what the server knows.
	 * @param method the method
	 * @return a method that returns a {@link CompletionStage} in the place of other
	 * values that come later
	 */
	static MethodHandle adapt(MethodHandle method) {
		return isMono(method.type().returnType()) ? Reactor.adapt(method) : method;
	}

	/**
	 * What needs Reactor to be loaded.
	 */
	private static final class Reactor {

		static boolean isMono(Class<?> type) {
			return Mono.class.isAssignableFrom(type);
		}

		static MethodHandle adapt(MethodHandle method) {
			try {
				MethodHandle toStage = MethodHandles.lookup()
					.findStatic(Reactor.class, "toStage", MethodType.methodType(CompletionStage.class, Mono.class));
				return MethodHandles.filterReturnValue(method.asType(method.type().changeReturnType(Mono.class)),
						toStage);
			}
			catch (ReflectiveOperationException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private static @Nullable CompletionStage<?> toStage(@Nullable Mono<?> mono) {
			return (mono != null) ? mono.toFuture() : null;
		}

	}

}
