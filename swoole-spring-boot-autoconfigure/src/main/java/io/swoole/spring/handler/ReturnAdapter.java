package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import io.swoole.server.SwooleServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of what methods return what the callbacks of their events can deal with. A method
 * whose values need nothing is left as it is.
 */
final class ReturnAdapter {

	private static final Logger logger = LoggerFactory.getLogger(ReturnAdapter.class);

	private static final MethodHandle TO_REPLY;

	private static final MethodHandle TO_RESULT;

	private static final MethodHandle WATCH;

	static {
		MethodHandles.Lookup lookup = MethodHandles.lookup();
		try {
			MethodType filter = MethodType.methodType(Object.class, Object.class);
			TO_REPLY = lookup.findVirtual(ReplyConversion.class, "convert", filter);
			TO_RESULT = lookup.findStatic(ReturnAdapter.class, "toResult", filter);
			WATCH = lookup.findStatic(ReturnAdapter.class, "watch",
					MethodType.methodType(Object.class, HandlerEvent.class, Object.class, SwooleServer.class));
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private ReturnAdapter() {
	}

	/**
	 * Adapts a method.
	 * @param handler the method as it is planned
	 * @param method takes the arguments of the callback and returns what it is declared
	 * to return
	 * @return takes the same and returns an object
	 */
	static MethodHandle adapt(HandlerMethod handler, MethodHandle method) {
		// that of a proxy may be the method of an interface, which says less
		Class<?> declared = handler.method().getReturnType();
		MethodHandle generic = method.asType(method.type().changeReturnType(Object.class));
		ReplyConversion reply = handler.reply();
		if (reply != null) {
			return MethodHandles.filterReturnValue(generic, TO_REPLY.bindTo(reply));
		}
		return switch (handler.event().returnRule()) {
			case REPLY -> generic;
			case RESULT ->
				LaterValues.needsStage(declared) ? MethodHandles.filterReturnValue(generic, TO_RESULT) : generic;
			case IGNORED -> LaterValues.canBeLater(declared) ? watched(handler.event(), generic) : generic;
		};
	}

	private static @Nullable Object toResult(@Nullable Object value) {
		CompletionStage<?> stage = LaterValues.toStage(value);
		return (stage != null) ? stage : value;
	}

	/** The server is the first argument of all callbacks. */
	private static MethodHandle watched(HandlerEvent event, MethodHandle method) {
		MethodHandle watch = MethodHandles.insertArguments(WATCH, 0, event);
		return MethodHandles.foldArguments(
				MethodHandles.dropArguments(watch, 2, method.type().dropParameterTypes(0, 1).parameterList()), method);
	}

	/** A failure counts as thrown by the callback, whenever it comes. */
	private static @Nullable Object watch(HandlerEvent event, @Nullable Object value, SwooleServer server)
			throws Throwable {
		CompletionStage<?> stage = LaterValues.toStage(value);
		if (stage == null) {
			return null;
		}
		CompletableFuture<?> future = stage.toCompletableFuture();
		if (future.isDone()) {
			LaterValues.get(future);
			return null;
		}
		Executor worker = server.getWorkerExecutor(event.callback());
		stage.whenComplete((result, failure) -> {
			if (failure != null) {
				report(event, worker, failure);
			}
		});
		return null;
	}

	private static void report(HandlerEvent event, Executor worker, Throwable failure) {
		try {
			worker.execute(() -> LaterValues.fail(failure));
		}
		catch (RejectedExecutionException ex) {
			logger.error("What an {} method has returned failed, and no worker could be told", event, failure);
		}
	}

}
