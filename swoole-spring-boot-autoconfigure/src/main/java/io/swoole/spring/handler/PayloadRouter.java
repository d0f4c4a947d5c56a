package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import org.jspecify.annotations.Nullable;

/**
 * Finds the handler for a payload by its type. The most specific parameter type wins; a
 * class comes before interfaces. What was found is remembered per class of payload.
 */
final class PayloadRouter {

	private final List<BoundHandler> handlers;

	private final Optional<MethodHandle> nullHandler;

	private final ConcurrentMap<Class<?>, Optional<MethodHandle>> byPayload = new ConcurrentHashMap<>();

	/**
	 * Creates a router.
	 * @param handlers handlers of one event, all with different payload types
	 */
	PayloadRouter(List<BoundHandler> handlers) {
		this.handlers = handlers;
		this.nullHandler = handlers.stream()
			.filter((handler) -> handlers.size() == 1 || type(handler) == Object.class)
			.map(BoundHandler::handle)
			.findAny();
	}

	/**
	 * Finds the handler for a payload.
	 * @param payload the payload
	 * @return the handler, or {@code null} if none takes it
	 * @throws AmbiguousPayloadException if several take it and none of them is the most
	 * specific
	 */
	@Nullable MethodHandle find(@Nullable Object payload) {
		return (payload != null) ? findByType(payload.getClass()) : this.nullHandler.orElse(null);
	}

	/**
	 * Finds the handler for payloads of a class.
	 * @param type the class
	 * @return the handler, or {@code null} if none takes them
	 * @throws AmbiguousPayloadException if several take them and none of them is the most
	 * specific
	 */
	@Nullable MethodHandle findByType(Class<?> type) {
		Optional<MethodHandle> known = this.byPayload.get(type);
		return ((known != null) ? known : this.byPayload.computeIfAbsent(type, this::search)).orElse(null);
	}

	private Optional<MethodHandle> search(Class<?> payloadType) {
		List<BoundHandler> matching = this.handlers.stream()
			.filter((handler) -> type(handler).isAssignableFrom(payloadType))
			.toList();
		List<BoundHandler> best = matching.stream()
			.filter((handler) -> matching.stream().noneMatch((other) -> isMoreSpecific(type(other), type(handler))))
			.toList();
		if (best.size() > 1) {
			throw new AmbiguousPayloadException(payloadType, best);
		}
		return best.stream().map(BoundHandler::handle).findFirst();
	}

	private static boolean isMoreSpecific(Class<?> type, Class<?> other) {
		return type != other && type != Object.class
				&& (other.isAssignableFrom(type) || (!type.isInterface() && other.isInterface()));
	}

	private static Class<?> type(BoundHandler handler) {
		return handler.method().payloadType();
	}

}
