package io.swoole.spring.handler;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * Values that handlers return before they are there: {@link CompletionStage} and, with
 * Reactor on the path, {@code Mono}.
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
		if (isLater(type)) {
			return true;
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
		return adapter == null && !Future.class.isAssignableFrom(type);
	}

	/**
	 * Whether values of a type always come later.
	 * @param type the type
	 * @return {@code true} if so
	 */
	static boolean isLater(Class<?> type) {
		return CompletionStage.class.isAssignableFrom(type) || isMono(type);
	}

	/**
	 * Whether values of a type come later, or may turn out to.
	 * @param type the type, {@code Object} also stands for a type variable
	 * @return {@code true} if so
	 */
	static boolean canBeLater(Class<?> type) {
		return isLater(type) || type == Object.class;
	}

	/**
	 * Whether values of a type may turn out to come later in a way the server does not
	 * know.
	 * @param type the type
	 * @return {@code true} for {@code Mono} and for everything that may be one
	 */
	static boolean needsStage(Class<?> type) {
		return isMono(type) || (REACTOR && type == Object.class);
	}

	private static boolean isMono(Class<?> type) {
		return REACTOR && Reactor.isMono(type);
	}

	/**
	 * The type of the values that come later.
	 * @param type the type a handler returns
	 * @return the type it stands for, which may be unresolvable; the same type if the
	 * value does not come later
	 */
	static ResolvableType valueType(ResolvableType type) {
		Class<?> raw = type.toClass();
		if (CompletionStage.class.isAssignableFrom(raw)) {
			return type.as(CompletionStage.class).getGeneric(0);
		}
		return isMono(raw) ? Reactor.valueType(type) : type;
	}

	/**
	 * Lets the server await a value, if it comes later.
	 * @param value what a handler has returned
	 * @return what completes with the value, {@code null} if that is there already
	 */
	static @Nullable CompletionStage<?> toStage(@Nullable Object value) {
		if (value instanceof CompletionStage<?> stage) {
			return stage;
		}
		return (value != null && REACTOR) ? Reactor.toStage(value) : null;
	}

	/**
	 * The value of something that is done.
	 * @param future what is done
	 * @return the value
	 * @throws Throwable what it has failed with
	 */
	static @Nullable Object get(CompletableFuture<?> future) throws Throwable {
		try {
			return future.join();
		}
		catch (CompletionException ex) {
			throw cause(ex);
		}
	}

	/**
	 * Throws what something has failed with, as it was thrown.
	 * @param failure the failure
	 */
	static void fail(Throwable failure) {
		throw AnnotatedServerHandler.asIs(cause(failure));
	}

	private static Throwable cause(Throwable failure) {
		Throwable cause = (failure instanceof CompletionException) ? failure.getCause() : null;
		return (cause != null) ? cause : failure;
	}

	/**
	 * What needs Reactor to be loaded.
	 */
	private static final class Reactor {

		static boolean isMono(Class<?> type) {
			return Mono.class.isAssignableFrom(type);
		}

		static ResolvableType valueType(ResolvableType type) {
			return type.as(Mono.class).getGeneric(0);
		}

		static @Nullable CompletionStage<?> toStage(Object value) {
			return (value instanceof Mono<?> mono) ? mono.toFuture() : null;
		}

	}

}
