package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * All handlers of an application; immutable.
 */
final class HandlerRegistry {

	/** The name of the listener that has no other. */
	private static final String MAIN = "main";

	/**
	 * One for each event that has at most one handler; per listener if it has several.
	 */
	private final @Nullable MethodHandle[] handles;

	/** Those for listeners with handlers of their own. */
	private final Map<String, @Nullable MethodHandle[]> ofListeners = new TreeMap<>();

	private final List<HandlerMethod> methods;

	private final Map<HandlerEvent, PayloadRouter> routers;

	private final Map<MethodHandle, TaskType> taskTypes;

	/**
	 * Creates a registry.
	 * @param handlers the handlers
	 * @param taskTypes makes types of the handlers of tasks
	 * @throws InvalidHandlerException if two handlers are for the same thing
	 */
	HandlerRegistry(Collection<BoundHandler> handlers, TaskTypes taskTypes) {
		List<HandlerMethod> methods = new ArrayList<>();
		Map<HandlerEvent, List<BoundHandler>> byEvent = new EnumMap<>(HandlerEvent.class);
		for (BoundHandler handler : handlers) {
			methods.add(handler.method());
			byEvent.computeIfAbsent(handler.method().event(), (key) -> new ArrayList<>()).add(handler);
		}
		this.methods = List.copyOf(methods);
		byEvent.forEach(HandlerRegistry::checkDistinct);
		this.handles = handles(byEvent, "", MAIN);
		for (HandlerMethod method : methods) {
			String port = method.port();
			if (!port.isEmpty() && !this.ofListeners.containsKey(port)) {
				this.ofListeners.put(port, handles(byEvent, port, "", MAIN));
			}
		}
		this.routers = new EnumMap<>(HandlerEvent.class);
		for (HandlerEvent event : HandlerEvent.values()) {
			if (event.isRoutedByPayload()) {
				this.routers.put(event, new PayloadRouter(byEvent.getOrDefault(event, List.of())));
			}
		}
		this.taskTypes = new IdentityHashMap<>();
		for (BoundHandler handler : byEvent.getOrDefault(HandlerEvent.TASK, List.of())) {
			this.taskTypes.put(handler.handle(), taskTypes.of(handler));
		}
	}

	private HandlerRegistry(HandlerRegistry all, @Nullable MethodHandle[] handles) {
		this.handles = handles;
		this.methods = all.methods;
		this.routers = all.routers;
		this.taskTypes = all.taskTypes;
	}

	/** For every event the handler for the first of some listeners that has one. */
	private static @Nullable MethodHandle[] handles(Map<HandlerEvent, List<BoundHandler>> handlers, String... ports) {
		@Nullable MethodHandle[] handles = new @Nullable MethodHandle[HandlerEvent.values().length];
		handlers.forEach((event, ofEvent) -> {
			for (int i = ports.length - 1; i >= 0; i--) {
				for (BoundHandler handler : ofEvent) {
					if (!event.isPerListener() || handler.method().port().equals(ports[i])) {
						handles[event.ordinal()] = handler.handle();
						break;
					}
				}
			}
		});
		return handles;
	}

	private static void checkDistinct(HandlerEvent event, List<BoundHandler> handlers) {
		for (int i = 0; i < handlers.size(); i++) {
			for (int j = i + 1; j < handlers.size(); j++) {
				HandlerMethod first = handlers.get(i).method();
				HandlerMethod second = handlers.get(j).method();
				if (!event.isRoutedByPayload() && first.port().equals(second.port())) {
					throw twoFor(event, first, second);
				}
				if (event.isRoutedByPayload() && first.payloadType() == second.payloadType()) {
					throw new InvalidHandlerException(
							"There are two %s methods for payloads of type %s: %s and %s.".formatted(event,
									first.payloadType().getName(), first, second),
							"Remove one of them, or let them take payloads of different types.");
				}
			}
		}
	}

