package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.util.Collection;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import io.swoole.server.ServerOptions;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * All handlers of an application; immutable.
 */
final class HandlerRegistry {

	private final @Nullable MethodHandle[] handles = new @Nullable MethodHandle[HandlerEvent.values().length];

	private final Map<HandlerEvent, PayloadRouter> routers = new EnumMap<>(HandlerEvent.class);

	private final Map<MethodHandle, TaskType> taskTypes = new IdentityHashMap<>();

	/**
	 * Creates a registry.
	 * @param handlers the handlers
	 * @param taskTypes makes types of the handlers of tasks
	 * @throws InvalidHandlerException if two handlers are for the same thing
	 */
	HandlerRegistry(Collection<BoundHandler> handlers, TaskTypes taskTypes) {
		Map<HandlerEvent, List<BoundHandler>> byEvent = handlers.stream()
			.collect(Collectors.groupingBy((handler) -> handler.method().event()));
		byEvent.forEach((event, ofEvent) -> {
			checkDistinct(event, ofEvent);
			this.handles[event.ordinal()] = ofEvent.get(0).handle();
		});
		for (HandlerEvent event : HandlerEvent.values()) {
			if (event.isRoutedByPayload()) {
				this.routers.put(event, new PayloadRouter(byEvent.getOrDefault(event, List.of())));
			}
		}
		byEvent.getOrDefault(HandlerEvent.TASK, List.of())
			.forEach((handler) -> this.taskTypes.put(handler.handle(), taskTypes.of(handler)));
	}

	private static void checkDistinct(HandlerEvent event, List<BoundHandler> handlers) {
		for (int i = 0; i < handlers.size(); i++) {
			for (int j = i + 1; j < handlers.size(); j++) {
				HandlerMethod first = handlers.get(i).method();
				HandlerMethod second = handlers.get(j).method();
				if (!event.isRoutedByPayload()) {
					throw new InvalidHandlerException(
							"There are two %s methods: %s and %s.".formatted(event, first, second),
							"Remove one of them.");
				}
				if (first.payloadType() == second.payloadType()) {
					throw new InvalidHandlerException(
							"There are two %s methods for payloads of type %s: %s and %s.".formatted(event,
									first.payloadType().getName(), first, second),
							"Remove one of them, or let them take payloads of different types.");
				}
			}
		}
	}

	/**
	 * Checks that there is a handler for everything the server will call.
	 * @param options the settings of the server
	 * @throws InvalidHandlerException if one is missing
	 */
	void checkComplete(ServerOptions options) {
		if (handle(HandlerEvent.RECEIVE) == null) {
			throw new InvalidHandlerException(
					"The server listens on %s:%d, but no bean has an @OnReceive method to handle what clients send."
						.formatted(options.listeners().get(0).host(), options.listeners().get(0).port()),
					"Add a method annotated with @OnReceive to a bean, such as 'String receive(String data)', "
							+ "or set swoole.server.enabled to false.");
		}
		if (options.taskWorkerNum() > 0 && handle(HandlerEvent.TASK) == null) {
			throw new InvalidHandlerException(
					"The server has %d task workers, but no bean has an @OnTask method for them to call."
						.formatted(options.taskWorkerNum()),
					"Add a method annotated with @OnTask to a bean, or remove swoole.server.task-worker-num.");
		}
	}

	/**
	 * The handler of an event that has at most one.
	 * @param event the event
	 * @return what to call with the arguments of the callback, {@code null} if there is
	 * no handler
	 */
	@Nullable MethodHandle handle(HandlerEvent event) {
		return this.handles[event.ordinal()];
	}

	/**
	 * The type of tasks with such a payload.
	 * @param payload the class of the payload
	 * @return the type, the same for all payloads a method takes; {@code null} if none
	 * takes it
	 * @throws AmbiguousPayloadException if several methods take it and none of them is
	 * the most specific
	 */
	@Nullable TaskType taskType(Class<?> payload) {
		MethodHandle handle = router(HandlerEvent.TASK).findByType(payload);
		return (handle != null) ? this.taskTypes.get(handle) : null;
	}

	/**
	 * Finds the handlers of an event that are told apart by their payloads.
	 * @param event the event
	 * @return the router
	 */
	PayloadRouter router(HandlerEvent event) {
		return Objects.requireNonNull(this.routers.get(event));
	}

}