	private static InvalidHandlerException twoFor(HandlerEvent event, HandlerMethod first, HandlerMethod second) {
		String listener = first.port().isEmpty() ? "" : " for listener '" + first.port() + "'";
		return new InvalidHandlerException(
				"There are two %s methods%s: %s and %s.".formatted(event, listener, first, second),
				event.isPerListener() ? "Remove one of them, or set 'port' of one to the name of another listener."
						: "Remove one of them.");
	}

	/**
	 * Checks that there is a handler for everything the server will call.
	 * @param options the settings of the server
	 * @throws InvalidHandlerException if one is missing
	 */
	void checkComplete(ServerOptions options) {
		checkListeners(options.listeners().stream().map(ListenerOptions::name).toList());
		options.listeners().forEach(this::checkComplete);
		if (options.taskWorkerNum() > 0 && handle(HandlerEvent.TASK) == null) {
			throw new InvalidHandlerException(
					"The server has %d task workers, but no bean has an @OnTask method for them to call."
						.formatted(options.taskWorkerNum()),
					"Add a method annotated with @OnTask to a bean, or remove swoole.server.task-worker-num.");
		}
	}

	private void checkListeners(List<String> names) {
		for (HandlerMethod method : this.methods) {
			if (!method.port().isEmpty() && !names.contains(method.port())) {
				throw new InvalidHandlerException(
						"The %s method %s is for listener '%s', which does not exist; listeners are %s."
							.formatted(method.event(), method, method.port(), String.join(", ", names)),
						"Correct 'port', or add a listener with this name to swoole.server.listeners.");
			}
		}
	}

	private void checkComplete(ListenerOptions listener) {
		HandlerEvent event = listener.type().isDatagram() ? HandlerEvent.PACKET : HandlerEvent.RECEIVE;
		if (forListener(listener.name()).handle(event) != null) {
			checkFraming(listener);
			return;
		}
		String name = MAIN.equals(listener.name()) ? "The server" : "Listener '" + listener.name() + "'";
		String address = listener.type().isUnix() ? listener.host() : listener.host() + ":" + listener.port();
		throw new InvalidHandlerException(
				"%s listens on %s, but no bean has an %s method to handle what clients send.".formatted(name, address,
						event),
				"Add a method annotated with %s to a bean, such as 'String %s(String data)', ".formatted(event,
						(event == HandlerEvent.PACKET) ? "packet" : "receive")
						+ (MAIN.equals(listener.name()) ? "or set swoole.server.enabled to false."
								: "or remove the listener."));
	}

	/** JSON has no place for what is stripped, and needs to be whole. */
	private void checkFraming(ListenerOptions listener) {
		if (listener.type().isDatagram() || listener.packageStrip()) {
			return;
		}
		HandlerMethod method = receiver(listener.name());
		if (method != null && method.json()) {
			throw method.invalid(
					"takes JSON, but listener '%s' does not hand out packets without header or terminator."
						.formatted(listener.name()),
					"Set open-eof-split or open-length-check, which say where a packet ends, and package-strip"
							+ " to true; or take the packet as String or byte[] and read it yourself.");
		}
	}

	private @Nullable HandlerMethod receiver(String listener) {
		for (String port : List.of(listener, "", MAIN)) {
			for (HandlerMethod method : this.methods) {
				if (method.event() == HandlerEvent.RECEIVE && method.port().equals(port)) {
					return method;
				}
			}
		}
		return null;
	}

	/**
	 * Whether there is a handler of an event, for whatever listener.
	 * @param event the event
	 * @return {@code true} if there is one
	 */
	boolean has(HandlerEvent event) {
		for (HandlerMethod method : this.methods) {
			if (method.event() == event) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The handlers of a listener.
	 * @param listener its name
	 * @return its own handlers, for other events those of all listeners
	 */
	HandlerRegistry forListener(String listener) {
		@Nullable MethodHandle[] own = this.ofListeners.get(listener);
		return (own != null) ? new HandlerRegistry(this, own) : this;
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
